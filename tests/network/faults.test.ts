/**
 * Forward kernels that tfjs-wasm 4.22.0 has wrong: netkin gives the right number or refuses, never a wrong one.
 */
import * as tf from '@tensorflow/tfjs';
import { open } from 'netkin';
import { beforeAll, describe, expect, it } from 'vitest';
import { exact, traces } from '../oracle/kernels.js';
import { jacobians } from '../oracle/network.js';
import { randomInputs, randomise, startWasm } from '../oracle/random.js';
import { distance } from '../similarity/measure.js';

beforeAll(startWasm);

const { layers } = tf;
type Symbol = tf.SymbolicTensor;

function around(...middle: { apply(x: Symbol): unknown }[]): tf.LayersModel {
  const x = tf.input({ shape: [6, 4, 2] });
  const chain = [
    layers.conv2d({ filters: 3, kernelSize: 3, padding: 'same', activation: 'tanh' }),
    ...middle,
    layers.flatten(),
    layers.dense({ units: 2 }),
  ];
  const y = chain.reduce((value: Symbol, layer) => layer.apply(value) as Symbol, x);
  return randomise(tf.model({ inputs: x, outputs: y }), 11);
}

async function right(model: tf.LayersModel): Promise<void> {
  const inputs = randomInputs(5, [17, 6, 4, 2]);
  await using engine = await open(model);
  const seen = await engine.perspective(inputs);
  const wanted = traces(exact(jacobians(model, [inputs])).correlation).flat();
  expect(distance((await seen.matrix()).data, wanted)).toBeLessThan(2e-6);
  model.dispose();
}

/** Even unchecked. */
async function refused(model: tf.LayersModel): Promise<void> {
  await expect(open(model, { check: false })).rejects.toMatchObject({
    code: 'unsupported',
    message: expect.stringMatching(/FusedBatchNorm/),
  });
  model.dispose();
}

describe('no wrong number comes', () => {
  it.each([
    [
      [1, 2],
      [2, 1],
    ],
    [
      [2, 2],
      [3, 3],
    ],
    [
      [1, 3],
      [2, 2],
    ],
    [
      [3, 1],
      [2, 2],
    ],
    [
      [2, 3],
      [3, 2],
    ],
  ] as const)("of a convolution %j with strides %j and 'same' padding", async (kernelSize, strides) => {
    const convolution = layers.conv2d({
      filters: 4,
      kernelSize: [...kernelSize],
      strides: [...strides],
      padding: 'same',
    });
    await right(around(convolution));
  });
  it('of a 1 × 1 convolution with strides and same padding', async () => {
    await right(around(layers.conv2d({ filters: 4, kernelSize: 1, strides: 2, padding: 'same' })));
  });
  it.each([[[2, 3]], [[1, 3]], [[2]], [[3]]])('of slopes shared along axes %j', async (sharedAxes) => {
    await right(around(layers.prelu({ sharedAxes })));
  });
  it.each([1, 2])('of batch normalisation along axis %d', async (axis) => {
    await refused(around(layers.batchNormalization({ axis })));
  });
});
