/**
 * The network with every unit held on the side of its kink where it stands. Gradients of a network with kinks jump where a
 * unit changes sides, which no derivative knows of but every finite difference meets: 80 000 slopes of a small image network
 * leave no step between those jumps and float32 rounding. With the sides held, the similarity is smooth, and has the same
 * derivative at this point.
 */
import { interceptKernels, tf } from '../tfjs.js';

/** What stands on which side, kernel by kernel in the order in which they run; the caller's to dispose. */
export type Sides = tf.Tensor[];

type Inputs = tf.NamedTensorMap;
type Attributes = Readonly<Record<string, unknown>>;

/** A kernel with kinks: where its units stand, and what it computes with that held. */
interface Kinked {
  applies?(inputs: Inputs, attributes: Attributes): boolean;
  side(inputs: Inputs, attributes: Attributes): tf.Tensor;
  held(inputs: Inputs, side: tf.Tensor, attributes: Attributes): tf.Tensor;
}

const others = (side: tf.Tensor) => tf.sub(1, side);

function pair(extents: unknown): [number, number] {
  return typeof extents === 'number' ? [extents, extents] : (extents as [number, number]);
}

/** Windows that share no cell, so that a mask of cells says which cell each of them takes. */
function apart({ filterSize, strides, pad }: Attributes): boolean {
  const steps = pair(strides);
  return pad === 'valid' && pair(filterSize).every((size, axis) => size === steps[axis]);
}

const kinked: Readonly<Record<string, Kinked>> = {
  Relu: { side: ({ x }) => tf.step(x), held: ({ x }, side) => tf.mul(x, side) },
  LeakyRelu: {
    side: ({ x }) => tf.step(x),
    held: ({ x }, side, { alpha }) => tf.mul(x, tf.add(side, tf.mul(alpha as number, others(side)))),
  },
  Prelu: {
    side: ({ x }) => tf.step(x),
    held: ({ x, alpha }, side) => tf.add(tf.mul(x, side), tf.mul(tf.mul(x, others(side)), alpha)),
  },
  Relu6: {
    side: ({ x }) => tf.add(tf.step(x), tf.step(tf.sub(x, 6))),
    held: ({ x }, side) => {
      const above = tf.step(tf.sub(side, 1));
      return tf.add(tf.mul(x, tf.sub(tf.step(side), above)), tf.mul(6, above));
    },
  },
  Abs: { side: ({ x }) => tf.sign(x), held: ({ x }, side) => tf.mul(x, side) },
  MaxPool: {
    applies: (_, attributes) => apart(attributes),
    side: ({ x }, { filterSize }) => {
      const [tall, wide] = pair(filterSize);
      const largest = tf.maxPool(x as tf.Tensor4D, [tall, wide], [tall, wide], 'valid');
      const [, height, width] = largest.shape;
      const spread = tf.image.resizeNearestNeighbor(largest, [height * tall, width * wide]);
      const [, rows, columns] = x.shape as number[];
      const [below, beside] = [rows - height * tall, columns - width * wide];
      // Cells behind the last window belong to none.
      const whole = tf.pad(
        spread,
        [
          [0, 0],
          [0, below],
          [0, beside],
          [0, 0],
        ],
        Number.POSITIVE_INFINITY,
      );
      return tf.cast(tf.equal(x, whole), 'float32');
    },
    held: ({ x }, side, { filterSize }) => {
      const window = pair(filterSize);
      const mean = tf.avgPool(tf.mul(x, side) as tf.Tensor4D, window, window, 'valid');
      return tf.mul(mean, window[0] * window[1]);
    },
  },
};

/** Runs a forward pass as it is and notes where its units stand. */
export function notingSides<Value>(sides: Sides, body: () => Value): Value {
  return passing((inputs, attributes, kernel, run) => {
    sides.push(tf.keep(kernel.side(inputs, attributes)));
    return run();
  }, body);
}

/** Runs the same pass, perhaps with other weights, with its units held on their sides. */
export function holdingSides<Value>(sides: Sides, body: () => Value): Value {
  let next = 0;
  return passing((inputs, attributes, kernel) => kernel.held(inputs, sides[next++], attributes), body);
}

function passing<Value>(
  handle: (inputs: Inputs, attributes: Attributes, kernel: Kinked, run: () => tf.Tensor) => tf.Tensor,
  body: () => Value,
): Value {
  let inside = false;
  return interceptKernels(
    (run) => (name, inputs, attributes) => {
      const kernel = inside ? undefined : kinked[name];
      const own = (attributes ?? {}) as Attributes;
      if (!kernel || kernel.applies?.(inputs, own) === false) return run(name, inputs, attributes);
      // What a handler computes with goes through here again.
      inside = true;
      try {
        return handle(inputs, own, kernel, () => run(name, inputs, attributes) as tf.Tensor);
      } finally {
        inside = false;
      }
    },
    body,
  );
}
