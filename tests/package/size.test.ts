/** What travels to a browser stays small. Sizes are bytes after gzip; tests/edge has those of the edge. */
import { readdirSync, readFileSync } from 'node:fs';
import { join } from 'node:path';
import { gzipSync } from 'node:zlib';
import { build, type Plugin } from 'esbuild';
import { expect, test } from 'vitest';
import { root } from './installed.js';

const dist = (...path: string[]) => join(root, 'dist', ...path);
const packed = (content: Uint8Array) => gzipSync(content, { level: 9 }).length;

/** Bundles an entry with all that it imports, apart from what is external. */
async function bundled(entry: string, external: string[], plugins: Plugin[] = []): Promise<number> {
  const { outputFiles } = await build({
    entryPoints: [entry],
    bundle: true,
    minify: true,
    format: 'esm',
    target: 'es2022',
    write: false,
    external,
    mainFields: ['module', 'main'],
    logLevel: 'error',
    plugins,
  });
  return packed(outputFiles[0]!.contents);
}

/** Leaves out what is imported lazily. */
const later: Plugin = {
  name: 'later',
  setup({ onResolve }) {
    onResolve({ filter: /./ }, ({ kind, path }) =>
      kind === 'dynamic-import' ? { path, external: true } : undefined,
    );
  },
};

test('a page that leaves the engine to its worker loads 15 KB, and no tfjs', async () => {
  expect(await bundled(dist('browser/index.js'), ['./here.js'])).toBeLessThan(15_000);
});

test('the elements, with lit in them, take 15 KB', async () => {
  expect(await bundled(dist('elements/index.js'), [])).toBeLessThan(15_000);
});

test('the worker, with tfjs in it, takes 260 KB', () => {
  expect(packed(readFileSync(dist('browser/worker.js')))).toBeLessThan(260_000);
});

test('each of our kernels takes 11 KB', () => {
  const kernels = readdirSync(dist()).filter((name) => /^kernel.*\.wasm$/.test(name));
  expect(kernels).toEqual(['kernel-shared.wasm', 'kernel.wasm']);
  for (const kernel of kernels) expect(packed(readFileSync(dist(kernel)))).toBeLessThan(11_000);
});

test('the core takes 40 KB without tfjs; what few calls need is imported when they come', async () => {
  expect(await bundled(dist('src/core.js'), ['@tensorflow/*'], [later])).toBeLessThan(40_000);
});
