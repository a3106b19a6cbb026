/** tfjs's wasm, started by netkin from a compiled module. */
import { execFileSync } from 'node:child_process';
import { readFileSync } from 'node:fs';
import { fileURLToPath } from 'node:url';
import * as tf from '@tensorflow/tfjs';
import { open, ready } from 'netkin';
import { beforeAll, expect, it } from 'vitest';
import { startBinary } from '../../src/network/binary.js';
import { uninitialisedTensor } from '../../src/network/tfjs.js';
import { randomInputs } from '../oracle/random.js';

const module = new WebAssembly.Module(readFileSync(new URL('../../dist/tfjs.wasm', import.meta.url)));
const entry = fileURLToPath(new URL('../../dist/node/index.js', import.meta.url));

/** What a fresh process prints. */
function fresh(script: string): string {
  const program = `import * as tf from '@tensorflow/tfjs'; import { ready } from '${entry}'; ${script}`;
  return execFileSync(process.execPath, ['--input-type=module', '-e', program], { encoding: 'utf8' }).trim();
}

beforeAll(ready);

it('gives the bits of tfjs’s own loader', () => {
  const product = `const x = tf.tensor2d(Float32Array.from({ length: 60 }, (_, i) => Math.sin(i)), [6, 10]);
    console.log(tf.getBackend(), tf.conv2d(x.reshape([1, 6, 10, 1]), x.reshape([6, 10, 1, 1]), 1, 'same')
      .add(tf.softmax(x).reshape([1, 6, 10, 1])).dataSync().join());`;
  expect(fresh(`await ready(); ${product}`)).toBe(fresh(`await tf.setBackend('wasm'); ${product}`));
});

it.each([
  ['twice at once', 'await Promise.all([ready(), ready()]);'],
  ['while the caller starts it, too', "await Promise.all([tf.setBackend('wasm'), ready()]);"],
  [
    'where it runs without being the choice',
    "await tf.setBackend('wasm'); await tf.setBackend('cpu'); await ready();",
  ],
])('starts %s', (_, start) => {
  expect(fresh(`${start} console.log(tf.getBackend(), tf.add(1, 2).dataSync()[0]);`)).toBe('wasm 3');
});

it('a tensor made before stays valid where the caller’s backend runs already', () => {
  const script =
    "await tf.setBackend('wasm'); const x = tf.tensor([1, 2]); await ready(); console.log(x.dataSync().join());";
  expect(fresh(script)).toBe('1,2');
});

it('a heap that cannot grow is an error, and what follows works', async () => {
  const binary = await startBinary(module);
  const full = /tfjs's heap, \d+ MiB now, cannot grow/;
  const allocate = (bytes: number) => binary._malloc(bytes);
  const held = [2 ** 31, 2 ** 29].map(allocate);
  // The binary's own allocator answers the first of these with an address: it adds up to a small one.
  for (const bytes of [2 ** 31, 2 ** 30, 2 ** 29]) expect(() => allocate(bytes)).toThrow(full);
  for (const pointer of held) binary._free(pointer);
  const place = allocate(2 ** 26);
  // The heap is seen whole after it grew.
  binary.HEAPU8[place + 2 ** 26 - 1] = 7;
  expect(binary.HEAPU8[place + 2 ** 26 - 1]).toBe(7);
  binary._free(place);
});

it('a full heap is an error of code memory, and an open engine works on', async () => {
  const model = tf.sequential({ layers: [tf.layers.dense({ inputShape: [4], units: 2 })] });
  await using engine = await open(model);
  const held: tf.Tensor[] = [];
  try {
    // Nothing is written there, so the machine need not have the memory.
    const fill = () => {
      for (;;) held.push(uninitialisedTensor([2 ** 24]));
    };
    expect(fill).toThrow(expect.objectContaining({ code: 'memory' }));
  } finally {
    tf.dispose(held);
  }
  const seen = await engine.perspective(randomInputs(1, [3, 4]));
  expect(await seen.similarity(0, 0)).toBeCloseTo(1, 6);
  model.dispose();
});

it('a kernel that warns instead of computing is an error', async () => {
  const binary = await startBinary(module);
  const abs = binary.cwrap('Abs', null, ['number', 'number', 'number']);
  binary.tfjs.initWithThreadsCount(-1);
  const [x, y] = [1, 2].map((id) => {
    binary.tfjs.registerTensor(id, 4, binary._malloc(16));
    return id;
  });
  const unknownType = 7;
  expect(() => abs(x, unknownType, y)).toThrow(
    /tfjs's kernel Abs: Abs for tensor ids .* failed. Unknown dtype 7/,
  );
});

it('a call that traps leaves the stack as it was, and its warnings are not the next one’s', async () => {
  const binary = await startBinary(module);
  const stack = binary.cwrap('stackSave', 'number');
  const abs = binary.cwrap('Abs', null, ['number', 'number', 'number']);
  binary.tfjs.initWithThreadsCount(-1);
  const top = stack();
  const [unknown, float32] = [99, 0];
  for (let times = 0; times < 3; times++) expect(() => abs(unknown, float32, unknown)).toThrow();
  expect(stack()).toBe(top);
  const pointers = [1, 2].map((id) => {
    const pointer = binary._malloc(4);
    binary.tfjs.registerTensor(id, 1, pointer);
    return pointer;
  });
  const values = new Float32Array(binary.HEAPU8.buffer as ArrayBuffer);
  values[pointers[0] / 4] = -3;
  abs(1, float32, 2);
  expect(values[pointers[1] / 4]).toBe(3);
});
