/** Activation functions and their derivatives, from their definitions. */
import { pointwise, type Tape, type Value } from './tape.js';

interface Activation {
  readonly f: (x: number) => number;
  /** The derivative, given x and f(x). */
  readonly slope: (x: number, y: number) => number;
}

const sigmoid = (x: number) => 1 / (1 + Math.exp(-x));
const softplus = (x: number) => Math.max(x, 0) + Math.log1p(Math.exp(-Math.abs(x)));
const normalDensity = (x: number) => Math.exp((-x * x) / 2) / Math.sqrt(2 * Math.PI);

/** Φ(x) by the Taylor series of erf, exact to 1e-14 for the |x| < 6 of these tests. */
function normalDistribution(x: number): number {
  let term = x;
  let sum = x;
  for (let n = 1; n < 200; n++) {
    term *= (x * x) / (2 * n + 1);
    sum += term;
  }
  return 0.5 + sum * normalDensity(x);
}

const SELU_ALPHA = 1.6732632423543772;
const SELU_SCALE = 1.0507009873554805;
const GELU = Math.sqrt(2 / Math.PI);

export function elu(alpha: number): Activation {
  return {
    f: (x) => (x > 0 ? x : alpha * Math.expm1(x)),
    slope: (x) => (x > 0 ? 1 : alpha * Math.exp(x)),
  };
}

export function leaky(alpha: number): Activation {
  return { f: (x) => (x > 0 ? x : alpha * x), slope: (x) => (x > 0 ? 1 : alpha) };
}

export const activations: Readonly<Record<string, Activation>> = {
  linear: { f: (x) => x, slope: () => 1 },
  relu: leaky(0),
  relu6: { f: (x) => Math.min(Math.max(x, 0), 6), slope: (x) => (x > 0 && x < 6 ? 1 : 0) },
  elu: elu(1),
  selu: {
    f: (x) => SELU_SCALE * (x > 0 ? x : SELU_ALPHA * Math.expm1(x)),
    slope: (x) => SELU_SCALE * (x > 0 ? 1 : SELU_ALPHA * Math.exp(x)),
  },
  sigmoid: { f: sigmoid, slope: (_, y) => y * (1 - y) },
  hardSigmoid: {
    f: (x) => Math.min(Math.max(0.2 * x + 0.5, 0), 1),
    slope: (x) => (Math.abs(x) < 2.5 ? 0.2 : 0),
  },
  softplus: { f: softplus, slope: sigmoid },
  softsign: { f: (x) => x / (1 + Math.abs(x)), slope: (x) => 1 / (1 + Math.abs(x)) ** 2 },
  tanh: { f: Math.tanh, slope: (_, y) => 1 - y * y },
  swish: { f: (x) => x * sigmoid(x), slope: (x) => sigmoid(x) * (1 + x * (1 - sigmoid(x))) },
  mish: {
    f: (x) => x * Math.tanh(softplus(x)),
    slope: (x) => Math.tanh(softplus(x)) + x * (1 - Math.tanh(softplus(x)) ** 2) * sigmoid(x),
  },
  gelu: {
    f: (x) => x * normalDistribution(x),
    slope: (x) => normalDistribution(x) + x * normalDensity(x),
  },
  gelu_new: {
    f: (x) => 0.5 * x * (1 + Math.tanh(GELU * (x + 0.044715 * x ** 3))),
    slope: (x) => {
      const t = Math.tanh(GELU * (x + 0.044715 * x ** 3));
      return 0.5 * (1 + t) + 0.5 * x * (1 - t * t) * GELU * (1 + 3 * 0.044715 * x * x);
    },
  },
  exponential: { f: Math.exp, slope: (_, y) => y },
  logarithm: { f: Math.log, slope: (x) => 1 / x },
  absolute: { f: Math.abs, slope: Math.sign },
  negative: { f: (x) => -x, slope: () => -1 },
  square: { f: (x) => x * x, slope: (x) => 2 * x },
  root: { f: Math.sqrt, slope: (_, y) => 0.5 / y },
  inverseRoot: { f: (x) => 1 / Math.sqrt(x), slope: (x, y) => (-0.5 * y) / x },
  errorFunction: {
    f: (x) => 2 * normalDistribution(x * Math.SQRT2) - 1,
    slope: (x) => (2 / Math.sqrt(Math.PI)) * Math.exp(-x * x),
  },
};

/** Softmax along the last axis. */
export function softmax(tape: Tape, x: Value): Value {
  const width = x.shape[x.shape.length - 1];
  const y = tape.value(x.shape);
  for (let start = 0; start < x.data.length; start += width) {
    const row = x.data.subarray(start, start + width);
    const largest = Math.max(...row);
    const sum = row.reduce((total, value) => total + Math.exp(value - largest), 0);
    row.forEach((value, i) => {
      y.data[start + i] = Math.exp(value - largest) / sum;
    });
  }
  tape.step(() => {
    for (let start = 0; start < x.data.length; start += width) {
      let mean = 0;
      for (let i = start; i < start + width; i++) mean += y.data[i] * y.slope[i];
      for (let i = start; i < start + width; i++) x.slope[i] += y.data[i] * (y.slope[i] - mean);
    }
  });
  return y;
}

export function activate(tape: Tape, x: Value, name: string): Value {
  if (name === 'softmax') return softmax(tape, x);
  const found = activations[name];
  if (!found) throw new Error(`The oracle has no activation '${name}'.`);
  return pointwise(tape, x, found.f, found.slope);
}
