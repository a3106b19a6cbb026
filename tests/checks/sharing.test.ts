/**
 * D8: parameters that are used at many positions. The gradient of a convolution sums its uses before any product:
 * G_l = Σ_t b_t a_tᵀ, so that k^I_l = Σ_t Σ_s (b_t · b′_s)(a_t · a′_s + 1). A network of circular convolutions and a
 * global average sees an image and its shifts as one.
 */
import * as tf from '@tensorflow/tfjs';
import { open } from 'netkin';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { Operation } from '../network/operation.js';
import { exact, traces } from '../oracle/kernels.js';
import { evaluate, jacobians, readWeights } from '../oracle/network.js';
import { convolution, dense, pool } from '../oracle/operations.js';
import { noise, randomInputs, startWasm } from '../oracle/random.js';
import { count, gathered, pointwise, Tape, type Value } from '../oracle/tape.js';
import { distance, magnitude, printErrors, within } from '../similarity/measure.js';
import { stack } from './networks.js';

beforeAll(startWasm);
afterAll(printErrors);

/** A layer as it was used: what it took at each position, what it made there, and its parameters. */
interface Use {
  /** a_t, the numbers that position t was made of. */
  readonly activities: Float64Array[];
  /** Before the activation: its slopes are the b_t. */
  readonly made: Value;
  readonly parameters: readonly Value[];
}

/** The patches under a 3 × 3 window: zeros outside, every `stride`-th position. */
function patches(x: Value, before: number, stride: number, out: number): Float64Array[] {
  const [height, width, channels] = x.shape;
  return Array.from({ length: out * out }, (_, t) =>
    Float64Array.from({ length: 9 * channels }, (_, k) => {
      const cell = Math.floor(k / channels);
      const row = Math.floor(t / out) * stride - before + Math.floor(cell / 3);
      const column = (t % out) * stride - before + (cell % 3);
      const inside = row >= 0 && row < height && column >= 0 && column < width;
      return inside ? x.data[(row * width + column) * channels + (k % channels)] : 0;
    }),
  );
}

/** conv 'same' – tanh – conv, stride 2 – tanh – dense at every position – tanh – global average – dense, 2 outputs. */
function run(example: Float64Array): { tape: Tape; output: Value; uses: Use[] } {
  const tape = new Tape();
  const next = noise(17);
  const drawn = (...shape: number[]) =>
    tape.value(
      shape,
      Float64Array.from({ length: count(shape) }, () => 0.6 * next()),
    );
  const tanh = (x: Value) => pointwise(tape, x, Math.tanh, (_, y) => 1 - y * y);
  const x = tape.value([7, 7, 2], example);
  const [first, second] = [
    [drawn(3, 3, 2, 4), drawn(4)],
    [drawn(3, 3, 4, 3), drawn(3)],
  ];
  const one = convolution(tape, x, first[0], first[1], [1, 1], 'same');
  const active = tanh(one);
  const two = convolution(tape, active, second[0], second[1], [2, 2], 'valid');
  const deeper = tanh(two);
  const third = [drawn(3, 5), drawn(5)];
  const three = dense(tape, deeper, third[0], third[1]);
  const mean = pool(tape, tanh(three), 'average', [3, 3], [1, 1], 'valid');
  const last = [drawn(5, 2), drawn(2)];
  const output = dense(tape, mean, last[0], last[1]);
  const positions = Array.from({ length: 9 }, (_, t) => deeper.data.slice(3 * t, 3 * t + 3));
  const uses = [
    { activities: patches(x, 1, 1, 7), made: one, parameters: first },
    { activities: patches(active, 0, 2, 3), made: two, parameters: second },
    { activities: positions, made: three, parameters: third },
    { activities: [mean.data], made: output, parameters: last },
  ];
  return { tape, output, uses };
}

const dot = (a: ArrayLike<number>, b: ArrayLike<number>) => {
  let sum = 0;
  for (let i = 0; i < a.length; i++) sum += a[i] * b[i];
  return sum;
};

/** What output c has of each layer: a_t, b_t for all positions, and the gradient of autograd. */
function factors(example: Float64Array, c: number) {
  const { tape, output, uses } = run(example);
  tape.differentiate(output, c);
  return uses.map(({ activities, made, parameters }) => {
    const width = made.slope.length / activities.length;
    return {
      activities,
      backward: activities.map((_, t) => made.slope.slice(t * width, (t + 1) * width)),
      gradient: parameters.flatMap(({ slope }) => [...slope]),
    };
  });
}

describe('D8: layers of a network of convolutions, in float64', () => {
  const [one, other] = [3, 4].map((seed) => Float64Array.from(randomInputs(seed, [98]).data));

  it('have Σ_t Σ_s (b_t · b′_s)(a_t · a′_s + 1) as their part of k^I: autograd within 1e-12', () => {
    for (const [c, e] of [
      [0, 0],
      [0, 1],
      [1, 1],
    ]) {
      const [left, right] = [factors(one, c), factors(other, e)];
      left.forEach((use, l) => {
        let sum = 0;
        use.activities.forEach((a, t) => {
          right[l].activities.forEach((b, s) => {
            sum += dot(use.backward[t], right[l].backward[s]) * (dot(a, b) + 1);
          });
        });
        const wanted = dot(use.gradient, right[l].gradient);
        const scale = Math.sqrt(dot(use.gradient, use.gradient) * dot(right[l].gradient, right[l].gradient));
        within('D8 float64: sum over positions', `layer ${l}`, Math.abs(sum - wanted) / scale, 1e-12);
      });
    }
  });

  it('have Σ_t b_t a_tᵀ as their gradient; products taken position by position give another number', () => {
    const [left, right] = [factors(one, 0), factors(other, 0)];
    left.forEach(({ activities, backward, gradient }, l) => {
      const width = backward[0].length;
      const summed = Array.from(gradient, (_, p) => {
        const [input, output] = [Math.floor(p / width), p % width];
        return activities.reduce((sum, a, t) => sum + (a[input] ?? 1) * backward[t][output], 0);
      });
      within('D8 float64: gradient', `layer ${l}`, distance(summed, gradient) / magnitude(gradient), 1e-12);
      if (activities.length === 1) return;
      const apart = activities.reduce(
        (sum, a, t) => sum + dot(backward[t], right[l].backward[t]) * (dot(a, right[l].activities[t]) + 1),
        0,
      );
      const wanted = dot(gradient, right[l].gradient);
      expect(Math.abs(apart - wanted)).toBeGreaterThan(0.1 * Math.abs(wanted));
    });
  });
});

/** Repeats the opposite edges around an image, so that a 'valid' 3 × 3 convolution behind it is a circular one. */
function circular(): Operation {
  return new Operation(
    ([x]) => {
      const [, height, width, channels] = x.shape;
      const row = (at: number) => tf.slice(x, [0, at, 0, 0], [-1, 1, -1, -1]);
      const tall = tf.concat([row(height! - 1), x, row(0)], 1);
      const column = (at: number) => tf.slice(tall, [0, 0, at, 0], [-1, -1, 1, channels!]);
      return tf.concat([column(width! - 1), tall, column(0)], 2);
    },
    (tape, [x]) => {
      const [height, width, channels] = x.shape;
      return gathered(tape, x, [height + 2, width + 2, channels], (i) => {
        const cell = Math.floor(i / channels);
        const row = (Math.floor(cell / (width + 2)) + height - 1) % height;
        const column = ((cell % (width + 2)) + width - 1) % width;
        return (row * width + column) * channels + (i % channels);
      });
    },
  );
}

/** An image and 11 of its shifts, wrapped around at the edges. */
function shifts(seed: number): { shape: number[]; data: Float32Array } {
  const [side, channels] = [6, 2];
  const { data } = randomInputs(seed, [side * side * channels]);
  const images = Array.from({ length: 12 }, (_, k) =>
    data.map((_, i) => {
      const cell = Math.floor(i / channels);
      const row = (Math.floor(cell / side) + k) % side;
      const column = ((cell % side) + 5 * k + (k > 5 ? 1 : 0)) % side;
      return data[(row * side + column) * channels + (i % channels)];
    }),
  );
  return {
    shape: [12, side, side, channels],
    data: Float32Array.from(images.flatMap((image) => [...image])),
  };
}

const network = (padding: 'circular' | 'same') => {
  const { layers } = tf;
  const convolutions = [4, 5].flatMap((filters) => [
    ...(padding === 'circular' ? [circular()] : []),
    layers.conv2d({
      filters,
      kernelSize: 3,
      activation: 'tanh',
      padding: padding === 'circular' ? 'valid' : 'same',
    }),
  ]);
  return stack([6, 6, 2], 21, ...convolutions, layers.globalAveragePooling2d({}), layers.dense({ units: 3 }));
};

describe('D8: an image and its shifts, under circular convolutions and a global average', () => {
  it('have k^C = 1 within 1e-12 in float64, and the same outputs; under zero padding they have not', () => {
    const model = network('circular');
    const images = shifts(5);
    const set = jacobians(model, [images]);
    const k = traces(exact(set).correlation).flat();
    within('D8 float64: k^C − 1 of shifts', 'circular', distance(k, new Float64Array(144).fill(1)), 1e-12);
    for (const values of set.values) {
      within('D8 float64: outputs of shifts', 'circular', distance(values, set.values[0]), 1e-13);
    }
    model.dispose();
    const bounded = network('same');
    const others = traces(exact(jacobians(bounded, [images])).correlation).flat();
    expect(Math.min(...others)).toBeLessThan(0.999);
    bounded.dispose();
  });

  it('have other activities all the same: Theorem 2 wants that nothing is shared', () => {
    const model = network('circular');
    const images = shifts(5);
    const first = tf.model({ inputs: model.inputs, outputs: model.layers[2].output as tf.SymbolicTensor });
    const { weights } = readWeights(first);
    const [one, other] = [0, 1].map((index) => evaluate(first, weights, [images], index));
    expect(distance(one, other)).toBeGreaterThan(0.1);
    expect(distance(Float64Array.from(one).sort(), Float64Array.from(other).sort())).toBeLessThan(1e-14);
    model.dispose();
  });

  it('have k^C = 1 within 2e-6 in the engine, as one neighbourhood of 12', async () => {
    const model = network('circular');
    await using engine = await open(model);
    const seen = await engine.perspective(shifts(5));
    const { data } = await seen.matrix();
    within('D8 engine: k^C − 1 of shifts', 'circular', distance(data, new Float32Array(144).fill(1)), 2e-6);
    within('D8 engine: N_S − 12', 'circular', distance(await seen.density(), Array(12).fill(12)), 2e-5);
    model.dispose();
  });
});
