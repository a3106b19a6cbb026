/**
 * D21: uncertainty 1 / Σ k^N(x, x′) = |g(x)|² / (g(x) · Σ g(x′)), which takes linear time, and an isolated input, which
 * has the fewest neighbours and the largest uncertainty. The variance of labels among neighbours is Perspective.fit.
 */
import { open } from 'netkin';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { exact, kernelBlock, soft, traces, uncertainty } from '../oracle/kernels.js';
import { jacobians } from '../oracle/network.js';
import { randomInputs, startWasm } from '../oracle/random.js';
import { build, given, specimens } from '../oracle/zoo.js';
import { distance, magnitude, printErrors, within } from '../similarity/measure.js';
import { perceptron } from './networks.js';

beforeAll(startWasm);
afterAll(printErrors);

/** Σ k^N as (g · Σ g′) / |g|², for gradients of one output. */
function inLinearTime(rows: readonly Float64Array[]): number[] {
  const sum = rows[0].map((_, p) => rows.reduce((total, row) => total + row[p], 0));
  const dot = (a: Float64Array, b: Float64Array) => kernelBlock([a], [b]).get(0, 0);
  return rows.map((row) => dot(row, sum) / dot(row, row));
}

describe('D21: 1 / Σ k^N = |g|² / (g · Σ g)', () => {
  it.each(specimens)('in float64 within 1e-10, and in the engine: output 0 of %s', async (name) => {
    const specimen = build(name);
    const set = jacobians(specimen.model, specimen.inputs);
    const first = { ...set, outputs: 1, rows: set.rows.map(([row]) => [row]) };
    const wanted = inLinearTime(first.rows.map(([row]) => row));
    const inverse = (values: ArrayLike<number>) => Array.from(values, (value) => 1 / value);
    const error = distance(inverse(uncertainty(exact(first))), wanted);
    within('D21 float64: Σ k^N', name, error / magnitude(wanted), 1e-10);
    await using engine = await open(specimen.model, { output: [0] });
    const found = await (await engine.perspective(given(specimen))).uncertainty();
    within('D21 engine: Σ k^N', name, distance(inverse(found), wanted) / magnitude(wanted), 5e-6);
    specimen.model.dispose();
  });
});

describe('D21: an isolated input', () => {
  it.each([1, 2, 3, 4, 5, 6, 7, 8])(
    'has the lowest N_S of its set, and the largest uncertainty: network %d',
    async (seed) => {
      const model = perceptron([2, 30, 30, 1], 'tanh', seed);
      const { shape, data } = randomInputs(seed + 10, [61, 2], 0.5);
      const inputs = { shape, data: data.map((value, i) => (i >= 120 ? 4 : value)) };
      const k = traces(exact(jacobians(model, [inputs])).correlation);
      const lowest = (values: ArrayLike<number>) =>
        Array.from(values).indexOf(Math.min(...Array.from(values)));
      expect(lowest(soft(k))).toBe(60);
      await using engine = await open(model);
      const seen = await engine.perspective(inputs);
      expect(lowest(await seen.density())).toBe(60);
      expect(lowest((await seen.uncertainty()).map((value) => 1 / value))).toBe(60);
      model.dispose();
    },
  );
});
