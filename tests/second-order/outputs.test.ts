/** D17: all outputs together: Tr K^C / d by its definition, through eigenvalues, and its slope by finite differences. */
import * as tf from '@tensorflow/tfjs';
import { EigenvalueDecomposition, Matrix } from 'ml-matrix';
import { beforeAll, expect, it } from 'vitest';
import type { SimilarityRequest } from '../../src/network/second-order/request.js';
import { SimilarityLoss } from '../../src/network/second-order/similarity-loss.js';
import { slopesOf } from '../oracle/enforce.js';
import { gradientAt } from '../oracle/network.js';
import { randomInputs, randomise, startWasm } from '../oracle/random.js';
import { byName, exampleTensors, kernel, relativeError } from './fixture.js';

beforeAll(startWasm);

const { layers } = tf;
const OUTPUTS = 3;

const classifier = () =>
  tf.sequential({
    layers: [
      layers.conv2d({ filters: 2, kernelSize: 2, activation: 'tanh', inputShape: [3, 3, 1] }),
      layers.flatten(),
      layers.dense({ units: 4, activation: 'sigmoid' }),
      layers.dense({ units: OUTPUTS, activation: 'softmax' }),
    ],
  });

it.each([
  [
    'pairs',
    {
      pairs: [
        [0, 1],
        [2, 0],
      ],
    },
  ],
  ['a set', { sets: [[0, 1, 3]] }],
] as [string, Partial<SimilarityRequest>][])(
  '%s over all logits have the gradient of their definition',
  (_, own) => {
    const model = randomise(classifier(), 5);
    const inputs = randomInputs(6, [4, 3, 3, 1]);
    const [tensor] = exampleTensors([inputs]);
    const request = { output: 'logits', mode: 'attract', weight: 1, ...own } as SimilarityRequest;
    const found = new SimilarityLoss(kernel, model).gradient(tensor, request);
    const truth = slopesOf(model, (weights, parameters) => {
      const whitened = [0, 1, 2, 3].map((example) => {
        const rows = Array.from({ length: OUTPUTS }, (_, c) => {
          const seed = Array.from({ length: OUTPUTS }, (_, k) => (k === c ? 1 : 0));
          return gradientAt(model, weights, parameters, [inputs], example, () => seed).gradient;
        });
        const g = new Matrix(rows);
        const { eigenvectorMatrix: v, realEigenvalues } = new EigenvalueDecomposition(g.mmul(g.transpose()), {
          assumeSymmetric: true,
        });
        const root = Matrix.diag(realEigenvalues.map((value) => 1 / Math.sqrt(value)));
        return v.mmul(root).mmul(v.transpose()).mmul(g);
      });
      const groups = (own.pairs ?? own.sets)!;
      return groups.reduce((sum, group) => {
        const pairs = group.flatMap((i) => group.filter((j) => j !== i || own.sets).map((j) => [i, j]));
        const mean = pairs.reduce(
          (total, [i, j]) => total + Matrix.mul(whitened[i], whitened[j]).sum() / OUTPUTS / pairs.length,
          0,
        );
        return sum + mean / groups.length;
      }, 0);
    });
    expect(Math.abs(found.similarity - truth.value)).toBeLessThan(1e-6);
    const negative = new Map(
      [...truth.gradient].map(([name, values]) => [name, values.map((value) => -value)]),
    );
    expect(relativeError(byName(model, found.gradients), negative)).toBeLessThan(1e-4);
    new SimilarityLoss(kernel, model).check(tensor, request);
    tf.dispose([tensor, found.gradients]);
    model.dispose();
  },
);

it('outputs that depend on each other linearly are refused', () => {
  const model = tf.sequential({
    layers: [
      layers.dense({ units: 3, inputShape: [2] }),
      layers.dense({ units: 2, useBias: false, kernelInitializer: 'ones' }),
    ],
  });
  model.layers[1].trainable = false;
  const tensor = tf.tensor2d([1, 2, 3, 4], [2, 2]);
  const request = { pairs: [[0, 1]], output: 'logits', mode: 'repel', weight: 1 } as const;
  expect(() => new SimilarityLoss(kernel, model).gradient(tensor, request)).toThrow(/depend on each other/);
  tensor.dispose();
  model.dispose();
});
