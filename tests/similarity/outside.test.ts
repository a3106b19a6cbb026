/** Measures around inputs outside the set, which are those of a set that holds them. */
import * as tf from '@tensorflow/tfjs';
import { open } from 'netkin';
import { beforeAll, expect, test } from 'vitest';
import { randomInputs, randomise, startWasm } from '../oracle/random.js';

const SIZE = 300;

beforeAll(startWasm);

const all = randomInputs(3, [SIZE, 6]);
const part = (first: number, last: number) => ({
  shape: [last - first, 6],
  data: all.data.subarray(first * 6, last * 6),
});
const set = part(0, SIZE - 5);
const others = part(SIZE - 5, SIZE);

function network(outputs: number): tf.LayersModel {
  const { layers } = tf;
  return randomise(
    tf.sequential({
      layers: [
        layers.dense({ inputShape: [6], units: 7, activation: 'tanh', name: 'hidden' }),
        layers.dense({ units: outputs, name: 'last' }),
      ],
    }),
    4,
  );
}

test.each([1, 3])('density around other inputs sums their similarities to the set (d = %i)', async (d) => {
  const model = network(d);
  const engine = await open(model, { threads: 0 });
  const seen = await engine.perspective(set);
  const { data } = await seen.against(others);
  const sums = (value: (k: number) => number) =>
    Array.from({ length: 5 }, (_, j) =>
      Array.from({ length: set.shape[0] }, (_, i) => value(data[i * 5 + j])).reduce((a, b) => a + b, 0),
    );
  const soft = await seen.density('soft', { of: others });
  sums((k) => k).forEach((sum, j) => {
    expect(soft[j]).toBeCloseTo(sum, 3);
  });
  expect([...(await seen.density({ hard: 0.3 }, { of: others }))]).toEqual(sums((k) => (k >= 0.3 ? 1 : 0)));
  const power = await seen.density({ power: 2 }, { of: others });
  sums((k) => (k > 0 ? k * k : 0)).forEach((sum, j) => {
    expect(power[j]).toBeCloseTo(sum, 3);
  });
  model.dispose();
});

test('an input outside the set is explained as if it were in it', async () => {
  const model = network(2);
  const engine = await open(model, { threads: 0 });
  const seen = await engine.perspective(set);
  const whole = await engine.perspective(all);
  const outside = await seen.explain(part(SIZE - 1, SIZE), 17);
  expect(outside).toEqual(await whole.explain(SIZE - 1, 17));
  expect(outside.layers.map(({ layer }) => layer)).toEqual(['hidden', 'last']);
  await expect(seen.explain(others, 17)).rejects.toMatchObject({ code: 'usage' });
  model.dispose();
});

test('many explained at once are those explained one by one', async () => {
  const model = network(3);
  const engine = await open(model, { threads: 0 });
  const seen = await engine.perspective(set);
  const others = Array.from({ length: 40 }, (_, k) => (k * 89) % set.shape[0]).concat(17, 17);
  for (const of of [part(SIZE - 1, SIZE), 5]) {
    const together = await seen.explain(of, others);
    for (const [k, j] of others.entries()) expect(together[k]).toEqual(await seen.explain(of, j));
  }
  expect(await seen.explain(3, [])).toEqual([]);
  await expect(seen.explain(3, [0, set.shape[0]])).rejects.toMatchObject({ code: 'usage' });
  for (const of of [part(SIZE - 1, SIZE), 5])
    await expect(seen.explain(of, [1, 2], { signal: AbortSignal.abort() })).rejects.toMatchObject({
      code: 'aborted',
    });
  model.dispose();
});

test('outputs run forward, and give way to a signal', async () => {
  const model = network(2);
  const engine = await open(model, { threads: 0 });
  const { shape, data } = await engine.outputs(set);
  expect(shape).toEqual([set.shape[0], 2]);
  expect(data).toEqual((await engine.perspective(set)).logits);
  await expect(engine.outputs(set, { signal: AbortSignal.abort() })).rejects.toMatchObject({
    code: 'aborted',
  });
  model.dispose();
});
