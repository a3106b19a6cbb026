/** The report of a real analysis, looked at by a real browser. */
import { mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { pathToFileURL } from 'node:url';
import type { Browser, BrowserContextOptions, Page } from 'playwright';
import { afterAll, beforeAll, expect, test } from 'vitest';
import { launchChromium } from './chromium.js';
import { sampleReport } from './sample-report.js';

let browser: Browser;
let folder: string;
let address: string;

beforeAll(async () => {
  folder = mkdtempSync(join(tmpdir(), 'netkin-report-'));
  writeFileSync(join(folder, 'report.html'), await sampleReport());
  address = pathToFileURL(join(folder, 'report.html')).href;
  browser = await launchChromium();
});

afterAll(async () => {
  await browser?.close();
  rmSync(folder, { recursive: true, force: true });
});

async function visit(options: BrowserContextOptions, look: (page: Page) => Promise<void>): Promise<void> {
  const context = await browser.newContext(options);
  const page = await context.newPage();
  const faults: string[] = [];
  const requests: string[] = [];
  page.on('console', (message) => {
    if (message.type() === 'error') faults.push(message.text());
  });
  page.on('pageerror', (error) => faults.push(error.message));
  page.on('request', (request) => requests.push(request.url()));
  await page.goto(address);
  await look(page);
  expect(faults).toEqual([]);
  expect(requests.filter((url) => url !== address && !url.startsWith('data:'))).toEqual([]);
  await context.close();
}

const overflow = (page: Page) =>
  page.evaluate(() => document.documentElement.scrollWidth - document.documentElement.clientWidth);

test.each([
  ['a desktop', { viewport: { width: 1280, height: 900 } }],
  ['a phone', { viewport: { width: 360, height: 740 } }],
  ['a dark screen', { viewport: { width: 1280, height: 900 }, colorScheme: 'dark' }],
] as const)('the report fits %s, loads nothing and raises no error', async (_, options) => {
  await visit(options, async (page) => {
    expect(await overflow(page)).toBeLessThanOrEqual(0);
    expect(await page.locator('h1').textContent()).toBe('Sample of 64');
    const broken = await page
      .locator('img')
      .evaluateAll(
        (images) => images.filter((image) => (image as HTMLImageElement).naturalWidth === 0).length,
      );
    expect(broken).toBe(0);
    expect(await page.locator('img').count()).toBeGreaterThan(64);
  });
});

test('every section has a heading, and the navigation leads to it', async () => {
  await visit({ viewport: { width: 1280, height: 900 } }, async (page) => {
    const targets = await page
      .locator('nav a')
      .evaluateAll((links) => links.map((link) => link.getAttribute('href')!));
    expect(targets.length).toBeGreaterThanOrEqual(8);
    for (const target of targets)
      expect(await page.locator(`${target} h2, ${target}:is(h2)`).count()).toBe(1);
  });
});

test('it prints: dark text on white, several pages', async () => {
  await visit({ viewport: { width: 1000, height: 900 }, colorScheme: 'dark' }, async (page) => {
    await page.emulateMedia({ media: 'print' });
    const [text, ground] = await page.evaluate(() => {
      const { color, backgroundColor } = getComputedStyle(document.body);
      return [color, backgroundColor].map((value) => (value.match(/[\d.]+/g) ?? []).slice(0, 3).map(Number));
    });
    expect(Math.max(...text!)).toBeLessThan(80);
    expect(Math.min(...ground!)).toBeGreaterThan(240);
    expect((await page.pdf({ format: 'A4' })).length).toBeGreaterThan(20_000);
  });
});
