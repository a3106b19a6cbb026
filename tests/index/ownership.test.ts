/** The bytes of an index are the caller's: what is read from them later is refused where they are others by then. */
import * as tf from '@tensorflow/tfjs';
import { type Engine, open, type Perspective } from 'netkin';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { randomInputs, randomise, startWasm } from '../oracle/random.js';

const SIZE = 400;
let model: tf.LayersModel;
/** Holds rows, and does not. */
let wide: Engine;
let tight: Engine;
let rounded: Uint8Array;
let exact: Uint8Array;

beforeAll(async () => {
  await startWasm();
  const { layers } = tf;
  model = randomise(
    tf.sequential({
      layers: [
        layers.dense({ units: 60, activation: 'tanh', inputShape: [300] }),
        layers.dense({ units: 5, activation: 'softmax' }),
      ],
    }),
    1,
  );
  wide = await open(model, { threads: 0 });
  tight = await open(model, { threads: 0, memory: 6 * 2 ** 20, check: false });
  const seen = await wide.perspective(randomInputs(2, [SIZE, 300]));
  [rounded, exact] = [await seen.save({ rows: 'int8' }), await seen.save()];
});

afterAll(async () => {
  for (const engine of [wide, tight]) await engine.dispose();
  model.dispose();
});

const usage = (reason: RegExp) =>
  expect.objectContaining({ name: 'NetkinError', code: 'usage', message: expect.stringMatching(reason) });

const giveAway = (bytes: Uint8Array) => structuredClone(null, { transfer: [bytes.buffer as ArrayBuffer] });

describe.each([
  ['rounded rows that are held', () => wide, () => rounded, true],
  ['rounded rows that are not', () => tight, () => rounded, false],
  ['exact rows that are not held', () => tight, () => exact, false],
])('%s', (_, by, original, held) => {
  const reopened = async (): Promise<[Perspective, Uint8Array]> => {
    const bytes = original().slice();
    const seen = await by().reopen(bytes);
    expect(seen.held).toBe(held);
    return [seen, bytes];
  };

  it('are not saved from bytes that changed', async () => {
    const [seen, bytes] = await reopened();
    const saved = await seen.save();
    bytes[bytes.length - 5000] ^= 1;
    await expect(seen.save()).rejects.toEqual(usage(/changed after it was reopened.*leave them unchanged/));
    bytes[bytes.length - 5000] ^= 1;
    expect(Buffer.compare(await seen.save(), saved)).toBe(0);
  });

  it('are not read from bytes that were given away', async () => {
    const [seen, bytes] = await reopened();
    giveAway(bytes);
    const gone = usage(/transferred away.*copy/);
    await expect(seen.save()).rejects.toEqual(gone);
    if (!held) await expect(seen.matrix()).rejects.toEqual(gone);
    else expect((await seen.matrix()).data.every(Number.isFinite)).toBe(true);
  });
});

it('bytes that are gone already are no index', async () => {
  const bytes = exact.slice();
  giveAway(bytes);
  await expect(wide.reopen(bytes)).rejects.toEqual(usage(/transferred away/));
});

it('exact rows that are held need their bytes no more', async () => {
  const bytes = exact.slice();
  const seen = await wide.reopen(bytes);
  giveAway(bytes);
  expect(Buffer.compare(await seen.save(), exact)).toBe(0);
});

it('logits, self kernels and outputs are handed out as copies, the same each time', async () => {
  const inputs = randomInputs(2, [20, 300]);
  const labels = Array.from({ length: 20 }, (_, i) => i % 5);
  const fresh = await wide.perspective(inputs);
  const seen = await wide.perspective(inputs);
  expect(seen.logits).toBe(seen.logits);
  expect(seen.selfKernels).toBe(seen.selfKernels);
  seen.logits.fill(3);
  seen.selfKernels.data.fill(-1);
  (seen.compared as number[]).fill(0);
  expect(await seen.denoise(labels)).toEqual(await fresh.denoise(labels));
  expect(await seen.suspects(labels)).toEqual(await fresh.suspects(labels));
  expect(await seen.uncertainty()).toEqual(await fresh.uncertainty());
  expect((await seen.matrix({ kernel: 'influence' })).data).toEqual(
    (await fresh.matrix({ kernel: 'influence' })).data,
  );
  expect(Buffer.compare(await seen.save(), await fresh.save())).toBe(0);
});
