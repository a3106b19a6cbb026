/** Parameters that are broadcast over positions: biases, scales, slopes. Their gradient sums over the positions. */
import type { RecordedNode } from '../recorder.js';
import { tf } from '../tfjs.js';
import type { Trace } from '../trace.js';
import { type Rule, refuseNode } from './rule.js';

/**
 * Sums a per-position gradient to the shape of `parameter`, for each example apart: examples × parameter size.
 * The parameter is aligned to the right, as in NumPy.
 */
export function broadcastRow(
  node: RecordedNode,
  gradient: tf.Tensor,
  parameter: tf.Tensor,
  trace: Trace,
): tf.Tensor {
  const { examples } = trace;
  const own = [...parameter.shape];
  while (own[0] === 1 && own.length > 1) own.shift();
  // Positions in front of the parameter's own axes become one axis, so that folded batches come apart again.
  const inner = gradient.shape.slice(gradient.rank - own.length);
  const width = inner.reduce((product, extent) => product * extent, 1);
  if (own.length >= gradient.rank && own[0] !== 1)
    refuseNode(node, 'a parameter with one value per example has no rule.');
  const spread = tf.reshape(gradient, [examples, gradient.size / (examples * width), ...inner]);
  const axes = own.flatMap((extent, axis) => (extent === 1 && inner[axis] > 1 ? [axis + 2] : []));
  if (own.some((extent, axis) => extent !== 1 && extent !== inner[axis])) {
    refuseNode(node, `a parameter of shape [${own}] does not fit [${gradient.shape}].`);
  }
  return tf.reshape(tf.sum(spread, [1, ...axes]), [examples, parameter.size]);
}

/** Sums a gradient to the shape of an input that was broadcast against it. */
export function unbroadcast(gradient: tf.Tensor, shape: readonly number[]): tf.Tensor {
  const lead = gradient.rank - shape.length;
  const axes = gradient.shape.flatMap((extent, axis) => {
    const own = axis < lead ? 1 : shape[axis - lead];
    return own === 1 && (extent > 1 || axis < lead) ? [axis] : [];
  });
  const summed = axes.length > 0 ? tf.sum(gradient, axes) : gradient;
  return tf.reshape(summed, [...shape]);
}

/** d(output)/d(side) times dy, at the output's shape. */
type Side = (dy: tf.Tensor, a: tf.Tensor, b: tf.Tensor) => tf.Tensor;

function binary(left: Side, right: Side): Rule {
  return {
    rows: ['a', 'b'],
    backward(node, dy, walk) {
      const a = node.inputs.a!;
      const b = node.inputs.b!;
      for (const [side, gradient] of [
        [a, left],
        [b, right],
      ] as const) {
        walk.row(walk.trace.parameter(side), () => broadcastRow(node, gradient(dy, a, b), side, walk.trace));
        walk.send(side, () => unbroadcast(gradient(dy, a, b), side.shape));
      }
    },
  };
}

export const add = binary(
  (dy) => dy,
  (dy) => dy,
);
export const subtract = binary(
  (dy) => dy,
  (dy) => tf.neg(dy),
);
export const multiply = binary(
  (dy, _, b) => tf.mul(dy, b),
  (dy, a) => tf.mul(dy, a),
);
export const divide = binary(
  (dy, _, b) => tf.div(dy, b),
  (dy, a, b) => tf.neg(tf.div(tf.mul(dy, a), tf.square(b))),
);
// The left operand wins a tie, as it does in tfjs.
export const minimum = binary(
  (dy, a, b) => tf.mul(dy, tf.cast(tf.lessEqual(a, b), 'float32')),
  (dy, a, b) => tf.mul(dy, tf.cast(tf.greater(a, b), 'float32')),
);
export const maximum = binary(
  (dy, a, b) => tf.mul(dy, tf.cast(tf.greaterEqual(a, b), 'float32')),
  (dy, a, b) => tf.mul(dy, tf.cast(tf.less(a, b), 'float32')),
);
