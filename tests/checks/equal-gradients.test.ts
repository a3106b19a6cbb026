/**
 * D9: what equal gradients say (method, section 8). Theorem 1: g(x) = g(x′) ⇒ f(x) = f(x′). Corollary 1, for networks
 * with an output bias: k^C(x, x′) = 1 ⇒ f(x) = f(x′). Theorem 2, where no parameter is shared: equal gradients ⇒ equal
 * useful activities, those that some unit which still matters is made of.
 */
import * as tf from '@tensorflow/tfjs';
import { type NdArray, open } from 'netkin';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { exact, traces } from '../oracle/kernels.js';
import { jacobians, readWeights } from '../oracle/network.js';
import { noise, randomInputs, randomise, startWasm } from '../oracle/random.js';
import { distance, printErrors, within } from '../similarity/measure.js';
import { type Activation, perceptron, stack } from './networks.js';

beforeAll(startWasm);
afterAll(printErrors);

const functions: Partial<Record<Activation, (x: number) => number>> = {
  tanh: Math.tanh,
  relu: (x) => Math.max(0, x),
  softplus: (x) => Math.log1p(Math.exp(x)),
};

/** Kernels [in][out] and biases of the dense layers. */
function denseWeights(model: tf.LayersModel): { kernel: Float64Array; bias: Float64Array }[] {
  const { weights } = readWeights(model);
  const kernels = weights.filter(({ name }) => name.endsWith('/kernel'));
  return kernels.map(({ name, data }) => ({
    kernel: data,
    bias: weights.find((other) => other.name === name.replace('/kernel', '/bias'))!.data,
  }));
}

/** What every dense layer takes in at one input: the input, then the hidden activities. */
function activities(model: tf.LayersModel, x: readonly number[], f: (x: number) => number): number[][] {
  const all = [[...x]];
  for (const { kernel, bias } of denseWeights(model).slice(0, -1)) {
    const before = all[all.length - 1];
    all.push(
      Array.from(bias, (b, j) => f(before.reduce((sum, a, i) => sum + a * kernel[i * bias.length + j], b))),
    );
  }
  return all;
}

describe('D9: Theorems 1 and 2, by construction: a gradient alone holds the useful activities and the output', () => {
  // Where a layer is used once, its gradients are a bᵀ and b: a = G b / (b · b) wherever b ≠ 0. Nothing of x goes in.
  it.each(['tanh', 'relu', 'softplus'] as const)('of 40 random %s networks', (activation) => {
    for (let seed = 1; seed <= 40; seed++) {
      const next = noise(seed);
      const whole = (from: number, to: number) => from + Math.floor(((next() + 1) / 2) * (to - from + 1));
      const widths = [whole(2, 6), whole(5, 12), whole(5, 12), whole(1, 4)];
      const model = perceptron(widths, activation, seed + 50);
      const inputs = randomInputs(seed + 90, [4, widths[0]], 2);
      const set = jacobians(model, [inputs]);
      const last = denseWeights(model).at(-1)!;
      set.rows.forEach((rows, x) => {
        const truth = activities(
          model,
          [...inputs.data.subarray(x * widths[0], (x + 1) * widths[0])],
          functions[activation]!,
        );
        rows.forEach((row, c) => {
          const read = truth.map((known, l) => {
            const [kernel, bias] = set.parameters.slice(2 * l, 2 * l + 2);
            const b = row.subarray(bias.offset, bias.offset + bias.size);
            const square = b.reduce((sum, value) => sum + value * value, 0);
            expect(square).toBeGreaterThan(0);
            return known.map(
              (_, i) =>
                b.reduce((sum, value, j) => sum + value * row[kernel.offset + i * b.length + j], 0) / square,
            );
          });
          read.forEach((layer, l) => {
            within('D9 activities read from a gradient', activation, distance(layer, truth[l]), 1e-12);
          });
          const d = set.outputs;
          const f = read.at(-1)!.reduce((sum, a, i) => sum + a * last.kernel[i * d + c], last.bias[c]);
          within('D9 output read from a gradient', activation, Math.abs(f - set.values[x][c]), 1e-12);
        });
      });
      model.dispose();
    }
  });
});

/** Beside 4 living inputs, 3 whose units are all dead: ReLU far below zero whatever comes. */
function partlyDead(outputs: number): tf.LayersModel {
  const { layers } = tf;
  const [living, dead] = [tf.input({ shape: [4], name: 'living' }), tf.input({ shape: [3], name: 'dead' })];
  const units = layers.dense({ units: 5, activation: 'relu' });
  const parts = [
    layers.dense({ units: 7, activation: 'tanh' }).apply(living),
    units.apply(dead),
  ] as tf.SymbolicTensor[];
  const hidden = layers
    .dense({ units: 8, activation: 'relu' })
    .apply(layers.concatenate().apply(parts) as tf.SymbolicTensor);
  const y = layers.dense({ units: outputs }).apply(hidden as tf.SymbolicTensor) as tf.SymbolicTensor;
  const model = randomise(tf.model({ inputs: [living, dead], outputs: y }), 31);
  units.setWeights([units.getWeights()[0], tf.fill([5], -50)]);
  return model;
}

/** 10 examples, then the same with permuted dead inputs, then the same with other ones. */
function threefold(): { living: NdArray<Float32Array>; dead: NdArray<Float32Array> } {
  const [one, two, three] = [randomInputs(1, [10, 4]), randomInputs(2, [10, 3]), randomInputs(3, [10, 3], 9)];
  const permuted = two.data.map((_, i) => two.data[i - (i % 3) + ((i + 1) % 3)]);
  const join = (...parts: Float32Array[]) => Float32Array.from(parts.flatMap((part) => [...part]));
  return {
    living: { shape: [30, 4], data: join(one.data, one.data, one.data) },
    dead: { shape: [30, 3], data: join(two.data, permuted, three.data) },
  };
}

describe.each([1, 3])('D9: duplicates with permuted and with other dead inputs, d = %d', (d) => {
  it('have equal gradients and equal outputs in float64, and so have no others', () => {
    const model = partlyDead(d);
    const { living, dead } = threefold();
    const set = jacobians(model, [living, dead]);
    for (let i = 0; i < 30; i++) {
      for (let j = 0; j < 30; j++) {
        const equal = set.rows[i].every((row, c) => distance(row, set.rows[j][c]) === 0);
        expect(equal).toBe(i % 10 === j % 10);
        expect(distance(set.values[i], set.values[j]) === 0).toBe(equal);
      }
    }
    model.dispose();
  });

  it('are one input to the engine: k^C = 1, the same rows of the matrix, and the same outputs to the bit', async () => {
    const model = partlyDead(d);
    await using engine = await open(model);
    const seen = await engine.perspective(threefold());
    const { data } = await seen.matrix();
    for (let i = 0; i < 10; i++) {
      for (const copy of [i + 10, i + 20]) {
        within('D9 engine: k^C of copies − 1', `d = ${d}`, Math.abs(data[i * 30 + copy] - 1), 1e-6);
        const [one, other] = [i, copy].map((row) => data.subarray(row * 30, row * 30 + 30));
        within('D9 engine: rows of copies', `d = ${d}`, distance(one, other), 1e-6);
        expect(seen.logits.subarray(copy * d, copy * d + d)).toEqual(seen.logits.subarray(i * d, i * d + d));
      }
    }
    model.dispose();
  });
});

describe('D9: Corollary 1 needs a bias of the output', () => {
  /** Two ReLU layers without any bias but, perhaps, that of the output. */
  const network = (useBias: boolean) =>
    stack(
      [3],
      41,
      tf.layers.dense({ units: 9, activation: 'relu', useBias: false }),
      tf.layers.dense({ units: 1, useBias }),
    );
  /** x and 2x, five times. */
  const doubled = (): NdArray<Float32Array> => {
    const { data } = randomInputs(42, [5, 3]);
    return { shape: [10, 3], data: Float32Array.of(...data, ...data.map((value) => 2 * value)) };
  };

  it('without one, x and 2x have k^C = 1 where f(2x) = 2 f(x): the counterexample', async () => {
    const model = network(false);
    const set = jacobians(model, [doubled()]);
    const k = traces(exact(set).correlation);
    await using engine = await open(model);
    const seen = await engine.perspective(doubled());
    for (let i = 0; i < 5; i++) {
      within('D9 float64: k^C(x, 2x) − 1', 'no bias', Math.abs(k[i][i + 5] - 1), 1e-14);
      within('D9 engine: k^C(x, 2x) − 1', 'no bias', Math.abs((await seen.similarity(i, i + 5)) - 1), 1e-6);
      expect(set.values[i + 5][0]).toBe(2 * set.values[i][0]);
      expect(set.values[i][0]).not.toBe(0);
    }
    model.dispose();
  });

  it('with one they have not: k^C < 1 wherever f differs', async () => {
    const model = network(true);
    const set = jacobians(model, [doubled()]);
    const k = traces(exact(set).correlation);
    await using engine = await open(model);
    const seen = await engine.perspective(doubled());
    for (let i = 0; i < 5; i++) {
      expect(set.values[i + 5][0]).not.toBe(set.values[i][0]);
      expect(k[i][i + 5]).toBeLessThan(0.999);
      expect(await seen.similarity(i, i + 5)).toBeLessThan(0.999);
    }
    model.dispose();
  });
});
