/** D1: the audit of kernels that no stock layer runs alone: layers made for the test, each with its own oracle. */
import * as tf from '@tensorflow/tfjs';
import { beforeAll, describe, expect, it } from 'vitest';
import type { LayerRule } from '../oracle/layers.js';
import { startWasm } from '../oracle/random.js';
import { gathered, pairwise, pointwise } from '../oracle/tape.js';
import { auditError } from './fixture.js';
import { elementwise, image, Operation, positive } from './operation.js';

beforeAll(startWasm);

const { layers } = tf;
type Symbol = tf.SymbolicTensor;

const functions: Record<string, [(x: tf.Tensor) => tf.Tensor, LayerRule]> = {
  Exp: [tf.exp, elementwise('exponential')],
  Log: [tf.log, elementwise('logarithm')],
  Abs: [(x) => tf.abs(x), elementwise('absolute')],
  Neg: [tf.neg, elementwise('negative')],
  Square: [tf.square, elementwise('square')],
  Sqrt: [tf.sqrt, elementwise('root')],
  Rsqrt: [tf.rsqrt, elementwise('inverseRoot')],
  Erf: [tf.erf, elementwise('errorFunction')],
  'Pow 3': [
    (x) => tf.pow(x, 3),
    (tape, [x]) =>
      pointwise(
        tape,
        x,
        (v) => v ** 3,
        (v) => 3 * v * v,
      ),
  ],
  'Pow 2.5': [
    (x) => tf.pow(x, 2.5),
    (tape, [x]) =>
      pointwise(
        tape,
        x,
        (v) => v ** 2.5,
        (v) => 2.5 * v ** 1.5,
      ),
  ],
  ClipByValue: [
    (x) => tf.clipByValue(x, 0.5, 0.9),
    (tape, [x]) =>
      pointwise(
        tape,
        x,
        (v) => Math.min(Math.max(v, 0.5), 0.9),
        (v) => (v > 0.5 && v < 0.9 ? 1 : 0),
      ),
  ],
  'Sub from a constant': [
    (x) => tf.sub(3, x),
    (tape, [x]) =>
      pointwise(
        tape,
        x,
        (v) => 3 - v,
        () => -1,
      ),
  ],
  'RealDiv of a constant': [
    (x) => tf.div(2, x),
    (tape, [x]) =>
      pointwise(
        tape,
        x,
        (v) => 2 / v,
        (v) => -2 / v ** 2,
      ),
  ],
  'RealDiv by a constant': [
    (x) => tf.div(x, 7),
    (tape, [x]) =>
      pointwise(
        tape,
        x,
        (v) => v / 7,
        () => 1 / 7,
      ),
  ],
  'Maximum with a constant': [
    (x) => tf.maximum(x, 0.6),
    (tape, [x]) =>
      pointwise(
        tape,
        x,
        (v) => Math.max(v, 0.6),
        (v) => (v > 0.6 ? 1 : 0),
      ),
  ],
  'Minimum with a constant': [
    (x) => tf.minimum(0.6, x),
    (tape, [x]) =>
      pointwise(
        tape,
        x,
        (v) => Math.min(v, 0.6),
        (v) => (v < 0.6 ? 1 : 0),
      ),
  ],
};

/** Reduces an image along one axis to the cell that `pick` or the sum that `weigh` says. */
const reduced =
  (axis: number, kind: 'sum' | 'mean' | 'max' | 'min'): LayerRule =>
  (tape, [x]) => {
    const strides = x.shape.map((_, a) => x.shape.slice(a + 1).reduce((p, e) => p * e, 1));
    const shape = x.shape.filter((_, a) => a !== axis);
    const part = (k: number) =>
      gathered(tape, x, shape, (i) => {
        const low = i % strides[axis];
        return (Math.floor(i / strides[axis]) * x.shape[axis] + k) * strides[axis] + low;
      });
    const parts = Array.from({ length: x.shape[axis] }, (_, k) => part(k));
    const total = parts.reduce((a, b) => {
      if (kind === 'max') return pairwise(tape, a, b, Math.max, (p, q) => (p >= q ? [1, 0] : [0, 1]));
      if (kind === 'min') return pairwise(tape, a, b, Math.min, (p, q) => (p <= q ? [1, 0] : [0, 1]));
      return pairwise(
        tape,
        a,
        b,
        (p, q) => p + q,
        () => [1, 1],
      );
    });
    return kind === 'mean'
      ? pointwise(
          tape,
          total,
          (v) => v / parts.length,
          () => 1 / parts.length,
        )
      : total;
  };

const reductions = { sum: tf.sum, mean: tf.mean, max: tf.max, min: tf.min };

describe('an operation', () => {
  it.each(Object.entries(functions))('%s', (_, [run, oracle]) => {
    expect(auditError(positive(new Operation(([x]) => run(x), oracle)), 3)).toBeLessThan(1e-5);
  });

  it.each(['sum', 'mean', 'max', 'min'] as const)('%s along each axis of an image', (kind) => {
    for (const axis of [1, 2, 3]) {
      const negative = new Operation(([x]) => reductions[kind](x, axis - 4), reduced(axis - 1, kind));
      expect(auditError(image(negative), 4 + axis)).toBeLessThan(1e-5);
      const kept = new Operation(([x]) => reductions[kind](x, [axis], true), reduced(axis - 1, kind));
      expect(auditError(image(kept), 9 + axis)).toBeLessThan(1e-5);
    }
  });

  it('a slice of every example', () => {
    const rule: LayerRule = (tape, [x]) =>
      gathered(
        tape,
        x,
        [2, 2, 2],
        (i) => ((Math.floor(i / 4) + 1) * 3 + (Math.floor(i / 2) % 2)) * 3 + (i % 2) + 1,
      );
    expect(
      auditError(image(new Operation(([x]) => tf.slice(x, [0, 1, 0, 1], [-1, 2, 2, 2]), rule)), 7),
    ).toBeLessThan(1e-5);
  });

  it('binary operations of two branches', () => {
    const pairs: [(a: tf.Tensor, b: tf.Tensor) => tf.Tensor, LayerRule][] = [
      [
        tf.sub,
        (tape, [a, b]) =>
          pairwise(
            tape,
            a,
            b,
            (p, q) => p - q,
            () => [1, -1],
          ),
      ],
      [
        tf.div,
        (tape, [a, b]) =>
          pairwise(
            tape,
            a,
            b,
            (p, q) => p / q,
            (p, q) => [1 / q, -p / q ** 2],
          ),
      ],
      [
        tf.squaredDifference,
        (tape, [a, b]) =>
          pairwise(
            tape,
            a,
            b,
            (p, q) => (p - q) ** 2,
            (p, q) => [2 * (p - q), 2 * (q - p)],
          ),
      ],
    ];
    for (const [run, oracle] of pairs.slice(0, 2)) {
      const x = tf.input({ shape: [5] });
      const branches = [0, 1].map(
        () => layers.dense({ units: 6, activation: 'softplus' }).apply(x) as Symbol,
      );
      const y = new Operation(([a, b]) => run(a, b), oracle).apply(branches) as Symbol;
      const model = tf.model({ inputs: x, outputs: layers.dense({ units: 2 }).apply(y) as Symbol });
      expect(auditError(model, 8)).toBeLessThan(1e-5);
    }
  });

  it('a product broadcast over positions, as in squeeze and excitation', () => {
    const x = tf.input({ shape: [4, 3, 2] });
    const start = layers
      .conv2d({ filters: 3, kernelSize: 2, padding: 'same', activation: 'tanh' })
      .apply(x) as Symbol;
    const squeezed = layers.globalAveragePooling2d({}).apply(start) as Symbol;
    const excited = layers.dense({ units: 3, activation: 'sigmoid' }).apply(squeezed) as Symbol;
    const scaled = new Operation(
      ([a, b]) => tf.mul(a, tf.reshape(b, [-1, 1, 1, 3])),
      (tape, [a, b]) =>
        pairwise(
          tape,
          a,
          gathered(tape, b, a.shape, (i) => i % 3),
          (p, q) => p * q,
          (p, q) => [q, p],
        ),
    ).apply([start, excited]) as Symbol;
    const flat = layers.flatten().apply(scaled) as Symbol;
    expect(
      auditError(tf.model({ inputs: x, outputs: layers.dense({ units: 2 }).apply(flat) as Symbol }), 9),
    ).toBeLessThan(1e-5);
  });
});
