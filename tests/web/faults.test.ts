/** What the browser's `open` says when the page, its server or its policy is at fault. */
import { cpSync, mkdtempSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import type { Browser } from 'playwright';
import { afterAll, beforeAll, expect, test } from 'vitest';
import { root } from '../package/installed.js';
import { type Served, STRICT, serve } from '../package/serving.js';
import { launchChromium } from '../playwright/chromium.js';

const PAGE = '<!doctype html><title>A page</title><script type="module" src="/page.js"></script>';
const SCRIPT = `import { open } from '/browser/index.js';
globalThis.said = async (model, options) => {
  try {
    const engine = await open(model, options);
    await engine.dispose();
    return 'opened';
  } catch ({ name, code, message }) {
    return name + ' ' + code + ': ' + message;
  }
};`;
const HTML = '<!doctype html>\n<title>Start</title>';
const pages = {
  'index.html': PAGE,
  'page.js': SCRIPT,
  'favicon.ico': '',
  'html/kernel.wasm': HTML,
  'html/tfjs.wasm': HTML,
};
let folder: string;
let browser: Browser;

beforeAll(async () => {
  folder = mkdtempSync(join(tmpdir(), 'netkin-web-'));
  cpSync(join(root, 'dist/browser'), join(folder, 'html'), { recursive: true });
  cpSync(join(root, 'dist/browser/index.js'), join(folder, 'alone/index.js'));
  browser = await launchChromium();
});
afterAll(async () => {
  await browser?.close();
  rmSync(folder, { recursive: true, force: true });
});

/** What `open` says on a page of a site. */
async function said(site: Served, model: unknown, options: object = {}): Promise<string> {
  const page = await browser.newPage();
  try {
    await page.goto(site.address);
    await page.waitForFunction(() => 'said' in globalThis);
    return await page.evaluate(
      ([model, options]) =>
        (globalThis as unknown as { said: (...given: unknown[]) => Promise<string> }).said(model, options),
      [model, options] as const,
    );
  } finally {
    await page.close();
  }
}

const folders = () => [join(root, 'dist'), join(root, 'examples'), folder];
const MODEL = '/data/model.json';

test('assets may be named without the last slash', async () => {
  await using site = await serve(folders(), pages);
  expect(await said(site, MODEL, { assets: '/browser' })).toBe('opened');
  expect(await said(site, MODEL, { assets: 'browser', worker: false })).toBe('opened');
});

test('addresses that are none are refused in words', async () => {
  await using site = await serve(folders(), pages);
  for (const [assets, shown] of [
    [5, '5'],
    [null, 'null'],
    ['', "''"],
    ['http://', "'http://'"],
  ]) {
    expect(await said(site, MODEL, { assets })).toBe(
      `NetkinError usage: Option assets is ${shown}; give a URL.`,
    );
  }
  for (const model of ['http://', '']) {
    expect(await said(site, model)).toBe(
      `NetkinError usage: The model's location is '${model}'; give a URL.`,
    );
  }
});

test('a worker that cannot start is named by its URL', async () => {
  await using site = await serve(folders(), pages);
  expect(await said(site, MODEL, { assets: '/nowhere' })).toContain(
    `NetkinError worker: The worker at ${site.address}nowhere/worker.js cannot start: `,
  );
  expect(await said(site, MODEL, { assets: 'http://example.invalid/netkin' })).toContain(
    'NetkinError worker: The worker at http://example.invalid/netkin/worker.js cannot start: ',
  );
  const alone = { ...pages, 'page.js': SCRIPT.replace('/browser/', '/alone/') };
  await using without = await serve(folders(), alone);
  expect(await said(without, MODEL)).toContain(
    `The worker at ${without.address}alone/worker.js cannot start: `,
  );
});

test.each([true, false])('HTML in the place of wasm is shown with its URL (worker: %s)', async (worker) => {
  await using site = await serve(folders(), pages);
  const heard = await said(site, MODEL, { assets: '/html', worker });
  expect(heard).toMatch(/^NetkinError input: 'http:.*\/html\/(kernel|tfjs)\.wasm' is no WebAssembly file: /);
  expect(heard).toContain("it begins with '<!doctype html> <title>Start</title>'");
});

test.each([true, false])('a policy that forbids wasm is told what it needs (worker: %s)', async (worker) => {
  const policy = String(STRICT['content-security-policy']).replace(" 'wasm-unsafe-eval'", '');
  await using site = await serve(folders(), pages, { 'content-security-policy': policy });
  expect(await said(site, MODEL, { worker })).toMatch(
    /^NetkinError usage: The content security policy of 'http.*' forbids WebAssembly: its script-src needs 'wasm-unsafe-eval'\.$/,
  );
});
