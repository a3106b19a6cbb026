/** A small app that measures, as any bundler may bundle it: the same bits as here are wanted. */
import { createHash } from 'node:crypto';
import { readFileSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { open } from 'netkin';
import { visit } from '../examples/visiting.js';
import { root } from '../package/installed.js';
import { STRICT, serve } from '../package/serving.js';

const SIZE = 100;
const data = join(root, 'examples/data');

/** @param options what the page hands to `open`, as source text */
function source(options: string): string {
  return `import { open } from 'netkin';
async function measure(options) {
  const data = new Uint8Array(await (await fetch('/data/images.bin')).arrayBuffer()).slice(0, ${SIZE} * 784);
  const engine = await open('/data/model.json', options);
  const seen = await engine.perspective({ shape: [${SIZE}, 28, 28, 1], data, divisor: 255 });
  const { data: values } = await seen.matrix();
  await engine.dispose();
  const digest = new Uint8Array(await crypto.subtle.digest('SHA-256', values));
  return Array.from(digest, (byte) => byte.toString(16).padStart(2, '0')).join('');
}
globalThis.measured = Promise.all([measure({ ${options} }), measure({ ${options} worker: false })]);
`;
}

/** Writes `main.js` into a folder. */
export function writeApp(folder: string, options = ''): string {
  writeFileSync(join(folder, 'main.js'), source(options));
  return join(folder, 'main.js');
}

/**
 * Opens the bundled app in Chromium, isolated and under a strict policy.
 * @param script the path of the bundle in `folder`
 * @returns digests of the similarities, from the engine in a worker and from the one in the page
 */
export async function measured(folder: string, script: string): Promise<string[]> {
  const pages = {
    'index.html': `<!doctype html><title>An app</title><script type="module" src="/${script}"></script>`,
    'favicon.ico': '',
  };
  const isolated = {
    'cross-origin-opener-policy': 'same-origin',
    'cross-origin-embedder-policy': 'require-corp',
  };
  await using site = await serve([folder, join(root, 'examples')], pages, { ...STRICT, ...isolated });
  return await visit(site.address, async (page) => {
    await page.waitForFunction(() => 'measured' in globalThis);
    return page.evaluate('globalThis.measured') as Promise<string[]>;
  });
}

/** The digest that every app must find. */
export async function wanted(): Promise<string> {
  const images = new Uint8Array(readFileSync(join(data, 'images.bin'))).slice(0, SIZE * 784);
  const engine = await open(join(data, 'model.json'));
  const seen = await engine.perspective({ shape: [SIZE, 28, 28, 1], data: images, divisor: 255 });
  const { data: values } = await seen.matrix();
  await engine.dispose();
  return createHash('sha256').update(values).digest('hex');
}
