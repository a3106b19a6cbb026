/** The audit of second derivatives, activation by activation. */
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
    const model = tf.sequential({
      layers: [
        layers.dense({ units: 5, activation, inputShape: [4] }),
        layers.dense({ units: 4, activation }),
        layers.dense({ units: 2 }),
      ],
    });
    const e = secondOrderError(model, 1);
    console.log(name, e);
    expect(e).toBeLessThan(1e-4);
  });
});
