/** Real browsers: workers killed, tabs closed, calls stopped, engines that come and go; the page is never blocked. */

import { readFileSync } from 'node:fs';
import { join } from 'node:path';
import type { Browser, Page } from 'playwright';
import { afterAll, beforeAll, describe, expect, test } from 'vitest';
import { root } from '../package/installed.js';
import { type Served, STRICT, serve } from '../package/serving.js';
import { launchChromium } from '../playwright/chromium.js';
import { launchFirefox } from '../playwright/firefox.js';
import { ISOLATED } from '../runtimes/site.js';

let site: Served;
/** The same, whose pages may share memory. */
let isolated: Served;

beforeAll(async () => {
  const page = readFileSync(join(root, 'tests/reliability/page.js'), 'utf8');
  const pages = {
    'index.html': '<!doctype html><script type="module" src="page.js"></script>',
    'page.js': page,
  };
  const folders = [join(root, 'dist'), join(root, 'examples')];
  site = await serve(folders, pages);
  isolated = await serve(folders, pages, { ...STRICT, ...ISOLATED });
});
afterAll(async () => {
  await site?.[Symbol.asyncDispose]();
  await isolated?.[Symbol.asyncDispose]();
});

/** What a trial on a new page of the browser gives. */
async function trial<Result>(page: Page, name: string, ...given: unknown[]): Promise<Result> {
  return (await page.evaluate(
    ([name, given]) =>
      (globalThis as unknown as { trials: Record<string, (...given: unknown[]) => Promise<unknown>> }).trials[
        name
      ](...given),
    [name, given] as const,
  )) as Result;
}

async function visited(browser: Browser, { address } = site): Promise<Page> {
  const page = await browser.newPage();
  await page.goto(address);
  await page.waitForFunction(() => 'trials' in globalThis);
  return page;
}

describe.each([
  ['Chromium', launchChromium, 100],
  ['Firefox', launchFirefox, 30],
] as const)('in %s', (_, launch, rounds) => {
  let browser: Browser;
  beforeAll(async () => {
    browser = await launch();
  });
  afterAll(() => browser?.close());

  test('calls to a worker that is killed end with the reason, and another engine can be opened', async () => {
    const page = await visited(browser);
    expect(await trial(page, 'killed')).toEqual({
      codes: ['worker', 'worker', 'worker'],
      later: 'worker',
      again: 40,
    });
    await page.close();
  });

  test('calls are stopped at random times: one worker, and the same results afterwards', async () => {
    const page = await visited(browser);
    const { codes, same, workers } = await trial<{
      codes: Record<string, number>;
      same: boolean;
      workers: number;
    }>(page, 'aborted', rounds);
    expect(Object.keys(codes).filter((code) => !['aborted', 'done'].includes(code))).toEqual([]);
    expect(codes.aborted).toBeGreaterThan(rounds / 10);
    expect([same, workers]).toEqual([true, 1]);
    await page.close();
  });

  test('a tab that is closed in mid-call takes its worker along, and the next tab works', async () => {
    const page = await visited(browser);
    await trial(page, 'busy');
    expect(await trial(page, 'living')).toBe(1);
    await page.close();
    const next = await visited(browser);
    await expect.poll(() => trial(next, 'living'), { timeout: 20_000 }).toBe(0);
    expect(await trial(next, 'killed')).toMatchObject({ again: 40 });
    await next.close();
  });

  test('engines that come and go leave no worker', async () => {
    const page = await visited(browser);
    await trial(page, 'cycles', 20);
    await expect.poll(() => trial(page, 'living'), { timeout: 20_000 }).toBe(0);
    await page.close();
  });

  test('an isolated page computes on several cores, any other on one: the same bits', async () => {
    type Shared = { readonly isolated: boolean; readonly alive: number; readonly counts: readonly number[] };
    const alone = await trial<Shared>(await visited(browser), 'shared', { threads: 2 });
    expect([alone.isolated, alone.alive]).toEqual([false, 1]);
    const page = await visited(browser, isolated);
    const together = await trial<Shared>(page, 'shared', { threads: 2 });
    expect([together.isolated, together.alive]).toEqual([true, 3]);
    expect(together.counts).toEqual(alone.counts);
    await expect.poll(() => trial(page, 'living'), { timeout: 20_000 }).toBe(0);
    for (const context of browser.contexts()) await context.close();
  });

  test('the page’s own thread goes on while all pairs are compared', async () => {
    const page = await visited(browser);
    const { longest, took } = await trial<{ longest: number; took: number }>(page, 'longestPause');
    // Computing here would block for most of the call; what is left is the scheduler of a busy machine.
    expect(longest).toBeLessThan(took / 3);
    await page.close();
  });
});
