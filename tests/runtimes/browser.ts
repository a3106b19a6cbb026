/** Drivers of browsers: each visits a page of its own that examines netkin and posts what it found. */
import type { OutgoingHttpHeaders } from 'node:http';
import type { Browser } from 'playwright';
import { type Driver, inTime } from './driver.js';
import type { PageReport } from './inside/start.js';
import { openSite } from './site.js';

/** A browser that has been sent to the page. Disposing of it ends the browser. */
export interface Visitor extends AsyncDisposable {
  readonly version: string;
}

export function browserDriver(
  name: string,
  headers: OutgoingHttpHeaders,
  visit: (address: string) => Promise<Visitor>,
): Driver {
  return {
    name,
    async run() {
      await using site = await openSite(headers);
      await using visitor = await visit(site.address);
      const posted = await inTime(`The page in ${name} did not answer`, site.posted);
      const report = JSON.parse(posted) as PageReport;
      if ('failure' in report) throw new Error(`The page in ${name} failed: ${report.failure}`);
      return { ...report.examination, version: visitor.version, faults: report.faults };
    },
  };
}

export function playwrightVisit(launch: () => Promise<Browser>): (address: string) => Promise<Visitor> {
  return async (address) => {
    const browser = await launch();
    const page = await browser.newPage();
    await page.goto(address);
    return { version: browser.version(), [Symbol.asyncDispose]: () => browser.close() };
  };
}
