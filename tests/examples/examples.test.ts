/** Every example runs from the package as npm installs it, and shows what Node computes. */
import { execFileSync } from 'node:child_process';
import { get } from 'node:http';
import { join } from 'node:path';
import { afterAll, beforeAll, expect, test } from 'vitest';
import { type Installed, install } from '../package/installed.js';
import { type Expected, expected } from './expected.js';
import { type Started, start } from './started.js';
import { rows, visit } from './visiting.js';

let installed: Installed;
let site: Started;
let wanted: Expected;

beforeAll(async () => {
  wanted = await expected();
  installed = install(['examples']);
  site = await start(join(installed.folder, 'examples'), 'serve.mjs');
});
afterAll(async () => {
  await site?.[Symbol.asyncDispose]();
  installed?.[Symbol.dispose]();
});

const address = (example: string) => new URL(`/${example}/`, site.address).href;

test('01: a Node script prints the nearest examples, and what each layer adds', () => {
  const printed = execFileSync(process.execPath, ['01-node-script/nearest.mjs'], {
    cwd: join(installed.folder, 'examples'),
    encoding: 'utf8',
  })
    .trim()
    .split('\n');
  const near = printed.slice(0, 5).map((line) => {
    const [, similarity, index, label] = /^([\d.]+) {2}image (\d+), (.+)$/.exec(line)!;
    return `${label} #${index} ${Number(similarity).toFixed(2)}`;
  });
  expect(near).toEqual(wanted.sneaker);
  const shares = Array.from(printed[5]!.matchAll(/ ([-\d.]+)/g), ([, share]) => Number(share));
  expect(shares).toHaveLength(4);
  expect(shares.reduce((sum, share) => sum + share, 0)).toBeCloseTo(Number.parseFloat(printed[0]!), 2);
});

test('02: a plain page shows the nearest, and a chosen one becomes the next to ask about', async () => {
  await visit(address('02-plain-page'), async (page) => {
    expect(await page.evaluate('crossOriginIsolated')).toBe(true);
    expect(await rows(page)).toEqual(wanted.first);
    const chosen = page.getByRole('option').first();
    const index = wanted.first[0]!.match(/#(\d+)/)![1];
    await chosen.click();
    await page.getByText(`Image ${index}: `).waitFor();
    // Who is near is near in return, here at least.
    await page.getByRole('option', { name: '#0 ' }).waitFor();
  });
});

test('04: a worker of a page’s own computes, and the page shows what it answers', async () => {
  await visit(address('04-own-worker'), async (page) => {
    await page.getByRole('option').first().waitFor();
    expect(await rows(page)).toEqual(wanted.sneaker);
    expect(page.workers().map((worker) => worker.url().replace(/.*\//, ''))).toContain('worker.js');
    expect(await page.locator('netkin-neighbours [part=legend] dt').count()).toBe(4);
  });
});

/** What the server answers to a path that is sent as it is: `fetch` would tidy it up. */
function status(path: string): Promise<number> {
  return new Promise((resolve, reject) => {
    get(site.address, { path }, (response) => {
      response.resume();
      resolve(response.statusCode!);
    }).on('error', reject);
  });
}

test.each([
  '/..%2f..%2fpackage.json',
  '/../../package.json',
  '//',
  '/%',
  '/%00',
  '/netkin',
  '/netkin/%5c..%5c',
])('the server of the examples answers 404 to %s, and goes on', async (path) => {
  expect(await status(path)).toBe(404);
  expect(await status('/02-plain-page/')).toBe(200);
});
