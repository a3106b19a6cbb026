/** Drivers of browsers: each visits a page of its own that examines netkin and posts what it found. */
import type { OutgoingHttpHeaders } from 'node:http';
import type { Browser } from 'playwright';
import { type Driver, type Home, inTime } from './driver.js';
import type { PageReport } from './inside/start.js';
import { openSite } from './site.js';

/**
 * Sends a browser to the address and ends it when `until` settles, or rejects where it ends before.
 * @returns the browser's version
 */
export type Visit = (address: string, until: Promise<unknown>) => Promise<string>;

export function browserDriver(
  name: string,
  headers: OutgoingHttpHeaders,
  visit: Visit,
  home: Home = 'worker',
): Driver {
  return {
    name,
    async run() {
      await using site = await openSite(headers);
      const posted = inTime(`The page in ${name} did not answer`, site.posted);
      const version = await visit(`${site.address}?${home}`, posted);
      const report = JSON.parse(await posted) as PageReport;
      if ('failure' in report) throw new Error(`The page in ${name} failed: ${report.failure}`);
      return { ...report.examination, version, faults: report.faults };
    },
  };
}

export function playwrightVisit(launch: () => Promise<Browser>): Visit {
  return async (address, until) => {
    const browser = await launch();
    try {
      const page = await browser.newPage();
      const broken = new Promise<never>((_, reject) => {
        page.once('crash', () => reject(new Error('The page crashed.')));
        browser.once('disconnected', () => reject(new Error('The browser ended.')));
      });
      await Promise.race([page.goto(address).then(() => until), broken]);
      return browser.version();
    } finally {
      await browser.close();
    }
  };
}
