/** Activations, and the few tfjs gradients that are taken as they are because the tests audit them. */
import type { RecordedNode } from '../recorder.js';
import { tf } from '../tfjs.js';
import { broadcastRow } from './broadcast.js';
import { type Rule, refuseNode } from './rule.js';

/** tfjs's own gradient of a kernel with one gradient-carrying output. */
function stock(node: RecordedNode, dy: tf.Tensor): Record<string, () => tf.Tensor> {
  const config = tf.getGradient(node.kernel);
  if (!config) refuseNode(node, 'tfjs has no gradient for it.');
  const inputs = config.saveAllInputs
    ? Object.values(node.inputs)
    : (config.inputsToSave ?? []).map((name) => node.inputs[name]);
  const outputs = node.outputs.filter((_, i) => config.outputsToSave?.[i]);
  const saved = [...inputs, ...outputs] as tf.Tensor[];
  return config.gradFunc(dy, saved, node.attributes as never) as Record<string, () => tf.Tensor>;
}

/** A rule that trusts tfjs's gradient. Only kernels whose gradient the audit in tests/network confirms. */
export const audited: Rule = {
  backward(node, dy, walk) {
    const gradients = stock(node, dy);
    for (const [name, input] of Object.entries(node.inputs)) walk.send(input, () => gradients[name]());
  },
};

/** `audited` for kernels that move or reduce along axes: the batch axis must stay where it is. */
export function alongAxes(staysInExample: (node: RecordedNode) => boolean): Rule {
  return {
    backward(node, dy, walk) {
      if (!staysInExample(node)) refuseNode(node, 'it mixes or moves the batch axis, which has no rule.');
      audited.backward(node, dy, walk);
    },
  };
}

/** Comparisons and steps: constant almost everywhere, so nothing goes back through them. */
export const flat: Rule = { backward: () => {} };

/**
 * dx = y (dy' - sum dy' y) with dy' = dy - dy_0: the same in exact arithmetic, and exactly zero where dy is
 * constant. Summed probabilities then give a zero gradient, not rounding noise that would pass for a direction.
 */
export const softmax: Rule = {
  backward(node, dy, walk) {
    walk.send(node.inputs.logits, () => {
      const y = node.outputs[0];
      const first = tf.slice(
        dy,
        dy.shape.map(() => 0),
        [...dy.shape.slice(0, -1), 1],
      );
      const weighted = tf.mul(tf.sub(dy, first), y);
      return tf.sub(weighted, tf.mul(y, tf.sum(weighted, -1, true)));
    });
  },
};

/** y = x where x > 0, else alpha · x; alpha is a parameter, shared along its axes of extent 1. */
export const prelu: Rule = {
  rows: ['alpha'],
  backward(node, dy, walk) {
    const x = node.inputs.x!;
    const alpha = node.inputs.alpha!;
    if (walk.trace.isData(alpha)) refuseNode(node, 'a slope that depends on the inputs has no rule.');
    const { trace } = walk;
    walk.row(trace.parameter(alpha), () => broadcastRow(node, tf.mul(dy, tf.minimum(x, 0)), alpha, trace));
    walk.send(x, () => {
      const positive = tf.step(x);
      return tf.mul(dy, tf.add(positive, tf.mul(alpha, tf.sub(1, positive))));
    });
  },
};
