/**
 * D4: K^C of several outputs, on 200 random networks with d = 2, 3, 5, 10: in float64 with the accuracy that the check
 * asks for, and as the engine computes it in float32.
 */
import * as tf from '@tensorflow/tfjs';
import { Matrix, SingularValueDecomposition } from 'ml-matrix';
import { open } from 'netkin';
import { afterAll, beforeAll, describe, it } from 'vitest';
import { type Exact, exact, kernelBlock, traces } from '../oracle/kernels.js';
import { jacobians } from '../oracle/network.js';
import { noise, randomInputs, randomise, startWasm } from '../oracle/random.js';
import { distance, printErrors, within } from '../similarity/measure.js';
import { type Activation, perceptron } from './networks.js';

beforeAll(startWasm);
afterAll(printErrors);

const NETWORKS = 200;
const SIZE = 5;
const pairs = Array.from({ length: SIZE ** 2 }, (_, k) => [Math.floor(k / SIZE), k % SIZE] as const);

/** The k-th network: 1 to 3 hidden layers of 6 to 15 units. */
function drawn(k: number): { model: tf.LayersModel; d: number; inputs: ReturnType<typeof randomInputs> } {
  const next = noise(k + 1);
  const whole = (from: number, to: number) => from + Math.floor(((next() + 1) / 2) * (to - from + 1));
  const d = [2, 3, 5, 10][k % 4];
  const hidden = Array.from({ length: whole(1, 3) }, () => whole(6, 15));
  const activation = (['tanh', 'softplus', 'elu', 'relu', 'sigmoid'] as const)[whole(0, 4)] as Activation;
  const width = whole(1, 8);
  const model = perceptron([width, ...hidden, d], activation, k + 1000);
  return { model, d, inputs: randomInputs(k + 2000, [SIZE, width], whole(1, 3)) };
}

/** The blocks of a set as the engine gives them, to be judged like those of the twin. */
function blocksOf(data: Float32Array, d: number): Matrix[][] {
  return Array.from({ length: SIZE }, (_, i) =>
    Array.from({ length: SIZE }, (_, j) => {
      const from = (i * SIZE + j) * d * d;
      return Matrix.from1DArray(d, d, [...data.subarray(from, from + d * d)]);
    }),
  );
}

interface Limits {
  readonly singular: number;
  readonly identity: number;
  readonly transpose: number;
  readonly bounds: number;
}

function judge(where: string, blocks: Matrix[][], k: (i: number, j: number) => number, limits: Limits): void {
  const d = blocks[0][0].rows;
  const one = Matrix.eye(d);
  for (const [i, j] of pairs) {
    const block = blocks[i][j];
    const largest = Math.max(...new SingularValueDecomposition(block).diagonal);
    within(`D4 ${where}: largest singular value − 1`, where, largest - 1, limits.singular);
    const turned = Matrix.sub(block, blocks[j][i].transpose()).norm();
    within(`D4 ${where}: K^C(x′, x) − K^C(x, x′)ᵀ`, where, turned, limits.transpose);
    const away = Matrix.sub(block, one).norm();
    if (i === j) within(`D4 ${where}: K^C(x, x) − I`, where, away, limits.identity);
    const missing = 1 - k(i, j);
    within(`D4 ${where}: ‖K^C − I‖² − 2d (1 − k^C)`, where, away ** 2 - 2 * d * missing, limits.bounds);
    within(`D4 ${where}: 1 − k^C − ‖K^C − I‖ / √d`, where, missing - away / Math.sqrt(d), limits.bounds);
  }
}

describe('D4: 200 random networks of 2, 3, 5 and 10 outputs', () => {
  it('in float64: K^C(x, x) = I, turns over with the pair, never stretches, and keeps both bounds', () => {
    for (let k = 0; k < NETWORKS; k++) {
      const { model, inputs } = drawn(k);
      const { correlation }: Exact = exact(jacobians(model, [inputs]));
      const trace = traces(correlation);
      judge('float64', correlation, (i, j) => trace[i][j], {
        singular: 1e-9,
        identity: 1e-8,
        transpose: 1e-9,
        bounds: 1e-9,
      });
      model.dispose();
    }
  });

  it('in the engine: the same within float32', async () => {
    for (let k = 0; k < NETWORKS; k++) {
      const { model, d, inputs } = drawn(k);
      await using engine = await open(model, { check: false, threads: 0 });
      const seen = await engine.perspective(inputs);
      const blocks = blocksOf((await seen.blocks()).data, d);
      const { data } = await seen.matrix();
      judge('engine', blocks, (i, j) => data[i * SIZE + j], {
        singular: 1e-5,
        identity: 1e-5,
        transpose: 1e-6,
        bounds: 1e-5,
      });
      model.dispose();
    }
  });
});

describe('D4: the path of one output is that of several', () => {
  it('in float64: K^C of one output is the cosine of gradients within 1e-14', () => {
    const model = perceptron([4, 9, 1], 'tanh', 5);
    const set = jacobians(model, [randomInputs(6, [20, 4])]);
    const k = traces(exact(set).correlation);
    set.rows.forEach((one, i) => {
      set.rows.forEach((other, j) => {
        const inner = (a: typeof one, b: typeof one) => kernelBlock(a, b).get(0, 0);
        const cosine = inner(one, other) / Math.sqrt(inner(one, one) * inner(other, other));
        within('D4 float64: d = 1 − cosine', 'float64', Math.abs(k[i][j] - cosine), 1e-14);
      });
    });
    model.dispose();
  });

  /** A network of one output, and two copies of it side by side: K(x, x') = k^I(x, x') I. */
  function onceAndTwice(): [tf.LayersModel, tf.LayersModel] {
    const x = tf.input({ shape: [4] });
    const copies = [0, 1].map(() => {
      const layers = [
        tf.layers.dense({ units: 9, activation: 'tanh' }),
        tf.layers.dense({ units: 5, activation: 'elu' }),
        tf.layers.dense({ units: 1 }),
      ];
      return layers.reduce((value, layer) => layer.apply(value) as tf.SymbolicTensor, x);
    });
    const [once, copy] = copies.map((y) => tf.model({ inputs: x, outputs: y }));
    randomise(once, 7);
    copy.setWeights(once.getWeights());
    const joined = tf.layers.concatenate().apply(copies) as tf.SymbolicTensor;
    return [once, tf.model({ inputs: x, outputs: joined })];
  }

  it('two copies of a network side by side see what one of them sees: in float64, in the engine', async () => {
    const [once, twice] = onceAndTwice();
    const inputs = randomInputs(8, [23, 4], 2);
    const [one, two] = [once, twice].map((model) => exact(jacobians(model, [inputs])));
    const k = traces(one.correlation).flat();
    within('D4 float64: two copies − one', 'float64', distance(traces(two.correlation).flat(), k), 1e-14);
    await using single = await open(once);
    await using double = await open(twice);
    const [alone, together] = [await single.perspective(inputs), await double.perspective(inputs)];
    const { data } = await alone.matrix();
    within('D4 engine: two copies − one', 'engine', distance((await together.matrix()).data, data), 1e-6);
    const blocks = Array.from(data, (value) => [value, 0, 0, value]).flat();
    within('D4 engine: K^C − k^C I', 'engine', distance((await together.blocks()).data, blocks), 1e-6);
    twice.dispose(); // and with it the layers of the one
  });

  it('an output alone has the diagonal entry of K: the engine with one output and with all', async () => {
    const model = perceptron([4, 12, 3], 'tanh', 9);
    const inputs = randomInputs(10, [21, 4]);
    await using engine = await open(model);
    const { data: blocks } = await (await engine.perspective(inputs)).blocks({ kernel: 'inner' });
    for (const c of [0, 1, 2]) {
      await using alone = await open(model, { output: [c] });
      const { data } = await (await alone.perspective(inputs)).matrix({ kernel: 'inner' });
      const diagonal = data.map((_, pair) => blocks[pair * 9 + c * 4]);
      within('D4 engine: K_cc − k^I of output c', 'engine', distance(data, diagonal), 2e-6);
    }
    model.dispose();
  });
});
