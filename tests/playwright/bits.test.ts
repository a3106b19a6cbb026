/** The same bits in Node and in a real browser: similarity, density and neighbours of 100 real images. */
import { createHash } from 'node:crypto';
import { readFileSync } from 'node:fs';
import { createServer, type Server } from 'node:http';
import type { AddressInfo } from 'node:net';
import { dirname, join } from 'node:path';
import { fileURLToPath } from 'node:url';
import { build } from 'esbuild';
import { open, ready } from 'netkin';
import type { Browser } from 'playwright';
import { afterAll, beforeAll, expect, test } from 'vitest';
import { readSample } from '../../src/format/sample.js';
import { smallClassifier } from '../../src/network/training.js';
import { modelFiles } from '../model-files.js';
import { launchChromium } from './chromium.js';

const root = dirname(dirname(dirname(fileURLToPath(import.meta.url))));
const SIZE = 100;

const page = `import { open } from '${root}/dist/web/index.js';
globalThis.measure = async (size) => {
  const data = new Float32Array(await (await fetch('images')).arrayBuffer());
  const engine = await open('model.json');
  const seen = await engine.perspective({ shape: [size, 28, 28, 1], data });
  const results = [(await seen.matrix()).data, await seen.density(), await seen.density({ power: 2.5 }),
    (await seen.nearest()).indices, (await seen.nearest()).similarities];
  return Promise.all(results.map(async (values) => {
    const digest = await crypto.subtle.digest('SHA-256', values);
    return Array.from(new Uint8Array(digest), (byte) => byte.toString(16).padStart(2, '0')).join('');
  }));
};`;

let server: Server;
let browser: Browser;
let images: Float32Array<ArrayBuffer>;
let model: ReadonlyMap<string, Uint8Array>;

beforeAll(async () => {
  const sample = readSample(readFileSync(join(root, 'node/sample/fashion-3000.npz')));
  images = Float32Array.from(sample.images.data.subarray(0, SIZE * 784), (value) => value / 255);
  await ready();
  model = await modelFiles(smallClassifier([28, 28, 1], 10, 1));
  const { outputFiles } = await build({
    stdin: { contents: page, resolveDir: root },
    bundle: true,
    write: false,
    format: 'esm',
    mainFields: ['module', 'main'],
    logLevel: 'error',
  });
  const files: Record<string, () => [string, Uint8Array | string]> = {
    '/': () => ['text/html', '<!doctype html><script type="module" src="page.js"></script>'],
    '/page.js': () => ['text/javascript', outputFiles[0]!.text],
    '/images': () => ['application/octet-stream', new Uint8Array(images.buffer)],
    '/kernel.wasm': () => ['application/wasm', readFileSync(join(root, 'dist/kernel.wasm'))],
    '/tfjs.wasm': () => ['application/wasm', readFileSync(join(root, 'dist/tfjs.wasm'))],
  };
  server = createServer((request, response) => {
    const path = request.url ?? '/';
    const stored = model.get(path.slice(1));
    const found = files[path]?.() ?? (stored && (['application/octet-stream', stored] as const));
    response.writeHead(found ? 200 : 404, { 'content-type': found?.[0] ?? 'text/plain' }).end(found?.[1]);
  });
  await new Promise<void>((listening) => server.listen(0, '127.0.0.1', listening));
  browser = await launchChromium();
});

afterAll(async () => {
  await browser?.close();
  server?.close();
});

test('Node and Chromium agree bit for bit', async () => {
  const inBrowser = await browser.newPage();
  const faults: string[] = [];
  inBrowser.on('pageerror', (error) => faults.push(error.message));
  const { port } = server.address() as AddressInfo;
  await inBrowser.goto(`http://127.0.0.1:${port}/`);
  await inBrowser.waitForFunction('globalThis.measure !== undefined');
  const theirs = await inBrowser.evaluate(`globalThis.measure(${SIZE})`);

  const engine = await open(smallClassifier([28, 28, 1], 10, 1));
  const seen = await engine.perspective({ shape: [SIZE, 28, 28, 1], data: images });
  const { indices, similarities } = await seen.nearest();
  const ours = [
    (await seen.matrix()).data,
    await seen.density(),
    await seen.density({ power: 2.5 }),
    indices,
    similarities,
  ];
  const digest = (values: Float32Array | Int32Array) => createHash('sha256').update(values).digest('hex');
  expect(faults).toEqual([]);
  expect(theirs).toEqual(ours.map(digest));
});
