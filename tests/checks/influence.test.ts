/**
 * D3, Theorem 3: the smallest step of the parameters that moves f(x) by ε v, Δθ = ε G(x) K(x,x)^-1 v, moves f(x') by
 * ε K(x',x) K(x,x)^-1 v + O(ε²). The step is really made, in float64 and in the tfjs model.
 */
import * as tf from '@tensorflow/tfjs';
import { open } from 'netkin';
import { afterAll, beforeAll, describe, it } from 'vitest';
import { captured, type Gradients } from '../network/fixture.js';
import { evaluate, jacobians } from '../oracle/network.js';
import { noise, randomInputs, startWasm } from '../oracle/random.js';
import { movedWeights, predictedMove, smallestStep } from '../oracle/theorems.js';
import { build, given } from '../oracle/zoo.js';
import { distance, magnitude, printErrors, within } from '../similarity/measure.js';
import { perceptron } from './networks.js';

beforeAll(startWasm);
afterAll(printErrors);

/** How far the largest of these numbers lies above the smallest, as a share of it. */
const spread = (values: readonly number[]) => Math.max(...values) / Math.min(...values) - 1;

/** A random direction among the outputs, of length 1. */
function direction(next: () => number, d: number): number[] {
  const v = Array.from({ length: d }, next);
  return v.map((value) => value / Math.hypot(...v));
}

describe('D3: in float64, the error of the prediction / ε² is constant within 5 % for ε = 1e-2, 1e-3, 1e-4', () => {
  it('tanh 4-32-32-3: at x, which moves by ε v, and at every other input', () => {
    const model = perceptron([4, 32, 32, 3], 'tanh', 3);
    const inputs = [randomInputs(4, [12, 4])];
    const set = jacobians(model, inputs);
    const next = noise(5);
    for (const rows of set.rows) {
      const v = direction(next, 3);
      const step = smallestStep(rows, v);
      within('D3 float64: move of f(x) itself', 'tanh', distance(predictedMove(rows, rows, v), v), 1e-12);
      set.rows.forEach((others, other) => {
        const expected = predictedMove(others, rows, v);
        const errors = [1e-2, 1e-3, 1e-4].map((epsilon) => {
          const after = evaluate(model, movedWeights(model, step, epsilon), inputs, other);
          const error = after.map((value, c) => value - set.values[other][c] - epsilon * expected[c]);
          return Math.hypot(...error) / epsilon ** 2;
        });
        within('D3 float64: spread of error / ε²', 'tanh', spread(errors), 0.05);
      });
    }
    model.dispose();
  });
});

/** Moves the weights of a live model along its captured parameters, by `layer/weight` names. */
function moveModel(model: tf.LayersModel, gradients: Gradients, step: Float64Array, epsilon: number): void {
  let offset = 0;
  for (const [name, { length }] of gradients[0][0]) {
    const weight = model.trainableWeights.find((own) => own.name.endsWith(name))!;
    tf.tidy(() => {
      const part = Float32Array.from(step.subarray(offset, offset + length), (value) => epsilon * value);
      weight.write(tf.add(weight.read(), tf.tensor(part, weight.shape as number[])));
    });
    offset += length;
  }
}

describe('D3: the step made in the tfjs model moves its outputs by ε K^N v as the engine gives it, + O(ε²)', () => {
  it.each([
    ['linear, d = 1', 0],
    ['MLP, d = 1', 0.15],
    ['MLP, d = 3, tanh', 0.05],
    ['CNN with max-pool and softmax, d = 4', 0.05],
    ['siamese, d = 2', 0.05],
  ] as const)('%s: error below %d ε², and what float32 rounds', async (name, curvature) => {
    const specimen = build(name);
    const { model, inputs } = specimen;
    await using engine = await open(model);
    const seen = await engine.perspective(given(specimen));
    const { data: influence } = await seen.blocks({ kernel: 'influence' });
    const [n, d, x] = [seen.size, seen.outputs, 2];
    const v = direction(noise(6), d);
    const moves = Float64Array.from({ length: n * d }, (_, k) =>
      v.reduce((sum, value, e) => sum + influence[(x * n * d + k) * d + e] * value, 0),
    );
    const gradients = captured(model, inputs);
    const rows = gradients[x].map((own) => Float64Array.from([...own.values()].flatMap((part) => [...part])));
    const step = smallestStep(rows, v);
    let made = 0;
    // Small enough to cross no kink of these networks: the theorem wants them smooth along the step.
    for (const epsilon of [0.03, 0.01]) {
      moveModel(model, gradients, step, epsilon - made);
      made = epsilon;
      await using after = await open(model, { check: false });
      const { data } = await after.outputs(given(specimen));
      const moved = data.map((value, k) => value - seen.logits[k]);
      const error = distance(
        moved,
        moves.map((value) => epsilon * value),
      );
      const rounding = 1e-6 * magnitude(seen.logits);
      within(`D3 engine: error at ε = ${epsilon}`, name, error, curvature * epsilon ** 2 + rounding);
    }
    model.dispose();
  });
});
