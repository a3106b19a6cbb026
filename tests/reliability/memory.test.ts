/** Out of memory in the wasm heaps: a clear error, and the engine goes on. */
import { execFileSync } from 'node:child_process';
import { fileURLToPath } from 'node:url';
import * as tf from '@tensorflow/tfjs';
import { open, ready } from 'netkin';
import { beforeAll, expect, test, vi } from 'vitest';
import { randomInputs } from '../oracle/random.js';
import { inputs, network, openRemote } from './fixture.js';

beforeAll(ready);

/** Enough for 20 of the long inputs below, too little for two strips of them. */
const TIGHT = { memory: 16 * 2 ** 20, threads: 0 };

/** The part of tfjs's wasm backend that reserves room on its heap. */
interface Heap {
  readonly wasm: { _malloc(bytes: number): number; _free(pointer: number): void };
}

test.each([
  ['in this thread', async (model: tf.LayersModel) => open(model, TIGHT)],
  ['in a worker', async (model: tf.LayersModel) => (await openRemote(model, TIGHT)).engine],
])('%s: rows beyond `memory` are refused, and the engine goes on', async (_, opened) => {
  const model = tf.sequential({ layers: [tf.layers.dense({ inputShape: [4000], units: 4 })] });
  const engine = await opened(model);
  const seen = await engine.perspective(randomInputs(1, [20, 4000]));
  const before = await seen.density();
  const many = randomInputs(2, [600, 4000]);
  await expect(engine.perspective(many)).rejects.toMatchObject({ code: 'memory' });
  await expect(seen.nearest(many, 3)).rejects.toMatchObject({ code: 'memory' });
  expect(await seen.density()).toEqual(before);
  await engine.dispose();
  model.dispose();
});

test('a system that refuses pages for the kernels is named, and what was there stays usable', async () => {
  const model = network();
  const engine = await open(model, { threads: 0 });
  const seen = await engine.perspective(inputs);
  const expected = await seen.density();
  const refusing = vi.spyOn(WebAssembly.Memory.prototype, 'grow').mockImplementation(() => {
    throw new RangeError('WebAssembly.Memory.grow(): Unable to grow instance memory');
  });
  await expect(engine.perspective(randomInputs(3, [4000, 12]))).rejects.toMatchObject({
    code: 'memory',
    message: expect.stringContaining('the system refused'),
  });
  refusing.mockRestore();
  expect(await seen.density()).toEqual(expected);
  expect((await (await engine.perspective(inputs)).density()).length).toBe(inputs.shape[0]);
  await engine.dispose();
  model.dispose();
});

test('a full heap of tfjs is named, and the engine goes on once there is room', async () => {
  const model = network();
  const engine = await open(model, { threads: 0 });
  const seen = await engine.perspective(inputs);
  const expected = await seen.density();
  const { wasm } = tf.backend() as unknown as Heap;
  const pieces: number[] = [];
  const tensors = tf.memory().numTensors;
  // Reserved, never written: the pages exist in name only.
  for (let bytes = 2 ** 30; bytes >= 2 ** 10; bytes /= 2) {
    for (let room = true; room; ) {
      try {
        pieces.push(wasm._malloc(bytes));
      } catch {
        room = false;
      }
    }
  }
  await expect(engine.perspective(inputs)).rejects.toMatchObject({
    code: 'memory',
    message: expect.stringMatching(/tfjs's heap, \d+ MiB now, cannot grow/),
  });
  for (const piece of pieces) wasm._free(piece);
  expect(tf.memory().numTensors).toBe(tensors);
  expect(await (await engine.perspective(inputs)).density()).toEqual(expected);
  await engine.dispose();
  model.dispose();
});

test('a full heap that the caller started is refused, too', async () => {
  const script = `import * as tf from '@tensorflow/tfjs';
    import '@tensorflow/tfjs-backend-wasm';
    import { open } from 'netkin';
    await tf.setBackend('wasm');
    const model = tf.sequential({ layers: [tf.layers.dense({ inputShape: [4], units: 2 })] });
    const engine = await open(model, { threads: 0 });
    const { wasm } = tf.backend();
    for (let bytes = 2 ** 30; bytes >= 2 ** 10; bytes /= 2) {
      for (let room = true; room; ) {
        try {
          wasm._malloc(bytes);
        } catch {
          room = false;
        }
      }
    }
    const seen = engine.perspective({ shape: [400, 4], data: new Float32Array(1600).fill(1) });
    console.log(await seen.catch(({ code, message }) => code + ' ' + message));`;
  const printed = execFileSync(process.execPath, ['--input-type=module', '-e', script], {
    encoding: 'utf8',
    cwd: fileURLToPath(new URL('../..', import.meta.url)),
  });
  expect(printed).toMatch(/^memory tfjs's heap/);
});
