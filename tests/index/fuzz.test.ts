/** 10 000 damaged indexes: each is refused with the reason, or opened, and then what it says holds together. */
import * as tf from '@tensorflow/tfjs';
import { type Engine, NetkinError, open, type Perspective } from 'netkin';
import { afterAll, beforeAll, expect, it } from 'vitest';
import { randomInputs, randomise, startWasm } from '../oracle/random.js';
import { damaged, withImmense } from './hostile.js';

const SIZE = 19;
const COUNT = 10_000;
/** Milliseconds for one file: hundreds of times what it takes, so that only a fault lasts longer. */
const LONGEST = 10_000;
let model: tf.LayersModel;
let engine: Engine;
const originals: Uint8Array[] = [];
const other = randomInputs(5, [2, 6]);

beforeAll(async () => {
  await startWasm();
  model = randomise(
    tf.sequential({
      layers: [
        tf.layers.dense({ units: 5, activation: 'tanh', inputShape: [6] }),
        tf.layers.dense({ units: 3, activation: 'softmax' }),
      ],
    }),
    3,
  );
  engine = await open(model, { threads: 0 });
  const seen = await engine.perspective(randomInputs(1, [SIZE, 6]));
  const attached = {
    labels: Array.from({ length: SIZE }, (_, i) => i % 3),
    classes: ['a', 'b', 'c'],
    names: Array.from({ length: SIZE }, (_, i) => `${i}.png`),
    thumbnails: { shape: [SIZE, 2, 2, 1], data: new Uint8Array(4 * SIZE) },
  };
  originals.push(await seen.save(attached), await seen.save({ ...attached, rows: 'int8' }));
  expect(originals[0].length).toBeLessThan(2 ** 16);
});

afterAll(async () => {
  await engine.dispose();
  model.dispose();
});

const finite = (values: ArrayLike<number>) => Array.from(values).every(Number.isFinite);

/** What must hold for whatever was opened. */
async function assertConsistent(seen: Perspective): Promise<void> {
  expect(seen.size).toBe(SIZE);
  const { data } = await seen.matrix();
  for (let i = 0; i < SIZE; i++) {
    for (let j = 0; j < SIZE; j++) {
      const value = data[i * SIZE + j];
      if (!(value >= -1 && value <= 1 && value === data[j * SIZE + i]))
        throw new Error(`k(${i}, ${j}) is ${value}`);
    }
  }
  const similarity = await seen.similarity(3, 4);
  expect(Math.abs(similarity)).toBeLessThanOrEqual(1);
  const { layers } = await seen.explain(0, 1);
  expect(finite(layers.map(({ share }) => share))).toBe(true);
  expect(finite(await seen.block(2, 5))).toBe(true);
  expect(finite(await seen.density())).toBe(true);
  expect(finite(await seen.density({ hard: 0.5 }))).toBe(true);
  expect(finite(await seen.density('soft', { of: other }))).toBe(true);
  const { indices, similarities } = await seen.nearest(other, 3);
  expect(finite(similarities)).toBe(true);
  expect(indices.every((index) => index >= 0 && index < SIZE)).toBe(true);
  const { undefinedAt, labels } = await seen.denoise(seen.labels ?? Array(SIZE).fill(1));
  for (let i = 0; i < SIZE; i++)
    expect(finite(labels.subarray(3 * i, 3 * i + 3)) || undefinedAt.includes(i)).toBe(true);
  if (seen.names) expect(seen.names).toHaveLength(SIZE);
}

it(`${COUNT} damaged indexes are refused, or what they say holds together`, async () => {
  const outcomes = { refused: 0, opened: 0, refusedLater: 0 };
  const reasons = new Set<string>();
  for (let seed = 0; seed < COUNT; seed++) {
    const bytes = damaged(originals[seed % 2], seed, seed % 4 < 2);
    let seen: Perspective | null = null;
    const begun = performance.now();
    try {
      seen = await engine.reopen(bytes);
      await assertConsistent(seen);
      outcomes.opened++;
    } catch (error) {
      if (!(error instanceof NetkinError)) throw new Error(`Damage ${seed}: ${error}`, { cause: error });
      expect(['input', 'usage', 'memory']).toContain(error.code);
      if (seen) outcomes.refusedLater++;
      else outcomes.refused++;
      reasons.add(error.message.replace(/[\d.]+|'[^']*'|\[.*\]/g, '').slice(0, 60));
    } finally {
      seen?.[Symbol.dispose]();
    }
    expect(performance.now() - begun, `damage ${seed}`).toBeLessThan(LONGEST);
  }
  // The validators behind the checksum are reached, and some damage (a gradient, a thumbnail) makes another index.
  expect(outcomes.refused).toBeGreaterThan(COUNT / 2);
  expect(outcomes.opened).toBeGreaterThan(COUNT / 20);
  expect(reasons.size).toBeGreaterThan(15);
});

it('so are 1000 damaged indexes of contrasts', async () => {
  const ids = Array.from({ length: SIZE }, (_, i) => i % 3);
  const output = { contrast: ids, adversary: ids.map((id) => (id + 1) % 3) };
  await using by = await open(model, { output, threads: 0, check: false });
  const original = await (await by.perspective(randomInputs(1, [SIZE, 6]))).save();
  let refused = 0;
  for (let seed = 0; seed < 1000; seed++) {
    try {
      using seen = await by.reopen(damaged(original, seed, true));
      const { data } = await seen.matrix();
      expect(data.every((value) => Math.abs(value) <= 1)).toBe(true);
    } catch (error) {
      if (!(error instanceof NetkinError)) throw new Error(`Damage ${seed}: ${error}`, { cause: error });
      refused++;
    }
  }
  expect(refused).toBeGreaterThan(500);
  for (const { name, bytes } of withImmense(original)) {
    const refusal: unknown = await by.reopen(bytes).catch((error) => error);
    if (!name.startsWith('classes: ')) expect(refusal, name).toBeInstanceOf(NetkinError);
  }
});

it('headers of any depth, width and length are refused in few words', async () => {
  for (const original of originals) {
    for (const { name, bytes } of withImmense(original)) {
      const begun = performance.now();
      const refusal: unknown = await engine.reopen(bytes).catch((error) => error);
      // Class names may be any, and as many as there are labels for.
      if (name.startsWith('classes: ') && !(refusal instanceof NetkinError)) continue;
      expect(refusal, name).toBeInstanceOf(NetkinError);
      expect((refusal as NetkinError).code, name).toMatch(/^(?:input|usage)$/);
      expect((refusal as NetkinError).message.length, name).toBeLessThan(1000);
      expect(performance.now() - begun, name).toBeLessThan(LONGEST);
    }
  }
});
