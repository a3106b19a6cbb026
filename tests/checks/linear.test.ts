/**
 * D2 and D5: a linear model, where everything is known. f = w·x + b has the gradient (x, 1) whatever w and b, so
 * k^C = (x·x' + 1) / √((|x|² + 1)(|x'|² + 1)); with d outputs K^C is that number times the identity.
 */
import * as tf from '@tensorflow/tfjs';
import { Matrix } from 'ml-matrix';
import { type NdArray, open } from 'netkin';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { exact, traces } from '../oracle/kernels.js';
import { jacobians } from '../oracle/network.js';
import { randomInputs, randomise, startWasm } from '../oracle/random.js';
import { flattenedCosine } from '../oracle/theorems.js';
import { distance, magnitude, printErrors, within } from '../similarity/measure.js';
import { perceptron } from './networks.js';

beforeAll(startWasm);
afterAll(printErrors);

const inputs = randomInputs(8, [29, 5], 2);
const [n, width] = inputs.shape;

/** x·x' + 1 of all pairs, n × n. */
const products = Array.from({ length: n }, (_, i) =>
  Array.from({ length: n }, (_, j) =>
    Array.from({ length: width }, (_, c) => inputs.data[i * width + c] * inputs.data[j * width + c]).reduce(
      (sum, value) => sum + value,
      1,
    ),
  ),
);
const closedForm = products.map((row, i) =>
  row.map((value, j) => value / Math.sqrt(products[i][i] * products[j][j])),
);

describe('D2: f = w·x + b', () => {
  it('in float64 has k^C of the closed form within 1e-14, and k^I = x·x′ + 1', () => {
    const model = perceptron([width, 1], 'linear', 3);
    const { correlation, inner } = exact(jacobians(model, [inputs]));
    within('D2 float64: k^C', 'float64', distance(traces(correlation).flat(), closedForm.flat()), 1e-14);
    within('D2 float64: k^I', 'float64', distance(traces(inner).flat(), products.flat()), 1e-14);
    model.dispose();
  });

  it('in float64 has k^N(x, x) = 1 and k^N(x, x′) |g(x)|² symmetric', () => {
    const model = perceptron([width, 1], 'linear', 3);
    const influence = traces(exact(jacobians(model, [inputs])).influence);
    for (let i = 0; i < n; i++) {
      within('D2 float64: k^N(x, x) − 1', 'float64', Math.abs(influence[i][i] - 1), 1e-14);
      for (let j = 0; j < n; j++) {
        const [one, other] = [influence[i][j] * products[i][i], influence[j][i] * products[j][j]];
        within('D2 float64: asymmetry of k^N |g|²', 'float64', Math.abs(one - other), 1e-13);
      }
    }
    model.dispose();
  });

  it('in the engine has the same numbers within float32', async () => {
    const model = perceptron([width, 1], 'linear', 3);
    await using engine = await open(model);
    const seen = await engine.perspective(inputs);
    const flat = closedForm.flat();
    within('D2 engine: k^C', 'engine', distance((await seen.matrix()).data, flat), 3e-7);
    const { data: influence } = await seen.matrix({ kernel: 'influence' });
    const wanted = products.flatMap((row, i) => row.map((value) => value / products[i][i]));
    within('D2 engine: k^N', 'engine', distance(influence, wanted) / magnitude(wanted), 3e-7);
    for (let i = 0; i < n; i++) expect(influence[i * n + i]).toBeCloseTo(1, 6);
    model.dispose();
  });
});

describe('D5: f = W x + b with 4 outputs', () => {
  it('in float64 has K^C = the number of D2 times the identity', () => {
    const model = perceptron([width, 4], 'linear', 3);
    const { correlation } = exact(jacobians(model, [inputs]));
    correlation.forEach((row, i) => {
      row.forEach((block, j) => {
        const error = Matrix.sub(block, Matrix.mul(Matrix.eye(4), closedForm[i][j]));
        within('D5 float64: K^C − k^C I', 'float64', error.norm(), 1e-14);
      });
    });
    model.dispose();
  });

  it('in the engine has K^C = that number times the identity, and k^C = Tr K^C / d of it', async () => {
    const model = perceptron([width, 4], 'linear', 3);
    await using engine = await open(model);
    const seen = await engine.perspective(inputs);
    const wanted = closedForm.flat().flatMap((k) => Matrix.mul(Matrix.eye(4), k).to1DArray());
    within('D5 engine: K^C − k^C I', 'engine', distance((await seen.blocks()).data, wanted), 1e-6);
    within('D5 engine: k^C', 'engine', distance((await seen.matrix()).data, closedForm.flat()), 5e-7);
    model.dispose();
  });
});

describe('D5: k^C of two outputs is no cosine of flattened Jacobians', () => {
  /** f = (10 u·x, v·y): the first output is ten times as steep. x is much alike in the pair (cosine 0.975), y little (0.445). */
  function scaledColumns(): { model: tf.LayersModel; pair: NdArray<Float32Array>[] } {
    const { layers } = tf;
    const parts = ['x', 'y'].map((name) => tf.input({ shape: [2], name }));
    const heights = parts.map((part) => layers.dense({ units: 1, useBias: false }).apply(part));
    const joined = layers.concatenate().apply(heights as tf.SymbolicTensor[]) as tf.SymbolicTensor;
    const scale = layers.dense({ units: 2, useBias: false, trainable: false });
    const model = randomise(
      tf.model({ inputs: parts, outputs: scale.apply(joined) as tf.SymbolicTensor }),
      3,
    );
    scale.setWeights([
      tf.tensor2d([
        [10, 0],
        [0, 1],
      ]),
    ]);
    const turned = (cosine: number) => ({
      shape: [2, 2],
      data: Float32Array.of(1, 0, cosine, Math.sqrt(1 - cosine ** 2)),
    });
    return { model, pair: [turned(0.9753), turned(0.4447)] };
  }

  it('scaled columns: k^C = (0.975 + 0.445) / 2 = 0.71, where the flattened cosine is 0.97', async () => {
    const { model, pair } = scaledColumns();
    const set = jacobians(model, pair);
    const k = exact(set).correlation[0][1].trace() / 2;
    expect(k).toBeCloseTo(0.71, 6);
    expect(flattenedCosine(set.rows[0], set.rows[1])).toBeCloseTo(0.97, 3);
    await using engine = await open(model);
    const seen = await engine.perspective({ x: pair[0], y: pair[1] });
    expect(await seen.similarity(0, 1)).toBeCloseTo(k, 6);
    model.dispose();
  });
});
