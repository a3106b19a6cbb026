/** Batch normalisation in inference mode: y = (x - mean) / sqrt(variance + epsilon) · gamma + beta. */
import { tf } from '../tfjs.js';
import { broadcastRow } from './broadcast.js';
import { type Rule, refuseNode } from './rule.js';

export const batchNormalization: Rule = {
  rows: ['scale', 'offset'],
  backward(node, dy, walk) {
    const { x, mean, variance, scale, offset } = node.inputs;
    if (walk.trace.isData(mean) || walk.trace.isData(variance)) {
      refuseNode(
        node,
        'normalisation by statistics of the input itself (layer normalisation, training mode) has no rule yet.',
      );
    }
    const inverse = tf.rsqrt(tf.add(variance!, node.attributes.varianceEpsilon as number));
    const { trace } = walk;
    walk.row(trace.parameter(scale), () =>
      broadcastRow(node, tf.mul(dy, tf.mul(tf.sub(x!, mean!), inverse)), scale!, trace),
    );
    walk.row(trace.parameter(offset), () => broadcastRow(node, dy, offset!, trace));
    walk.send(x, () => tf.mul(dy, scale ? tf.mul(inverse, scale) : inverse));
  },
};
