/** What an edge function has to load stays small. */
import { readFileSync, statSync } from 'node:fs';
import { dirname, join } from 'node:path';
import { fileURLToPath } from 'node:url';
import { gzipSync } from 'node:zlib';
import { expect, it } from 'vitest';

const dist = join(dirname(dirname(dirname(fileURLToPath(import.meta.url)))), 'dist');
const packed = (file: string) => gzipSync(readFileSync(join(dist, file)), { level: 9 }).length;

it('the edge bundle, JavaScript and wasm, packs into 400 KB', () => {
  const files = ['index.js', 'netkin.js', 'kernel.wasm', 'tfjs.wasm'].map((file) => `edge/${file}`);
  expect(files.reduce((sum, file) => sum + packed(file), 0)).toBeLessThanOrEqual(400_000);
});

it('the kernels fit 30 KB as they are', () => {
  expect(statSync(join(dist, 'kernel.wasm')).size).toBeLessThanOrEqual(30 * 1024);
});

it('the licences of what is bundled travel with it', () => {
  const text = readFileSync(join(dist, 'edge/THIRD-PARTY.txt'), 'utf8');
  for (const name of [
    '@tensorflow/tfjs-core 4.22.0',
    '@tensorflow/tfjs-layers 4.22.0',
    'ml-matrix',
    'seedrandom',
  ])
    expect(text).toContain(name);
  expect(text).toContain('Apache License');
});
