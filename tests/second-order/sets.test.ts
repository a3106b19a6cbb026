/** D17 and D18: what is asked of the similarity: pairs, sets, outputs, beside a loss of the caller's own. */
import * as tf from '@tensorflow/tfjs';
import { beforeAll, describe, expect, it } from 'vitest';
import type { SimilarityRequest } from '../../src/network/second-order/request.js';
import { secondRules } from '../../src/network/second-order/rules/index.js';
import { straight } from '../../src/network/second-order/rules/pointwise.js';
import { SimilarityLoss } from '../../src/network/second-order/similarity-loss.js';
import { similarityOfSets, slopesOf } from '../oracle/enforce.js';
import { evaluate, readWeights, type Weight } from '../oracle/network.js';
import { randomInputs, randomise, startWasm } from '../oracle/random.js';
import { build, specimens } from '../oracle/zoo.js';
import { byName, exampleTensors, kernel, relativeError, secondOrderError, seedOf } from './fixture.js';

beforeAll(startWasm);

const { layers } = tf;

const classifier = (activation?: 'softmax') =>
  tf.sequential({
    layers: [
      layers.conv2d({ filters: 3, kernelSize: 2, activation: 'tanh', inputShape: [4, 4, 1] }),
      layers.prelu({ sharedAxes: [1, 2, 3] }),
      layers.averagePooling2d({ poolSize: 2, strides: 1 }),
      layers.flatten(),
      layers.dense({ units: 4, activation: 'sigmoid' }),
      layers.dense({ units: 3, ...(activation && { activation }) }),
    ],
  });

const images = (size: number, seed = 5) => randomInputs(seed, [size, 4, 4, 1]);

/** Similarity and gradient of one request. */
function asked(model: tf.LayersModel, inputs: { shape: readonly number[]; data: Float32Array }, own: object) {
  const [tensor] = exampleTensors([inputs]);
  const request = { output: [0], mode: 'repel', weight: 1, ...own } as SimilarityRequest;
  const { gradients, ...found } = new SimilarityLoss(kernel, model).gradient(tensor, request);
  const values = byName(model, gradients);
  const copies = new Map([...values].map(([name, value]) => [name, value.slice()]));
  tf.dispose([tensor, gradients]);
  return { ...found, gradient: copies };
}

describe('the similarity of', () => {
  it.each([
    ['a set', { sets: [[0, 1, 2, 3]] }],
    [
      'several sets',
      {
        sets: [
          [0, 1],
          [2, 3],
        ],
      },
    ],
    [
      'sets that overlap and leave examples out',
      {
        sets: [
          [3, 0],
          [0, 2, 3],
        ],
      },
    ],
    [
      'pairs',
      {
        pairs: [
          [0, 1],
          [2, 3],
        ],
      },
    ],
    [
      'pairs that share examples',
      {
        pairs: [
          [2, 0],
          [0, 1],
          [0, 3],
        ],
      },
    ],
    ['contrasts of given classes', { pairs: [[3, 1]], output: { contrast: [0, 1, 2, 1] } }],
    ['contrasts with adversaries', { pairs: [[0, 3]], output: { contrast: 1, adversary: [0, 0, 2, 2] } }],
    [
      'contrasts of predicted classes',
      {
        pairs: [
          [0, 1],
          [2, 3],
        ],
        output: 'contrast',
      },
    ],
  ] as [string, Partial<SimilarityRequest>][])('%s has the gradient of its definition', (_, request) => {
    expect(secondOrderError(classifier(), 7, request)).toBeLessThan(1e-5);
    expect(secondOrderError(classifier('softmax'), 8, request)).toBeLessThan(1e-5);
  });

  it.each(specimens)('two pairs in the network: %s', (name) => {
    const { model, inputs } = build(name);
    const sets: [number, number][] = [
      [0, 1],
      [2, 3],
    ];
    const tensors = exampleTensors(inputs);
    const few = tensors.map((tensor) => tf.slice(tensor, 0, 4));
    const request = { pairs: sets, output: [0], mode: 'attract', weight: 1 } as const;
    const term = new SimilarityLoss(kernel, model);
    const { gradients, similarity } = term.gradient(few, request);
    // Along two directions: the whole gradient of a wide network by differences would take minutes.
    const { weights, parameters } = readWeights(model);
    const question = { inputs, sets, own: false, seed: seedOf([0]) };
    const found = byName(model, gradients);
    const wanted = similarityOfSets(model, weights, parameters, question);
    expect(Math.abs(similarity - wanted)).toBeLessThan(1e-6);
    const length = Math.hypot(...[...found.values()].flatMap((values) => [...values]));
    const along = (step: number) => {
      const moved = weights.map((weight) => ({
        ...weight,
        data: weight.data.map(
          (value, p) => value - (step * (found.get(weight.name)?.[p] ?? 0)) / (length || 1),
        ),
      }));
      return similarityOfSets(model, moved, parameters, question);
    };
    const errors = [1e-4, 1e-6].map((h) => {
      const central = (width: number) => (along(width) - along(-width)) / (2 * width);
      return Math.abs((4 * central(h) - central(2 * h)) / 3 - length);
    });
    expect(Math.min(...errors)).toBeLessThan(1e-5 * Math.max(length, 0.1));
    tf.dispose([tensors, few, gradients]);
    model.dispose();
  });
});

describe('the linear form', () => {
  it.each([9, 40])('of a set of %i is the mean over all pairs, and so is its gradient', (size) => {
    const model = randomise(classifier(), 3);
    const all = Array.from({ length: size }, (_, i) => i);
    const pairs = all.flatMap((i) => all.slice(i + 1).map((j) => [i, j]));
    const set = asked(model, images(size), { sets: [all] });
    const mean = asked(model, images(size), { pairs });
    // (n + 2 Σ_{i<j} k_ij) / n²
    const share = (size - 1) / size;
    expect(Math.abs(set.similarity - (1 / size + share * mean.similarity))).toBeLessThan(1e-6);
    const scaled = new Map([...mean.gradient].map(([name, values]) => [name, values.map((v) => share * v)]));
    expect(relativeError(set.gradient, scaled)).toBeLessThan(1e-5);
    model.dispose();
  });

  it('agrees with finite differences of ‖mean ĝ‖²', () => {
    const model = randomise(classifier(), 4);
    const inputs = images(12);
    const sets = [[11, 1, 2, 3, 4, 5, 6, 7, 8, 9, 10]];
    const found = asked(model, inputs, { sets });
    const question = { inputs: [inputs], sets, own: true, seed: seedOf([0]) };
    const truth = slopesOf(model, (weights, parameters) =>
      similarityOfSets(model, weights, parameters, question),
    );
    expect(relativeError(found.gradient, truth.gradient)).toBeLessThan(1e-5);
    model.dispose();
  });
});

describe('beside a loss of the outputs', () => {
  it.each([undefined, 'softmax'] as const)('the sum has the sum of both gradients (ending: %s)', (ending) => {
    const model = randomise(classifier(ending), 5);
    const inputs = images(5);
    const targets = tf.tensor2d([1, 0, 0, 0, 1, 0, 0, 0, 1, 0, 1, 0, 1, 0, 0], [5, 3]);
    const [tensor] = exampleTensors([inputs]);
    const request = {
      pairs: [
        [3, 1],
        [1, 0],
      ],
      output: [1],
      mode: 'attract',
      weight: 0.7,
    } as const;
    const loss = (y: tf.Tensor) => tf.mean(tf.squaredDifference(y, targets)) as tf.Scalar;
    const found = new SimilarityLoss(kernel, model).gradient(tensor, request, loss);
    const question = { inputs: [inputs], sets: request.pairs, own: false, seed: seedOf([1]) };
    const wanted = targets.arraySync();
    const probabilities = (z: number[]) => {
      const powers = z.map((value) => Math.exp(value));
      return powers.map((power) => power / powers.reduce((a, b) => a + b));
    };
    const truth = slopesOf(model, (weights, parameters) => {
      let error = 0;
      for (let i = 0; i < 5; i++) {
        const z = evaluate(model, weights, [inputs], i);
        (ending ? probabilities(z) : z).forEach((value, c) => {
          error += (value - wanted[i][c]) ** 2 / 15;
        });
      }
      return error - 0.7 * similarityOfSets(model, weights, parameters, question);
    });
    expect(Math.abs(found.total - truth.value)).toBeLessThan(1e-6);
    expect(found.total).toBeCloseTo(found.loss - 0.7 * found.similarity, 12);
    expect(relativeError(byName(model, found.gradients), truth.gradient)).toBeLessThan(1e-5);
    tf.dispose([tensor, targets, found.gradients]);
    model.dispose();
  });

  it.each([undefined, 'softmax'] as const)(
    'cross-entropy of classes has the gradient of its definition (ending: %s)',
    (ending) => {
      const model = randomise(classifier(ending), 7);
      const inputs = images(4);
      const classes = [2, 0, 1, 1];
      const [tensor] = exampleTensors([inputs]);
      const term = new SimilarityLoss(kernel, model);
      const request = {
        sets: [
          [2, 0, 1],
          [1, 3],
        ],
        output: [1],
        mode: 'repel',
        weight: 2,
      } as const;
      const both = term.gradient(tensor, request, { classes });
      const alone = term.lossGradient(tensor, { classes });
      const question = { inputs: [inputs], sets: request.sets, own: true, seed: seedOf([1]) };
      const cost = (weights: readonly Weight[]) =>
        classes.reduce((sum, own, i) => {
          const z = evaluate(model, weights, [inputs], i);
          return sum + (Math.log(z.reduce((total, value) => total + Math.exp(value), 0)) - z[own]) / 4;
        }, 0);
      const plain = slopesOf(model, cost);
      const whole = slopesOf(
        model,
        (weights, parameters) => cost(weights) + 2 * similarityOfSets(model, weights, parameters, question),
      );
      expect(alone.loss).toBeCloseTo(plain.value, 6);
      expect(both.total).toBeCloseTo(whole.value, 6);
      expect(relativeError(byName(model, alone.gradients), plain.gradient)).toBeLessThan(1e-5);
      expect(relativeError(byName(model, both.gradients), whole.gradient)).toBeLessThan(1e-5);
      tf.dispose([tensor, both.gradients, alone.gradients]);
      model.dispose();
    },
  );

  it('any optimizer of tfjs takes the gradients: attract raises the similarity, repel lowers it', () => {
    const after = (['attract', 'repel'] as const).map((mode) => {
      const model = randomise(classifier(), 6);
      const [tensor] = exampleTensors([images(4)]);
      const optimizer = tf.train.sgd(0.05);
      const term = new SimilarityLoss(kernel, model);
      const request = { sets: [[0, 1, 2, 3]], output: [0], mode, weight: 1 } as const;
      const before = term.similarity(tensor, request);
      const tensors = tf.memory().numTensors;
      for (let step = 0; step < 5; step++) {
        const { gradients } = term.gradient(tensor, request);
        optimizer.applyGradients(gradients);
        tf.dispose(gradients);
      }
      expect(tf.memory().numTensors).toBe(tensors);
      const change = term.similarity(tensor, request) - before;
      optimizer.dispose();
      tensor.dispose();
      model.dispose();
      return change;
    });
    expect(after[0]).toBeGreaterThan(1e-4);
    expect(after[1]).toBeLessThan(-1e-4);
  });
});

describe('before a training run', () => {
  const request = { sets: [[0, 1, 2, 3]], output: [0], mode: 'repel', weight: 1 } as const;

  it('the slope along one direction is confirmed', () => {
    for (const activation of ['tanh', 'relu'] as const) {
      const model = randomise(
        tf.sequential({
          layers: [
            layers.conv2d({ filters: 8, kernelSize: 3, activation, inputShape: [12, 12, 1] }),
            layers.maxPooling2d({ poolSize: 2 }),
            layers.flatten(),
            layers.dense({ units: 20, activation }),
            layers.dense({ units: 3 }),
          ],
        }),
        9,
      );
      const before = model.getWeights().map((weight) => weight.dataSync());
      const [tensor] = exampleTensors([randomInputs(3, [4, 12, 12, 1])]);
      new SimilarityLoss(kernel, model).check(tensor, request);
      expect(model.getWeights().map((weight) => weight.dataSync())).toEqual(before);
      tensor.dispose();
      model.dispose();
    }
  });

  it('a wrong second derivative stops it, by the name of the layer and its op', () => {
    const model = randomise(classifier(), 6);
    const [tensor] = exampleTensors([images(4)]);
    const table = secondRules as Record<string, unknown>;
    const right = table.Tanh;
    table.Tanh = straight;
    try {
      expect(() => new SimilarityLoss(kernel, model).check(tensor, request)).toThrow(/conv2d.*Tanh/);
    } finally {
      table.Tanh = right;
    }
    tensor.dispose();
    model.dispose();
  });
});

describe('refused is', () => {
  const refusal = (own: object, model = classifier()) => {
    const [tensor] = exampleTensors([images(3)]);
    const request = { output: [0], mode: 'repel', weight: 1, sets: [[0, 1]], ...own } as SimilarityRequest;
    const tensors = tf.memory().numTensors;
    try {
      new SimilarityLoss(kernel, model).gradient(tensor, request);
      return 'nothing';
    } catch (error) {
      expect(tf.memory().numTensors).toBe(tensors);
      return (error as Error).message;
    } finally {
      tensor.dispose();
      model.dispose();
    }
  };

  it('a request without meaning', () => {
    expect(refusal({ pairs: [[0, 1]] })).toMatch(/either pairs or sets/);
    expect(refusal({ sets: [] })).toMatch(/no set/);
    expect(refusal({ sets: [[0]] })).toMatch(/at least 2/);
    expect(refusal({ sets: undefined, pairs: [[0, 1, 2]] })).toMatch(/2 examples, not 3/);
    expect(refusal({ sets: [[0, 3]] })).toMatch(/Example 3.*0 to 2/);
    expect(refusal({ weight: -1 })).toMatch(/weight is -1/);
    expect(refusal({ mode: 'push' })).toMatch(/'push'/);
    expect(refusal({ output: [3] })).toMatch(/Output 3 does not exist/);
    expect(refusal({ output: [0, 1] })).toMatch(/name one, a contrast, or 'logits'/);
    expect(refusal({ output: { contrast: [0, 5, 0] } })).toMatch(/class/);
  });

  it('an op without second derivative, by name', () => {
    const table = secondRules as Record<string, unknown>;
    const right = table.Sigmoid;
    delete table.Sigmoid;
    try {
      expect(refusal({})).toMatch(/Layer 'dense.*Sigmoid.*second derivative/);
    } finally {
      table.Sigmoid = right;
    }
  });
});

it('a gradient of zero is similar to nothing, and sends nothing back', () => {
  const model = tf.sequential({
    layers: [
      layers.dense({ units: 9, activation: 'relu', useBias: false, inputShape: [2] }),
      layers.dense({ units: 1, useBias: false }),
    ],
  });
  randomise(model, 3);
  const inputs = { shape: [3, 2], data: Float32Array.of(1, 0.5, 0, 0, -0.5, 1) };
  const set = asked(model, inputs, { sets: [[0, 1, 2]] });
  const pair = asked(model, inputs, { pairs: [[0, 2]] });
  expect(set.zeros).toBe(1);
  expect(set.similarity).toBeCloseTo((2 + 2 * pair.similarity) / 9, 6);
  const scaled = new Map([...pair.gradient].map(([name, values]) => [name, values.map((v) => (2 / 9) * v)]));
  expect(relativeError(set.gradient, scaled)).toBeLessThan(1e-6);
  model.dispose();
});
