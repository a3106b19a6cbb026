/**
 * Σ_x H(x) U(x): the Hessian of the chosen output at every example times that example's own direction, summed, by one
 * tangent pass forward and one walk back. tfjs's tape takes no part, whose derivatives of derivatives are wrong wherever
 * a kernel saves its output (tanh, sigmoid, softmax, max-pool, …).
 */
import { refuse } from '../../errors.js';
import type { Kernel } from '../../kernel/kernel.js';
import type { Parameter } from '../parameters.js';
import type { RecordedNode } from '../recorder.js';
import { filterGradient, geometry } from '../rules/convolution.js';
import { rules } from '../rules/index.js';
import { refuseNode, type WeightUse } from '../rules/rule.js';
import { address, tf, uninitialisedTensor } from '../tfjs.js';
import type { Trace } from '../trace.js';
import { Arrivals, type FirstOrder, type Seed } from './factors.js';
import { secondRules } from './rules/index.js';
import type { BentWalk, Direction, Motion } from './rules/rule.js';

/** Refuses what has no second-order rule, by op and layer. */
export function assertSecondOrder(nodes: readonly RecordedNode[]): void {
  for (const node of nodes) {
    if (!secondRules[node.kernel])
      refuseNode(node, 'netkin has no second derivative for it and does not guess.');
  }
}

/** Tangents of all activities, forward through the trace. */
export function moveForward(
  trace: Trace,
  nodes: readonly RecordedNode[],
  direction: Direction,
  kernels: Kernel,
): Motion {
  const tangents = new Map<number, tf.Tensor>();
  const motion: Motion = {
    trace,
    kernels,
    direction,
    tangent: (tensor) => (tensor ? tangents.get(tensor.id) : undefined),
  };
  for (const node of [...nodes].reverse()) {
    const tangent = secondRules[node.kernel].tangent(node, motion);
    if (tangent) tangents.set(node.outputs[0].id, tangent);
  }
  return motion;
}

/**
 * The walk back in motion; `seeds` start ḋy. Call it within `tf.tidy`.
 *
 * The walk is linear in its seeds, so the gradient of any loss of the outputs comes at no price: seeded beside the
 * tangents, it is part of the sum.
 * @returns gradients by parameter, in the parameter's shape; absent where nothing arrived
 */
export function walkInMotion(
  motion: Motion,
  nodes: readonly RecordedNode[],
  first: FirstOrder,
  seeds: readonly Seed[],
): Map<Parameter, tf.Tensor> {
  const { trace, kernels } = motion;
  const arrivals = new Arrivals(seeds);
  const gradients = new Map<Parameter, tf.Tensor>();
  const add = (parameter: Parameter, gradient: tf.Tensor) => {
    const known = gradients.get(parameter);
    gradients.set(parameter, known ? tf.add(known, gradient) : gradient);
  };
  let pairs: { use: WeightUse; left: tf.Tensor; right: tf.Tensor }[] = [];
  const walk: BentWalk = {
    ...motion,
    send: (input, gradient) => {
      if (input && trace.carries(input)) arrivals.add(input, gradient());
    },
    row: (parameter, gradient) => {
      if (parameter) add(parameter, tf.reshape(tf.sum(gradient(), 0), [...parameter.shape]));
    },
    product: (use, left, right) => {
      pairs.push({ use, left, right });
    },
  };
  const ordinary = {
    ...walk,
    weight: (use: WeightUse, dy: tf.Tensor) => walk.product(use, operand(use.node), dy),
  };
  for (const node of nodes) {
    const { id } = node.outputs[0];
    const moved = arrivals.gradients.get(id);
    const still = first.gradients.get(id);
    if (moved) rules[node.kernel].backward(node, moved, ordinary);
    if (still) secondRules[node.kernel].bend?.(node, still, walk);
    if (pairs.length > 0) add(pairs[0].use.parameter, sumOfProducts(pairs, kernels));
    pairs = [];
  }
  for (const [parameter, gradient] of gradients) assertFinite(parameter, gradient);
  return gradients;
}

function operand(node: RecordedNode): tf.Tensor {
  return (node.inputs.a ?? node.inputs.x)!;
}

/** Σ left ⊗ right over pairs, examples and positions, in the weight's shape. */
function sumOfProducts(
  pairs: readonly { use: WeightUse; left: tf.Tensor; right: tf.Tensor }[],
  kernels: Kernel,
): tf.Tensor {
  const [{ use }] = pairs;
  const { parameter, left, right, node } = use;
  const together = (side: 'left' | 'right', shape: number[]) => {
    const parts = pairs.map((pair) => tf.reshape(pair[side], shape));
    return parts.length > 1 ? tf.concat(parts) : parts[0];
  };
  const sum = uninitialisedTensor(parameter.shape);
  if (node.inputs.filter) {
    const info = geometry(node);
    const x = together('left', [-1, ...node.inputs.x!.shape.slice(1)]);
    const dy = together('right', [-1, ...node.outputs[0].shape.slice(1)]);
    filterGradient(info, x.shape[0], address(x), address(dy), address(sum), kernels);
  } else {
    const a = together('left', [-1, left]);
    const b = together('right', [-1, right]);
    kernels.outerSum(address(a), address(b), a.shape[0], left, right, address(sum));
  }
  return sum;
}

function assertFinite({ name }: Parameter, gradient: tf.Tensor): void {
  const sum = tf.sum(tf.abs(gradient)).dataSync()[0];
  if (!Number.isFinite(sum))
    refuse('input', `The gradient of the similarity with respect to '${name}' is not finite.`);
}
