/**
 * The self-check: before any number is shown, the captured gradients of two inputs are compared, layer by layer,
 * with tfjs's own gradients taken one input at a time and with central finite differences along a direction.
 *
 * Tested is g = grad sum_o s_o z_o for a random output weighting s. The direction is the captured gradient plus a
 * random one of equal length: the first makes the slope large against float32 noise, the second sees components
 * that were missed.
 */
import type { NdArray } from '../array.js';
import { refuse } from '../errors.js';
import { uniform } from '../random.js';
import type { Parameter } from './parameters.js';
import { tf } from './tfjs.js';
import { multiplyOut, stockGradient } from './witnesses.js';

export { multiplyOut, stockGradient };

/** What this module gives: only those who check load it. */
export interface Checker {
  readonly selfCheck: typeof selfCheck;
  readonly multiplyOut: typeof multiplyOut;
  readonly stockGradient: typeof stockGradient;
}

/** One input's gradient of the weighted output, parameter by parameter. */
export type GradientByName = ReadonlyMap<string, Float32Array>;

/** What the check asks of a network. */
export interface Checkable {
  readonly parameters: readonly Parameter[];
  /** Captured gradients of each input for output weights `seed` (inputs × outputs). */
  captured(inputs: readonly NdArray<Float32Array>[], seed: Float32Array): GradientByName[];
  /** tfjs's own gradient of one input (batch of 1), or the reason why tfjs has none. */
  stock(inputs: readonly NdArray<Float32Array>[], seed: Float32Array): GradientByName | string;
  outputs(inputs: readonly NdArray<Float32Array>[]): Float32Array;
}

/** Agreement with tfjs: both are float32, so only accumulation order differs. */
const STOCK_TOLERANCE = 2e-3;
/** Agreement with the slope: wide enough for the curvature of the smallest step and a kink or two. */
const SLOPE_TOLERANCE = 3e-2;
/** The share of rounding that a difference may carry and still tell a wrong slope from a right one. */
const SLOPE_ROUNDING = 2e-2;
/** Steps relative to the length of the layer's weights, tried in turn: kinks want small ones, rounding large ones. */
const STEPS = [1e-2, 2e-3, 4e-4, 1e-4, 5e-2];

const norm = (values: ArrayLike<number>) => Math.sqrt(dot(values, values));

function dot(a: ArrayLike<number>, b: ArrayLike<number>): number {
  let sum = 0;
  for (let i = 0; i < a.length; i++) sum += a[i] * b[i];
  return sum;
}

function example(inputs: readonly NdArray<Float32Array>[], index: number): NdArray<Float32Array>[] {
  return inputs.map(({ shape, data }) => {
    const size = data.length / shape[0];
    return { shape: [1, ...shape.slice(1)], data: data.slice(index * size, (index + 1) * size) };
  });
}

/** What the check found; thrown as an error of code `check` where a gradient is not confirmed. */
export interface CheckReport {
  /** Layers confirmed by finite differences. */
  readonly layers: readonly string[];
  /** Largest relative difference from tfjs's own gradients; null where tfjs has no gradient for this model. */
  readonly stockDifference: number | null;
  /** Why tfjs has no gradient, in its words; finite differences are then the only witness. */
  readonly stockFault: string | null;
}

/** Runs the check on two inputs. Weights are perturbed meanwhile and restored bit for bit. */
export function selfCheck(
  network: Checkable,
  inputs: readonly NdArray<Float32Array>[],
  outputs: number,
): CheckReport {
  const seed = outputWeights(outputs);
  const both = Float32Array.from([...seed, ...seed]);
  const captured = network.captured(inputs, both);
  const totals = captured.map((gradient) =>
    Math.sqrt([...gradient.values()].reduce((sum, g) => sum + dot(g, g), 0)),
  );
  let stockDifference: number | null = 0;
  let stockFault: string | null = null;
  for (let i = 0; i < 2; i++) {
    const stock = network.stock(example(inputs, i), seed);
    if (typeof stock === 'string') {
      stockDifference = null;
      stockFault = stock;
      break;
    }
    // A gradient of exactly zero has only tfjs's rounding noise to compare with; the slope is the witness then.
    if (totals[i] === 0) continue;
    for (const [name, gradient] of captured[i]) {
      const reference = stock.get(name) ?? new Float32Array(gradient.length);
      const difference = norm(gradient.map((value, k) => value - reference[k]));
      const scale = norm(reference) + 1e-4 * totals[i];
      if (difference > STOCK_TOLERANCE * scale) {
        refuse(
          'check',
          `Self-check: the gradient of '${name}' differs from tfjs's own by ${(difference / scale).toExponential(1)} (relative). Nothing was computed; check: false (--no-check) skips this test.`,
        );
      }
      if (scale > 0) stockDifference = Math.max(stockDifference, difference / scale);
    }
  }
  const layers = [...new Set(network.parameters.map(({ layer }) => layer))];
  for (const layer of layers) checkSlope(network, inputs, seed, captured, totals, layer);
  return { layers, stockDifference, stockFault };
}

/** Random weights of the outputs that sum to zero, so that a softmax's shift does not matter to them. */
function outputWeights(outputs: number): Float32Array {
  if (outputs === 1) return Float32Array.of(1);
  const weights = Float64Array.from({ length: outputs }, (_, i) => 2 * uniform(1, i) - 1);
  const mean = weights.reduce((sum, value) => sum + value, 0) / outputs;
  const length = norm(weights.map((value) => value - mean)) || 1;
  return Float32Array.from(weights, (value) => (value - mean) / length);
}

function checkSlope(
  network: Checkable,
  inputs: readonly NdArray<Float32Array>[],
  seed: Float32Array,
  captured: readonly GradientByName[],
  totals: readonly number[],
  layer: string,
): void {
  const parameters = network.parameters.filter((parameter) => parameter.layer === layer);
  const weightLength = Math.sqrt(
    parameters.reduce((sum, { variable }) => sum + norm(variable.dataSync()) ** 2, 0),
  );
  for (let i = 0; i < 2; i++) {
    const pieces = parameters.map(({ name, size }) => captured[i].get(name) ?? new Float32Array(size));
    const length = Math.sqrt(pieces.reduce((sum, piece) => sum + dot(piece, piece), 0));
    const count = parameters.reduce((sum, { size }) => sum + size, 0);
    let counter = 0;
    const direction = pieces.map((piece) =>
      Float32Array.from(piece, (value) => {
        const random = (2 * uniform(2 + i, counter++) - 1) * Math.sqrt(3 / count);
        return (length > 0 ? value / length : 0) + random;
      }),
    );
    const slope = pieces.reduce((sum, piece, k) => sum + dot(piece, direction[k]), 0);
    const reach = Math.sqrt(direction.reduce((sum, piece) => sum + dot(piece, piece), 0));
    const centre = network.outputs(example(inputs, i));
    const scale = (length + 1e-3 * totals[i]) * reach;
    let best = { excess: Infinity, measured: 0 };
    let told = false;
    for (const relative of STEPS) {
      const step = (relative * Math.max(weightLength, 0.1)) / reach;
      const [above, below] = [step, -step].map((signed) =>
        perturbed(parameters, direction, signed, () => network.outputs(example(inputs, i))),
      );
      // A kink on one side of the point spoils the central difference, but not the one from the other side.
      for (const [upper, lower, width] of [
        [above, below, 2 * step],
        [above, centre, step],
        [centre, below, step],
      ] as const) {
        const measured = (dot(upper, seed) - dot(lower, seed)) / width;
        const rounding = (2e-6 * (norm(upper) + norm(lower))) / width;
        // Where rounding could hide a wrong slope, a difference tells nothing beside one that does.
        if (rounding > SLOPE_ROUNDING * scale && told) continue;
        const excess = Math.abs(measured - slope) - rounding - SLOPE_TOLERANCE * scale;
        const tells = rounding <= SLOPE_ROUNDING * scale;
        if (excess < best.excess || (tells && !told)) best = { excess, measured };
        told ||= tells;
      }
      if (told && best.excess <= 0) break;
    }
    if (best.excess > 0) {
      refuse(
        'check',
        `Self-check: in layer '${layer}' the captured slope ${slope.toPrecision(4)} differs from the finite difference ${best.measured.toPrecision(4)}. Nothing was computed; check: false (--no-check) skips this test.`,
      );
    }
  }
}

/** Runs `body` while the parameters stand `step` further along a direction, and puts back what was there. */
export function perturbed<Value>(
  parameters: readonly Parameter[],
  direction: readonly Float32Array[],
  step: number,
  body: () => Value,
): Value {
  // They share the variables' values: put back, the weights are the same ones as before, not equal ones.
  const originals = parameters.map(({ variable }) => tf.reshape(variable, [...variable.shape]));
  try {
    parameters.forEach(({ variable }, k) => {
      const values = variable.dataSync().map((value, p) => value + step * direction[k][p]);
      tf.tidy(() => (variable as tf.Variable).assign(tf.tensor(values, variable.shape)));
    });
    return body();
  } finally {
    parameters.forEach(({ variable }, k) => {
      (variable as tf.Variable).assign(originals[k]);
      originals[k].dispose();
    });
  }
}
