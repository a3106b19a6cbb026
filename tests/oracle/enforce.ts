/** The similarity of sets by its definition, in float64, and its slope by finite differences. */
import type * as tf from '@tensorflow/tfjs';
import { type Arrays, gradientAt, type OracleParameter, readWeights, type Weight } from './network.js';

export interface SetQuestion {
  readonly inputs: Arrays;
  readonly sets: readonly (readonly number[])[];
  /** Whether the pairs of an example with itself count. */
  readonly own: boolean;
  /** Weights of the outputs: what is differentiated. */
  readonly seed: (example: number, outputs: Float64Array) => ArrayLike<number>;
}

/** Mean over the sets of the mean over pairs of k^C. */
export function similarityOfSets(
  model: tf.LayersModel,
  weights: readonly Weight[],
  parameters: readonly OracleParameter[],
  { inputs, sets, own, seed }: SetQuestion,
): number {
  const means = sets.map((set) => {
    const directions = set.map((example) => {
      const ask = (outputs: Float64Array) => seed(example, outputs);
      const { gradient } = gradientAt(model, weights, parameters, inputs, example, ask);
      const norm = Math.hypot(...gradient);
      return gradient.map((value) => value / norm);
    });
    let sum = 0;
    let pairs = 0;
    directions.forEach((left, i) => {
      directions.forEach((right, j) => {
        if (i === j && !own) return;
        sum += left.reduce((total, value, p) => total + value * right[p], 0);
        pairs += 1;
      });
    });
    return sum / pairs;
  });
  return means.reduce((a, b) => a + b, 0) / means.length;
}

/** Steps of the differences: small against the distance of most kinks, large against rounding. */
const STEP = 1e-4;

/** Value and gradient of any function of the weights, by central differences extrapolated once: error O(h⁴). */
export function slopesOf(
  model: tf.LayersModel,
  f: (weights: readonly Weight[], parameters: readonly OracleParameter[]) => number,
): { value: number; gradient: ReadonlyMap<string, Float64Array> } {
  const { weights, parameters } = readWeights(model);
  const gradient = new Map<string, Float64Array>();
  for (const { name, size } of parameters) {
    const { data } = weights.find((weight) => weight.name === name)!;
    const slope = (p: number, step: number) => {
      const before = data[p];
      data[p] = before + step;
      const above = f(weights, parameters);
      data[p] = before - step;
      const below = f(weights, parameters);
      data[p] = before;
      return (above - below) / (2 * step);
    };
    gradient.set(
      name,
      Float64Array.from({ length: size }, (_, p) => (4 * slope(p, STEP) - slope(p, 2 * STEP)) / 3),
    );
  }
  return { value: f(weights, parameters), gradient };
}
