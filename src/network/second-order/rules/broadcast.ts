/** Binary operations, and parameters that are broadcast over positions. */
import type { RecordedNode } from '../../recorder.js';
import { broadcastRow, unbroadcast } from '../../rules/broadcast.js';
import { tf } from '../../tfjs.js';
import type { BentWalk, Motion, SecondRule } from './rule.js';

/**
 * Combines an activity with U of a parameter that is broadcast against it, each example with its own.
 * @param rows U, examples × size
 */
export function withRows(
  activity: tf.Tensor,
  parameter: tf.Tensor,
  rows: tf.Tensor,
  combine: (activity: tf.Tensor, rows: tf.Tensor) => tf.Tensor,
): tf.Tensor {
  const own = [...parameter.shape];
  while (own[0] === 1 && own.length > 1) own.shift();
  const examples = rows.shape[0];
  const inner = activity.shape.slice(activity.rank - own.length);
  const width = inner.reduce((product, extent) => product * extent, 1);
  const spread = [examples, activity.size / (examples * width), ...inner];
  const moved = combine(tf.reshape(activity, spread), tf.reshape(rows, [examples, 1, ...own]));
  return tf.reshape(moved, activity.shape);
}

/** The sum of tangents, some of which stand still. */
export function total(...parts: (tf.Tensor | undefined)[]): tf.Tensor | undefined {
  const moving = parts.filter((part) => part !== undefined);
  return moving.length > 0 ? moving.reduce((sum, part) => tf.add(sum, part)) : undefined;
}

/** First and second partial derivatives of y = φ(a, b), as factors; undefined where they are 0. */
interface Partials {
  readonly a: (a: tf.Tensor, b: tf.Tensor) => tf.Tensor | number;
  readonly b: (a: tf.Tensor, b: tf.Tensor) => tf.Tensor | number;
  readonly ab?: (a: tf.Tensor, b: tf.Tensor) => tf.Tensor | number;
  readonly bb?: (a: tf.Tensor, b: tf.Tensor) => tf.Tensor | number;
}

/** The tangent of one side; that of a parameter at the shape of the output. */
function side(node: RecordedNode, input: tf.Tensor, motion: Motion): tf.Tensor | undefined {
  const parameter = motion.trace.parameter(input);
  if (!parameter) return motion.tangent(input);
  const rows = motion.direction.rows(parameter);
  return rows && withRows(tf.zerosLike(node.outputs[0]), input, rows, tf.add);
}

const scaled = (factor: tf.Tensor | number, tangent: tf.Tensor | undefined) =>
  tangent && (factor === 1 ? tangent : tf.mul(tangent, factor));

function binary(partials: Partials): SecondRule {
  const bend = (node: RecordedNode, dy: tf.Tensor, walk: BentWalk) => {
    const a = node.inputs.a!;
    const b = node.inputs.b!;
    const { ab, bb } = partials;
    if (!ab) return;
    const [left, right] = [side(node, a, walk), side(node, b, walk)];
    const changes: [tf.Tensor, tf.Tensor | undefined][] = [
      [a, scaled(ab(a, b), right)],
      [b, total(scaled(ab(a, b), left), bb && scaled(bb(a, b), right))],
    ];
    for (const [input, change] of changes) {
      if (!change) continue;
      const gradient = () => tf.mul(dy, change);
      walk.row(walk.trace.parameter(input), () => broadcastRow(node, gradient(), input, walk.trace));
      walk.send(input, () => unbroadcast(gradient(), input.shape));
    }
  };
  return {
    tangent(node, motion) {
      const a = node.inputs.a!;
      const b = node.inputs.b!;
      const moved = total(
        scaled(partials.a(a, b), side(node, a, motion)),
        scaled(partials.b(a, b), side(node, b, motion)),
      );
      const [y] = node.outputs;
      return moved && moved.size !== y.size ? tf.add(moved, tf.zerosLike(y)) : moved;
    },
    ...(partials.ab && { bend }),
  };
}

const mask = (where: tf.Tensor) => tf.cast(where, 'float32');

const sum = binary({ a: () => 1, b: () => 1 });

/** A bias is the usual case, and needs no zeros to stand on. */
export const add: SecondRule = {
  tangent(node, motion) {
    const a = node.inputs.a!;
    const b = node.inputs.b!;
    const moved = motion.tangent(a);
    const rows = motion.direction.rows(motion.trace.parameter(b));
    if (moved && rows && moved.size === node.outputs[0].size) return withRows(moved, b, rows, tf.add);
    return sum.tangent(node, motion);
  },
};
export const subtract = binary({ a: () => 1, b: () => -1 });
export const multiply = binary({ a: (_, b) => b, b: (a) => a, ab: () => 1 });
export const divide = binary({
  a: (_, b) => tf.reciprocal(b),
  b: (a, b) => tf.neg(tf.div(a, tf.square(b))),
  ab: (_, b) => tf.neg(tf.reciprocal(tf.square(b))),
  bb: (a, b) => tf.div(tf.mul(2, a), tf.mul(b, tf.square(b))),
});
export const minimum = binary({
  a: (a, b) => mask(tf.lessEqual(a, b)),
  b: (a, b) => mask(tf.greater(a, b)),
});
export const maximum = binary({
  a: (a, b) => mask(tf.greaterEqual(a, b)),
  b: (a, b) => mask(tf.less(a, b)),
});

/** y = x where x > 0, else alpha · x. */
export const prelu: SecondRule = {
  tangent(node, motion) {
    const x = node.inputs.x!;
    const alpha = node.inputs.alpha!;
    const tangent = motion.tangent(x);
    const rows = motion.direction.rows(motion.trace.parameter(alpha));
    return total(
      tangent && tf.mul(tangent, slope(x, alpha)),
      rows && withRows(tf.minimum(x, 0), alpha, rows, tf.mul),
    );
  },
  bend(node, dy, walk) {
    const x = node.inputs.x!;
    const alpha = node.inputs.alpha!;
    const parameter = walk.trace.parameter(alpha);
    const tangent = walk.tangent(x);
    const negative = tf.mul(dy, tf.sub(1, tf.step(x)));
    const rows = walk.direction.rows(parameter);
    if (tangent) walk.row(parameter, () => broadcastRow(node, tf.mul(negative, tangent), alpha, walk.trace));
    if (rows) walk.send(x, () => withRows(negative, alpha, rows, tf.mul));
  },
};

function slope(x: tf.Tensor, alpha: tf.Tensor): tf.Tensor {
  const positive = tf.step(x);
  return tf.add(positive, tf.mul(alpha, tf.sub(1, positive)));
}

/** y = (x − mean) · inverse · scale + offset with fixed statistics. */
export const batchNormalization: SecondRule = {
  tangent(node, motion) {
    const { x, mean, scale, offset } = node.inputs;
    const { trace, direction } = motion;
    const inverse = inverseDeviation(node);
    const tangent = motion.tangent(x);
    const scales = direction.rows(trace.parameter(scale));
    const offsets = direction.rows(trace.parameter(offset));
    const moved = total(
      tangent && tf.mul(tangent, scale ? tf.mul(inverse, scale) : inverse),
      scales && withRows(tf.mul(tf.sub(x!, mean!), inverse), scale!, scales, tf.mul),
    );
    if (!offsets) return moved;
    return withRows(moved ?? tf.zerosLike(x!), offset!, offsets, tf.add);
  },
  bend(node, dy, walk) {
    const { x, scale } = node.inputs;
    const parameter = walk.trace.parameter(scale);
    if (!parameter) return;
    const inverse = inverseDeviation(node);
    const tangent = walk.tangent(x);
    const scales = walk.direction.rows(parameter);
    if (tangent)
      walk.row(parameter, () => broadcastRow(node, tf.mul(dy, tf.mul(tangent, inverse)), scale!, walk.trace));
    if (scales) walk.send(x, () => withRows(tf.mul(dy, inverse), scale!, scales, tf.mul));
  },
};

function inverseDeviation(node: RecordedNode): tf.Tensor {
  return tf.rsqrt(tf.add(node.inputs.variance!, node.attributes.varianceEpsilon as number));
}
