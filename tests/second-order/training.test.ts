/** Training with and without the term. */
import * as tf from '@tensorflow/tfjs';
import { beforeAll, describe, expect, it } from 'vitest';
import { EnforcedTraining } from '../../src/network/enforced-training.js';
import type { Enforcement } from '../../src/network/second-order/request.js';
import { noise, randomise, startWasm } from '../oracle/random.js';
import { kernel } from './fixture.js';

beforeAll(startWasm);

const { layers } = tf;

/** A small network for images of two classes: bars that lie, and bars that stand, under noise. */
function network(seed: number): tf.LayersModel {
  return randomise(
    tf.sequential({
      layers: [
        layers.conv2d({ filters: 4, kernelSize: 3, inputShape: [8, 8, 1] }),
        layers.prelu({ sharedAxes: [1, 2, 3] }),
        layers.averagePooling2d({ poolSize: 2 }),
        layers.flatten(),
        layers.dense({ units: 12, activation: 'tanh' }),
        layers.dense({ units: 2 }),
      ],
    }),
    seed,
  );
}

/** Pairs of one class each, one after the other. */
function batch(step: number, pairs: number): { inputs: Float32Array; classes: number[] } {
  const next = noise(1000 + step);
  const classes = Array.from({ length: 2 * pairs }, (_, i) => (i >> 1) % 2);
  const inputs = new Float32Array(classes.length * 64);
  classes.forEach((stands, i) => {
    const place = Math.floor((next() + 1) * 3.999);
    for (let k = 0; k < 64; k++) {
      const along = stands ? k % 8 : k >> 3;
      inputs[i * 64 + k] = (along === place ? 1 : 0) + 0.2 * next();
    }
  });
  return { inputs, classes };
}

const PAIRS = 4;
const pairs = Array.from({ length: PAIRS }, (_, i) => [2 * i, 2 * i + 1] as const);
const request = (mode: Enforcement, classes: number[]) => ({
  pairs,
  output: { contrast: classes },
  mode,
  weight: 1,
});

function trained(mode: Enforcement | null, steps: number, training: EnforcedTraining): number[] {
  return Array.from({ length: steps }, () => {
    const { inputs, classes } = batch(training.steps, PAIRS);
    return training.step(inputs, classes, 3e-3, mode && request(mode, classes)).loss;
  });
}

describe('training with similarity', () => {
  it('D17: after 20 steps pairs of a class are most alike under attract, less without the term, least under repel', () => {
    const [attract, none, repel] = (['attract', null, 'repel'] as const).map((mode) => {
      let sum = 0;
      for (const seed of [1, 2, 3]) {
        const model = network(seed);
        const training = new EnforcedTraining(kernel, model);
        const losses = trained(mode, 20, training);
        expect(losses.at(-1)!).toBeLessThan(losses[0]);
        const { inputs, classes } = batch(77, PAIRS);
        sum += training.similarity(inputs, request('repel', classes)) / 3;
        model.dispose();
      }
      return sum;
    });
    expect(attract).toBeGreaterThan(none + 0.01);
    expect(none).toBeGreaterThan(repel + 0.01);
  });

  it('goes on from a state with the same bits', () => {
    const [straight, resumed] = [network(4), network(4)];
    const one = new EnforcedTraining(kernel, straight);
    trained('attract', 6, one);
    const first = new EnforcedTraining(kernel, resumed);
    trained('attract', 3, first);
    const second = new EnforcedTraining(kernel, resumed);
    second.restore(structuredClone(first.state));
    trained('attract', 3, second);
    expect(second.state).toEqual(one.state);
    straight.dispose();
    resumed.dispose();
  });

  it('is checked before it starts, and leaves nothing behind', () => {
    const model = network(5);
    const training = new EnforcedTraining(kernel, model);
    const { inputs, classes } = batch(1, PAIRS);
    trained('repel', 1, training);
    const { numTensors } = tf.memory();
    training.check(inputs, request('attract', classes));
    trained('repel', 2, training);
    trained(null, 2, training);
    expect(tf.memory().numTensors).toBe(numTensors);
    model.dispose();
  });
});
