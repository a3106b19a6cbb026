/** D17: the audit of second derivatives, activation by activation. */
import * as tf from '@tensorflow/tfjs';
import { beforeAll, describe, expect, it } from 'vitest';
import { startWasm } from '../oracle/random.js';
import { secondOrderError } from './fixture.js';

beforeAll(startWasm);

const { layers } = tf;
const names = [
  'linear',
  'relu',
  'relu6',
  'elu',
  'selu',
  'sigmoid',
  'hardSigmoid',
  'softplus',
  'softsign',
  'tanh',
  'swish',
  'mish',
  'gelu',
  'gelu_new',
  'softmax',
] as const;
type Name = Parameters<typeof layers.activation>[0]['activation'];

describe('the gradient of a similarity agrees with finite differences', () => {
  it.each(names)('through %s in dense layers', (name) => {
    const activation = name as Name;
    const dense = () =>
      tf.sequential({
        layers: [
          layers.dense({ units: 5, activation, inputShape: [4] }),
          layers.dense({ units: 4, activation }),
          layers.dense({ units: 2 }),
        ],
      });
    expect(secondOrderError(dense(), 1)).toBeLessThan(1e-5);
    // Values of several units: tails, and the bends of relu6 and hardSigmoid.
    expect(secondOrderError(dense(), 2, {}, 4)).toBeLessThan(1e-4);
  });

  it.each(names)('through %s in convolutions', (name) => {
    const activation = name as Name;
    const model = tf.sequential({
      layers: [
        layers.conv2d({ filters: 3, kernelSize: 2, padding: 'same', activation, inputShape: [3, 4, 2] }),
        layers.conv2d({ filters: 3, kernelSize: 2, activation }),
        layers.flatten(),
        layers.dense({ units: 2 }),
      ],
    });
    expect(secondOrderError(model, 3)).toBeLessThan(1e-5);
  });
});
