/** The training step: Adam, fast products, gradients, and going on where one was. */
import { readFileSync } from 'node:fs';
import * as tf from '@tensorflow/tfjs';
import { beforeAll, describe, expect, test } from 'vitest';
import { wasmKernel } from '../../src/kernel/kernel.js';
import { Adam } from '../../src/network/adam.js';
import { perceptron } from '../../src/network/perceptron.js';
import { Regression, type RegressionState } from '../../src/network/regression.js';
import { tfjsMemory } from '../../src/network/tfjs.js';
import { installTransposedProducts } from '../../src/network/transposed.js';
import { noise, startWasm } from '../oracle/random.js';

const kernel = new WebAssembly.Module(readFileSync(new URL('../../dist/kernel.wasm', import.meta.url)));
const WIDTHS = [2, 7, 5, 1];

beforeAll(startWasm);

function numbers(seed: number, length: number): Float32Array {
  const next = noise(seed);
  return Float32Array.from({ length }, () => next());
}

/** A perceptron in float64: weights layer by layer, each in × out, then its biases. */
function answer(weights: Float64Array, widths: readonly number[], input: readonly number[]): number[] {
  let offset = 0;
  let values = [...input];
  for (const [layer, units] of widths.slice(1).entries()) {
    const next = Array.from({ length: units }, (_, unit) => {
      const bias = weights[offset + values.length * units + unit]!;
      return values.reduce((sum, value, i) => sum + value * weights[offset + i * units + unit]!, bias);
    });
    offset += (values.length + 1) * units;
    values = layer + 2 < widths.length ? next.map((value) => Math.max(0, value)) : next;
  }
  return values;
}

function lossOf(
  weights: Float64Array,
  x: Float32Array,
  y: Float32Array,
  loss: 'absolute' | 'squared',
): number {
  const errors = Array.from(
    y,
    (target, i) => answer(weights, WIDTHS, [x[2 * i]!, x[2 * i + 1]!])[0]! - target,
  );
  return (
    errors.reduce((sum, error) => sum + (loss === 'absolute' ? Math.abs(error) : error ** 2), 0) / y.length
  );
}

describe('a training step', () => {
  test.each(['absolute', 'squared'] as const)('has the gradient of the %s loss', (loss) => {
    const model = perceptron(WIDTHS, 3);
    const regression = new Regression(kernel, model, loss);
    const [x, y] = [numbers(1, 40), numbers(2, 20)];
    const weights = Float64Array.from(regression.state.weights);
    const value = regression.step(x, y, 0);
    // The first of Adam's averages, with β₁ = 0.9.
    const gradient = regression.state.first.map((mean) => mean / (1 - 0.9));
    expect(value).toBeCloseTo(lossOf(weights, x, y, loss), 6);
    const step = 1e-6;
    for (let p = 0; p < weights.length; p++) {
      const at = (change: number) => lossOf(weights.with(p, weights[p]! + change), x, y, loss);
      expect(gradient[p]).toBeCloseTo((at(step) - at(-step)) / (2 * step), 5);
    }
    model.dispose();
  });

  test('is seen by the model at once, and frees what it used', () => {
    const model = perceptron(WIDTHS, 4);
    const regression = new Regression(kernel, model, 'absolute');
    const [x, y] = [numbers(3, 128), numbers(4, 64)];
    const predict = () => tf.tidy(() => (model.predict(tf.tensor(x, [64, 2])) as tf.Tensor).dataSync());
    regression.step(x, y, 0.05);
    const { numTensors, numBytes } = tf.memory();
    for (let i = 0; i < 5; i++) {
      regression.step(x, y, 0.05);
      const weights = Float64Array.from(regression.state.weights);
      predict().forEach((value, row) => {
        expect(value).toBeCloseTo(answer(weights, WIDTHS, [x[2 * row]!, x[2 * row + 1]!])[0]!, 4);
      });
    }
    expect(tf.memory()).toMatchObject({ numTensors, numBytes });
    model.dispose();
  });

  test('whose inputs and targets are not of the same batch is refused, not broadcast', () => {
    const model = perceptron(WIDTHS, 5);
    const regression = new Regression(kernel, model, 'squared');
    for (const [inputs, targets] of [
      [8, 1],
      [2, 4],
      [7, 3],
      [0, 0],
    ] as const) {
      expect(() => regression.step(numbers(1, inputs), numbers(2, targets), 0.1)).toThrow(
        /^\d numbers of inputs and \d of targets are no batch: each example has 2 and 1\.$/,
      );
    }
    expect(regression.steps).toBe(0);
    model.dispose();
  });

  test('with a gradient that is not finite is refused by the name of the parameter, and changes nothing', () => {
    const model = perceptron(WIDTHS, 5);
    const regression = new Regression(kernel, model, 'squared');
    const before = regression.state;
    expect(() => regression.step(numbers(5, 4), Float32Array.of(1, Infinity), 0.1)).toThrow(
      /dense_1.*kernel.* is not finite/,
    );
    expect(regression.state).toEqual(before);
    model.dispose();
  });
});

describe('Adam', () => {
  /** The same gradients to each: what the weights are after `steps` steps. */
  function train(steps: number, step: (gradients: tf.Tensor[], rate: number) => void): void {
    for (let i = 0; i < steps; i++) {
      tf.tidy(() =>
        step([tf.tensor(numbers(10 + i, 6), [2, 3]), tf.tensor(numbers(50 + i, 3), [3])], 0.01 / (i + 1)),
      );
    }
  }
  const start = (): tf.Variable[] => [
    tf.variable(tf.tensor(numbers(7, 6), [2, 3])),
    tf.variable(tf.tensor(numbers(8, 3), [3])),
  ];
  const named = (variables: readonly tf.Variable[], gradients: readonly tf.Tensor[]) =>
    Object.fromEntries(variables.map(({ name }, i) => [name, gradients[i]!]));
  const read = (variables: readonly tf.Variable[]) => variables.flatMap((one) => Array.from(one.dataSync()));

  test("is the published rule, computed in float64, and tf.train.adam's", () => {
    const [own, stock] = [start(), start()];
    const adam = new Adam(own);
    train(12, (gradients, rate) => adam.step(named(own, gradients), rate));

    const twin = { w: read(start()), m: new Float64Array(9), v: new Float64Array(9), t: 0 };
    train(12, (gradients, rate) => {
      const g = gradients.flatMap((gradient) => Array.from(gradient.dataSync()));
      twin.t += 1;
      for (let i = 0; i < 9; i++) {
        twin.m[i] = 0.9 * twin.m[i]! + 0.1 * g[i]!;
        twin.v[i] = 0.999 * twin.v[i]! + 0.001 * g[i]! ** 2;
        const [first, second] = [twin.m[i]! / (1 - 0.9 ** twin.t), twin.v[i]! / (1 - 0.999 ** twin.t)];
        twin.w[i]! -= (rate * first) / (Math.sqrt(second) + 1e-8);
      }
    });
    read(own).forEach((weight, i) => {
      expect(weight).toBeCloseTo(twin.w[i]!, 6);
    });

    // tfjs fixes its rate beforehand; with one rate both must agree.
    const [mine, theirs] = [start(), stock];
    const [ours, tfjs] = [new Adam(mine), tf.train.adam(0.003, 0.9, 0.999, 1e-8)];
    train(12, (gradients) => ours.step(named(mine, gradients), 0.003));
    train(12, (gradients) =>
      tfjs.applyGradients(theirs.map(({ name }, i) => ({ name, tensor: gradients[i]! }))),
    );
    read(mine).forEach((weight, i) => {
      expect(weight).toBeCloseTo(read(theirs)[i]!, 5);
    });
    tfjs.dispose();
    tf.dispose([...own, ...mine, ...theirs]);
  });

  test('goes on from a state with the same bits', () => {
    const model = perceptron(WIDTHS, 6);
    const regression = new Regression(kernel, model, 'squared');
    const lesson = (i: number) => regression.step(numbers(i, 20), numbers(i + 100, 10), 0.01);
    for (let i = 0; i < 4; i++) lesson(i);
    const middle: RegressionState = regression.state;
    for (let i = 4; i < 8; i++) lesson(i);
    const end = regression.state;
    regression.restore(middle);
    expect(regression.steps).toBe(4);
    for (let i = 4; i < 8; i++) lesson(i);
    expect(regression.state).toEqual(end);
    model.dispose();
  });

  test.each([Infinity, NaN, 1e21, -2e19])('refuses a gradient of %d, and changes nothing', (value) => {
    const variables = start();
    const adam = new Adam(variables);
    const [state, weights] = [adam.state, read(variables)];
    expect(() =>
      tf.tidy(() => adam.step(named(variables, [tf.fill([2, 3], 1), tf.tensor([1, value, 1])]), 0.1)),
    ).toThrow('is not finite, or too large to be squared');
    expect([adam.state, read(variables)]).toEqual([state, weights]);
    tf.dispose(variables);
  });

  test('refuses a model of two outputs', () => {
    const input = tf.input({ shape: [2] });
    const outputs = [1, 2].map(() => tf.layers.dense({ units: 1 }).apply(input) as tf.SymbolicTensor);
    const model = tf.model({ inputs: input, outputs });
    expect(() => new Regression(kernel, model, 'squared')).toThrow('one input and one output');
    model.dispose();
  });

  test('refuses the state of another network, and a variable that the loss does not depend on', () => {
    const variables = start();
    const adam = new Adam(variables);
    const other = { steps: 1, first: new Float32Array(8), second: new Float32Array(8) };
    expect(() => adam.restore(other)).toThrow('8 numbers, not 9');
    const [small, large] = [perceptron([2, 1], 1), perceptron([2, 3, 1], 1)];
    const [one, two] = [small, large].map((model) => new Regression(kernel, model, 'squared'));
    expect(() => one!.restore(two!.state)).toThrow('13 weights, not 3: it is of another network');
    for (const model of [small, large]) model.dispose();
    expect(() => tf.tidy(() => adam.step({}, 0.1))).toThrow('has no gradient');
    tf.dispose(variables);
  });
});

test('a perceptron starts uniform in ±1/√fan_in, biases too, the same for the same seed', () => {
  const read = (seed: number) => {
    const model = perceptron([2, 64, 64, 1], seed);
    const weights = model.getWeights().map((weight) => Array.from(weight.dataSync()));
    model.dispose();
    return weights;
  };
  const weights = read(1);
  for (const [i, fanIn] of [2, 2, 64, 64, 64, 64].entries()) {
    const largest = Math.max(...weights[i]!.map(Math.abs)) * Math.sqrt(fanIn);
    expect(largest).toBeLessThanOrEqual(1.000001);
    if (weights[i]!.length > 1) expect(largest).toBeGreaterThan(0.9);
  }
  expect(read(1)).toEqual(weights);
  expect(read(2)).not.toEqual(weights);
});

test.each([
  [3, 5, 2],
  [64, 64, 64],
  [17, 1, 9],
  [1, 4, 1],
])('transposed products of %d × %d × %d are those of plain loops, and stock ones come back', (n, k, m) => {
  const [a, b, c] = [numbers(1, n * k), numbers(2, n * m), numbers(3, k * m)];
  const stock = tf.getKernel('BatchMatMul', 'wasm');
  const undo = installTransposedProducts(wasmKernel(kernel, tfjsMemory()));
  const [left, right] = tf.tidy(() => [
    tf.matMul(tf.tensor2d(a, [n, k]), tf.tensor2d(b, [n, m]), true, false).dataSync(),
    tf.matMul(tf.tensor2d(b, [n, m]), tf.tensor2d(c, [k, m]), false, true).dataSync(),
  ]);
  undo();
  expect(tf.getKernel('BatchMatMul', 'wasm')).toBe(stock);
  for (let i = 0; i < k; i++) {
    for (let j = 0; j < m; j++) {
      let sum = 0;
      for (let t = 0; t < n; t++) sum += a[t * k + i]! * b[t * m + j]!;
      expect(left[i * m + j]).toBeCloseTo(sum, 4);
    }
  }
  for (let t = 0; t < n; t++) {
    for (let i = 0; i < k; i++) {
      let sum = 0;
      for (let j = 0; j < m; j++) sum += b[t * m + j]! * c[i * m + j]!;
      expect(right[t * k + i]).toBeCloseTo(sum, 4);
    }
  }
});
