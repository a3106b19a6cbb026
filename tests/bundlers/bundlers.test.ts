/** The packed package in the hands of bundlers: each app computes the bits that Node computes. */
import { copyFileSync, cpSync, readdirSync } from 'node:fs';
import { join } from 'node:path';
import { build as esbuild } from 'esbuild';
import { build as vite } from 'vite';
import { afterAll, beforeAll, expect, test } from 'vitest';
import webpack from 'webpack';
import { type Installed, install } from '../package/installed.js';
import { measured, wanted, writeApp } from './app.js';

let installed: Installed;
let folder: string;
let browser: string;
let bits: string;

beforeAll(async () => {
  installed = install([]);
  folder = installed.folder;
  browser = join(folder, 'node_modules/netkin/dist/browser');
  bits = await wanted();
});
afterAll(() => installed?.[Symbol.dispose]());

test('Vite', async () => {
  const input = writeApp(folder);
  const outDir = join(folder, 'vite');
  await vite({
    root: folder,
    logLevel: 'error',
    build: { outDir, rolldownOptions: { input, output: { entryFileNames: 'main.js' } } },
  });
  expect(await measured(outDir, 'main.js')).toEqual([bits, bits]);
});

test('webpack', async () => {
  const path = join(folder, 'webpack');
  await new Promise<void>((resolve, reject) => {
    webpack(
      {
        context: folder,
        mode: 'production',
        entry: writeApp(folder),
        output: { path, filename: 'main.js' },
        performance: false,
      },
      (error, stats) => {
        if (error || stats?.hasErrors() || stats?.hasWarnings()) reject(error ?? new Error(String(stats)));
        else resolve();
      },
    );
  });
  expect(await measured(path, 'main.js')).toEqual([bits, bits]);
});

test('esbuild, with the worker and the wasm files copied beside the bundle', async () => {
  const outdir = join(folder, 'esbuild');
  await esbuild({
    entryPoints: [writeApp(folder)],
    outdir,
    bundle: true,
    splitting: true,
    format: 'esm',
    logLevel: 'warning',
  });
  for (const file of readdirSync(browser)) {
    if (/^worker\.js$|\.wasm$/.test(file)) copyFileSync(join(browser, file), join(outdir, file));
  }
  expect(await measured(outdir, 'main.js')).toEqual([bits, bits]);
});

test('esbuild, with the folder dist/browser elsewhere and named as option assets', async () => {
  const outdir = join(folder, 'esbuild-elsewhere');
  await esbuild({
    entryPoints: [writeApp(folder, "assets: '/static/netkin/',")],
    outdir,
    bundle: true,
    format: 'esm',
    logLevel: 'warning',
  });
  cpSync(browser, join(outdir, 'static/netkin'), { recursive: true });
  expect(await measured(outdir, 'main.js')).toEqual([bits, bits]);
});
