/** Dense layers and convolutions: y = W x + bias, every example with its own U beside W. */
import type { RecordedNode } from '../../recorder.js';
import { convolve, convolution as firstConvolution, inputGradient } from '../../rules/convolution.js';
import { dense as firstDense } from '../../rules/dense.js';
import type { Rule, WeightUse } from '../../rules/rule.js';
import { floats, tf, uninitialisedTensor } from '../../tfjs.js';
import { total, withRows } from './broadcast.js';
import type { Motion, SecondRule } from './rule.js';

/** How one kind of layer multiplies. */
interface Products {
  readonly rule: Rule;
  /** The activities. */
  operand(node: RecordedNode): tf.Tensor;
  /** ẋ times the weight itself. */
  forwards(node: RecordedNode, tangent: tf.Tensor): tf.Tensor;
  /** x times U, given as examples × size. */
  moved(node: RecordedNode, use: WeightUse, rows: tf.Tensor): tf.Tensor;
  /** dy times U transposed. */
  movedBack(node: RecordedNode, use: WeightUse, rows: tf.Tensor, dy: tf.Tensor): tf.Tensor;
}

function weightOf(node: RecordedNode, motion: Motion, rule: Rule): WeightUse | undefined {
  return rule.weights?.(node, motion.trace)[0];
}

function weights(products: Products): SecondRule {
  return {
    tangent(node, motion) {
      const { direction, trace } = motion;
      const use = weightOf(node, motion, products.rule);
      const x = products.operand(node);
      const [y] = node.outputs;
      const rows = direction.rows(use?.parameter);
      const own = use && (direction.forwards(use.parameter) ?? (rows && products.moved(node, use, rows)));
      const tangent = motion.tangent(x);
      const moved = total(tangent && products.forwards(node, tangent), own && tf.reshape(own, y.shape));
      const biases = direction.rows(trace.parameter(node.inputs.bias));
      if (!biases) return moved;
      return withRows(moved ?? tf.zerosLike(y), node.inputs.bias!, biases, tf.add);
    },
    bend(node, dy, walk) {
      const use = weightOf(node, walk, products.rule);
      if (!use) return;
      const x = products.operand(node);
      const tangent = walk.tangent(x);
      if (tangent) walk.product(use, tangent, dy);
      const { direction } = walk;
      const rows = direction.rows(use.parameter);
      const back = () => direction.backwards(use.parameter) ?? products.movedBack(node, use, rows!, dy);
      if (rows || direction.backwards(use.parameter)) walk.send(x, () => tf.reshape(back(), x.shape));
    },
  };
}

export const dense = weights({
  rule: firstDense,
  operand: (node) => node.inputs.a!,
  forwards(node, tangent) {
    const { b } = node.inputs;
    const weight = tf.reshape(b!, b!.shape.slice(-2) as [number, number]);
    const flat = tf.reshape(tangent, [-1, tangent.shape.at(-1)!]) as tf.Tensor2D;
    const { transposeB } = node.attributes as { transposeB?: boolean };
    return tf.reshape(tf.matMul(flat, weight as tf.Tensor2D, false, transposeB), node.outputs[0].shape);
  },
  moved: (node, { positions, left, right }, rows) =>
    tf.matMul(
      tf.reshape(node.inputs.a!, [-1, positions, left]) as tf.Tensor3D,
      tf.reshape(rows, [-1, left, right]) as tf.Tensor3D,
    ),
  movedBack: (_, { positions, left, right }, rows, dy) =>
    tf.matMul(
      tf.reshape(dy, [-1, positions, right]) as tf.Tensor3D,
      tf.reshape(rows, [-1, left, right]) as tf.Tensor3D,
      false,
      true,
    ),
});

/** One tensor of examples from one for each. */
function eachExample(
  [tensor, rows]: readonly [tf.Tensor, tf.Tensor],
  shape: readonly number[],
  run: (one: tf.Tensor4D, row: tf.Tensor) => tf.Tensor,
): tf.Tensor {
  const result = uninitialisedTensor([tensor.shape[0], ...shape.slice(1)]);
  const size = result.size / result.shape[0];
  for (let example = 0; example < tensor.shape[0]; example++) {
    tf.tidy(() => {
      const one = run(exampleOf(tensor, example) as tf.Tensor4D, exampleOf(rows, example));
      floats(result).set(floats(one), example * size);
    });
  }
  return result;
}

/** A copy of one example. tfjs's own slices and splits go through several copies outside the heap. */
function exampleOf(tensor: tf.Tensor, example: number): tf.Tensor {
  const one = uninitialisedTensor([1, ...tensor.shape.slice(1)]);
  const values = floats(tensor);
  floats(one).set(values.subarray(example * one.size, (example + 1) * one.size));
  return one;
}

export const convolution = weights({
  rule: firstConvolution,
  operand: (node) => node.inputs.x!,
  forwards: (node, tangent) => convolve(node, tangent as tf.Tensor4D, node.inputs.filter as tf.Tensor4D),
  moved: (node, _, rows) =>
    eachExample([node.inputs.x!, rows], node.outputs[0].shape, (x, row) =>
      convolve(node, x, filterOf(node, row)),
    ),
  movedBack: (node, _, rows, dy) =>
    eachExample([dy, rows], node.inputs.x!.shape, (back, row) =>
      inputGradient(node, back, filterOf(node, row)),
    ),
});

function filterOf(node: RecordedNode, row: tf.Tensor): tf.Tensor4D {
  return tf.reshape(row, node.inputs.filter!.shape as [number, number, number, number]);
}
