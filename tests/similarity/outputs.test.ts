/** Which functions are compared: chosen outputs, contrasts and losses are linear combinations of the logits' gradients. */
import { type OpenOptions, open } from 'netkin';
import { beforeAll, describe, expect, it } from 'vitest';
import { contrast, exact, mixed, traces } from '../oracle/kernels.js';
import { type Jacobians, jacobians } from '../oracle/network.js';
import { noise, startWasm } from '../oracle/random.js';
import { build, given } from '../oracle/zoo.js';
import { distance } from './measure.js';

beforeAll(startWasm);

const CLASSIFIER = 'CNN with max-pool and softmax, d = 4';
const largest = (row: Float64Array) => row.indexOf(Math.max(...row));

async function compare(
  name: string,
  options: OpenOptions,
  weights: (set: Jacobians) => (x: number) => number[][],
  labels?: number[],
): Promise<void> {
  const specimen = build(name);
  const set = jacobians(specimen.model, specimen.inputs);
  const wanted = exact(mixed(set, weights(set)));
  await using engine = await open(specimen.model, options);
  const seen = await engine.perspective(given(specimen), labels ? { labels } : {});
  expect(seen.outputs).toBe(wanted.outputs);
  expect(distance((await seen.matrix()).data, traces(wanted.correlation).flat())).toBeLessThan(5e-6);
  specimen.model.dispose();
}

describe('the compared functions', () => {
  it('may be some of the outputs, in any order', async () => {
    await compare(CLASSIFIER, { output: [2, 0] }, () => () => [
      [0, 0, 1, 0],
      [1, 0, 0, 0],
    ]);
    await compare('MLP, d = 3, tanh', { output: [1] }, () => () => [[0, 1, 0]]);
  });

  it('may be the predicted class against the others (D11)', async () => {
    await compare(CLASSIFIER, { output: 'contrast' }, (set) => (x) => [contrast(4, largest(set.values[x]))]);
  });

  it('may be a given class against the others', async () => {
    const next = noise(3);
    const classes = Array.from({ length: 27 }, () => Math.floor(2 * (next() + 1)));
    await compare(CLASSIFIER, { output: { contrast: classes }, batch: 5 }, () => (x) => [
      contrast(4, classes[x]),
    ]);
  });

  it('may be the cross-entropy of a label', async () => {
    const next = noise(4);
    const labels = Array.from({ length: 27 }, () => Math.floor(2 * (next() + 1)));
    const seeds = (set: Jacobians) => (x: number) => {
      const total = set.values[x].reduce((sum, z) => sum + Math.exp(z), 0);
      return [Array.from(set.values[x], (z, c) => Math.exp(z) / total - (c === labels[x] ? 1 : 0))];
    };
    await compare(CLASSIFIER, { of: 'loss', batch: 7 }, seeds, labels);
  });

  it('may be half the squared error of a target', async () => {
    const next = noise(5);
    const labels = Array.from({ length: 40 }, () => Math.fround(3 * next()));
    const seeds = (set: Jacobians) => (x: number) => [[set.values[x][0] - labels[x]]];
    await compare('MLP, d = 1', { of: 'loss' }, seeds, labels);
  });
});
