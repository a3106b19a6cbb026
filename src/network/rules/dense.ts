/** Dense layers: BatchMatMul and its fused form, activities times a weight matrix. */
import { refuse } from '../../errors.js';
import type { RecordedNode } from '../recorder.js';
import { address, tf, uninitialisedTensor } from '../tfjs.js';
import type { Trace } from '../trace.js';
import { broadcastRow } from './broadcast.js';
import { type Rule, refuseNode, type WeightUse } from './rule.js';

function use(node: RecordedNode, trace: Trace): WeightUse | undefined {
  const { a, b } = node.inputs;
  if (trace.parameter(a)) refuseNode(node, 'a weight on the left of a product has no rule.');
  const parameter = trace.parameter(b);
  if (!parameter) return undefined;
  if (!a || !trace.isData(a)) refuseNode(node, 'a weight is multiplied with something that is no activity.');
  if (node.attributes.transposeA) refuseNode(node, 'transposed activities have no rule.');
  if (node.attributes.transposeB) refuseNode(node, 'a transposed weight has no rule.');
  const right = b!.shape[b!.shape.length - 1];
  const left = parameter.size / right;
  const rows = a.size / left;
  const positions = rows / trace.examples;
  if (!Number.isInteger(positions)) refuseNode(node, 'its rows do not divide evenly among the examples.');
  return {
    node,
    parameter,
    bias: trace.parameter(node.inputs.bias),
    positions,
    left,
    right,
    activities: () => a.dataSync() as Float32Array,
    products: (dy, kernels) => {
      const result = uninitialisedTensor([trace.examples, parameter.size]);
      for (let example = 0; example < trace.examples; example++) {
        const from = address(a) + example * positions * left * 4;
        const back = address(dy) + example * positions * right * 4;
        const to = address(result) + example * parameter.size * 4;
        kernels.outerSum(from, back, positions, left, right, to);
      }
      return result;
    },
  };
}

export const dense: Rule = {
  weights: (node, trace) => [use(node, trace)].filter((found) => found !== undefined),
  rows: ['bias'],
  backward(node, dy, walk) {
    const { a, b } = node.inputs;
    if (walk.trace.isData(b)) refuseNode(node, 'a product of two activities (attention) has no rule yet.');
    if (b!.size !== b!.shape.at(-1)! * b!.shape.at(-2)!)
      refuseNode(node, 'a batch of weight matrices has no rule.');
    const activation = node.attributes.activation ?? 'linear';
    if (activation !== 'linear')
      refuse('unsupported', `Layer '${node.layer}': fused activation '${activation}' was not unfused.`);
    walk.row(walk.trace.parameter(node.inputs.bias), () =>
      broadcastRow(node, dy, node.inputs.bias!, walk.trace),
    );
    const found = use(node, walk.trace);
    if (found) walk.weight(found, dy);
    walk.send(a, () => {
      // tfjs-wasm multiplies untransposed single matrices ten times faster: transpose the small operand first.
      const weight = tf.reshape(b!, b!.shape.slice(-2) as [number, number]);
      const back = node.attributes.transposeB ? weight : tf.transpose(weight);
      const flat = tf.reshape(dy, [-1, dy.shape.at(-1)!]) as tf.Tensor2D;
      return tf.reshape(tf.matMul(flat, back as tf.Tensor2D), a!.shape);
    });
  },
};
