/** The wasm at the edge is tfjs's own, without kernels that nothing calls. tests/edge/layers.test.ts compares its bits. */
import { createHash } from 'node:crypto';
import { readFileSync } from 'node:fs';
import { dirname, join } from 'node:path';
import { fileURLToPath } from 'node:url';
import { beforeAll, expect, it } from 'vitest';
import { wasmExports } from '../../node/left-out.mjs';

const dist = join(dirname(dirname(dirname(fileURLToPath(import.meta.url)))), 'dist');
let whole: Uint8Array<ArrayBuffer>;
let edge: Uint8Array<ArrayBuffer>;

beforeAll(() => {
  whole = new Uint8Array(readFileSync(join(dist, 'tfjs.wasm')));
  edge = new Uint8Array(readFileSync(join(dist, 'edge/tfjs.wasm')));
});

const exported = (bytes: Uint8Array<ArrayBuffer>) =>
  WebAssembly.Module.exports(new WebAssembly.Module(bytes)).map(({ name }) => name);

it('is the same on any machine', () => {
  expect(createHash('sha256').update(edge).digest('hex')).toBe(
    '5885d2a6e13e3c47e4652fa4c58d05ad5fa630e24a72baa9f0a0fdc6f8c15d5a',
  );
});

it('exports all but what is left out', () => {
  expect(exported(edge)).toEqual(exported(whole).filter((name) => !wasmExports.includes(name)));
});
