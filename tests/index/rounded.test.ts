/** Rows as int8: a quarter of the bytes, and an error that is known. */
import { readFileSync } from 'node:fs';
import { type Engine, open, type Perspective } from 'netkin';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { readSample } from '../../src/format/sample.js';
import type { tf } from '../../src/network/tfjs.js';
import { smallClassifier } from '../../src/network/training.js';
import { randomInputs, randomise, startWasm } from '../oracle/random.js';

const SIZE = 300;
let model: tf.LayersModel;
let engine: Engine;
let seen: Perspective;
let bytes: Uint8Array;
let rounded: Perspective;
let exact: Float32Array;
let found: Float32Array;

beforeAll(async () => {
  await startWasm();
  const sample = readSample(readFileSync(new URL('../../node/sample/fashion-3000.npz', import.meta.url)));
  const data = sample.images.data.slice(0, SIZE * 784);
  model = smallClassifier([28, 28, 1], 10, 1);
  engine = await open(model, { threads: 0 });
  seen = await engine.perspective({ shape: [SIZE, 28, 28, 1], data, divisor: 255 });
  bytes = await seen.save({ rows: 'int8' });
  rounded = await engine.reopen(bytes);
  exact = (await seen.matrix()).data;
  found = (await rounded.matrix()).data;
});

afterAll(async () => {
  await engine.dispose();
  model.dispose();
});

describe('300 Fashion-MNIST images as int8', () => {
  it('take less than a third of the bytes', async () => {
    expect(bytes.length).toBeLessThan((await seen.save()).length / 3);
  });

  it('differ by what the index says, and by no more than its bound', () => {
    const { pairs, rootMeanSquare, largest, bound } = rounded.rowError!;
    expect(pairs).toBe((256 * 255) / 2);
    let [squares, most] = [0, 0];
    for (let i = 0; i < SIZE; i++) {
      for (let j = 0; j < i; j++) {
        const error = Math.abs(found[i * SIZE + j] - exact[i * SIZE + j]);
        squares += error ** 2;
        most = Math.max(most, error);
      }
    }
    const measured = Math.sqrt((2 * squares) / (SIZE * (SIZE - 1)));
    expect(measured).toBeGreaterThan(1e-5);
    expect(measured / rootMeanSquare).toBeGreaterThan(0.9);
    expect(measured / rootMeanSquare).toBeLessThan(1.1);
    expect(largest).toBeLessThanOrEqual(most + 1e-6);
    expect(most).toBeLessThanOrEqual(bound + 1e-6);
    expect(bound).toBeLessThan(0.05);
  });

  it('are still wholly similar to themselves, also by computation', async () => {
    for (let i = 0; i < SIZE; i++) expect(found[i * SIZE + i]).toBe(1);
    expect((await rounded.explain(7, 7)).similarity).toBeCloseTo(1, 5);
    const block = await rounded.block(7, 7);
    for (let entry = 0; entry < 100; entry++) expect(block[entry]).toBeCloseTo(entry % 11 === 0 ? 1 : 0, 4);
  });

  it('have the densities of the rounded rows, stored and computed', async () => {
    const stored = await rounded.density();
    for (let i = 0; i < SIZE; i++) {
      const sum = found.subarray(i * SIZE, (i + 1) * SIZE).reduce((total, value) => total + value, 0);
      expect(stored[i]).toBeCloseTo(sum, 2);
    }
  });

  it('keep the exact rows of inputs outside the set', async () => {
    const query = { shape: [1, 28, 28, 1], data: randomInputs(3, [784]).data };
    const [mine, theirs] = [await seen.against(query), await rounded.against(query)];
    for (let i = 0; i < SIZE; i++)
      expect(Math.abs(mine.data[i] - theirs.data[i])).toBeLessThan(rounded.rowError!.bound);
  });

  it('are not rounded a second time when they are saved again', async () => {
    expect(Buffer.compare(await rounded.save(), bytes)).toBe(0);
    const whole = await engine.reopen(await rounded.save({ rows: 'float32' }));
    expect(whole.rowError).toEqual(rounded.rowError);
    expect(
      Buffer.compare(new Uint8Array((await whole.matrix()).data.buffer), new Uint8Array(found.buffer)),
    ).toBe(0);
    const again = await engine.reopen(await whole.save({ rows: 'int8' }));
    expect(again.rowError!.largest).toBeGreaterThan(rounded.rowError!.largest);
  });

  it('are the same bytes when they are saved, and the same bits when they are reopened, block by block', async () => {
    await using small = await open(model, { threads: 0, memory: 70 * 2 ** 20, check: false });
    const again = await small.reopen(bytes);
    expect(again.held).toBe(false);
    expect(
      Buffer.compare(new Uint8Array((await again.matrix()).data.buffer), new Uint8Array(found.buffer)),
    ).toBe(0);
    const query = { shape: [1, 28, 28, 1], data: randomInputs(3, [784]).data };
    expect(await again.nearest(query, 5)).toEqual(await rounded.nearest(query, 5));
    const sample = readSample(readFileSync(new URL('../../node/sample/fashion-3000.npz', import.meta.url)));
    const data = sample.images.data.slice(0, SIZE * 784);
    const streamed = await small.perspective({ shape: [SIZE, 28, 28, 1], data, divisor: 255 });
    expect(streamed.held).toBe(false);
    expect(Buffer.compare(await streamed.save({ rows: 'int8' }), bytes)).toBe(0);
  });
});

it('one input, and gradients that are zero, are rounded like any others', async () => {
  const { layers, sequential } = await import('@tensorflow/tfjs');
  const net = randomise(
    sequential({ layers: [layers.dense({ units: 1, useBias: false, inputShape: [3] })] }),
    1,
  );
  await using own = await open(net, { threads: 0 });
  const one = await own.perspective({ shape: [1, 3], data: Float32Array.of(1, 2, 3) });
  const again = await own.reopen(await one.save({ rows: 'int8' }));
  expect(again.rowError).toMatchObject({ pairs: 0, rootMeanSquare: 0, largest: 0 });
  const three = await own.perspective({
    shape: [3, 3],
    data: Float32Array.of(1, 2, 3, 0, 0, 0, 1e-44, 0, 0),
  });
  const flagged = await own.reopen(await three.save({ rows: 'int8' }));
  expect(flagged.flags.zero).toContain(1);
  expect(await flagged.similarity(0, 1)).toBe(0);
  net.dispose();
});
