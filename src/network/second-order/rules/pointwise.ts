/** Kernels whose Jacobian is symmetric, so that the first-order rule also carries tangents forward. */
import { refuse } from '../../../errors.js';
import type { RecordedNode } from '../../recorder.js';
import { rules } from '../../rules/index.js';
import { tf } from '../../tfjs.js';
import type { Motion, SecondRule } from './rule.js';

/** The one operand that moves, and its tangent. */
function moving(node: RecordedNode, motion: Motion): { x: tf.Tensor; tangent: tf.Tensor } | undefined {
  const found = Object.values(node.inputs).flatMap((x) => {
    const tangent = motion.tangent(x);
    return x && tangent ? [{ x, tangent }] : [];
  });
  return found[0];
}

/** φ_x ẋ as φ_xᵀ ẋ. */
function carried(node: RecordedNode, motion: Motion): tf.Tensor | undefined {
  const own = moving(node, motion);
  if (!own) return undefined;
  let result: tf.Tensor | undefined;
  rules[node.kernel].backward(node, own.tangent, {
    ...motion,
    send: (input, gradient) => {
      if (input === own.x) result = gradient();
    },
    row: () => {},
    weight: () => refuse('unsupported', `Op ${node.kernel} takes a weight.`),
  });
  return result;
}

/** φ''(x), given x and y = φ(x). */
type Curvature = (x: tf.Tensor, y: tf.Tensor, node: RecordedNode) => tf.Tensor;

/** y_i = φ(x_i): ẏ = φ' ẋ, bend = φ'' ẋ dy. */
export function pointwise(curvature: Curvature): SecondRule {
  return {
    tangent: carried,
    bend(node, dy, walk) {
      const own = moving(node, walk);
      if (!own) return;
      walk.send(own.x, () => tf.mul(curvature(own.x, node.outputs[0], node), tf.mul(own.tangent, dy)));
    },
  };
}

/** y_i = φ(x_i) in straight pieces: φ'' = 0 almost everywhere. */
export const straight: SecondRule = { tangent: carried };

/** Comparisons and steps: they stand still almost everywhere. */
export const still: SecondRule = { tangent: () => undefined };

/** The Jacobian diag(y) − y yᵀ is symmetric. Bend = ẏ (dy − Σ y dy) − y Σ ẏ dy. */
export const softmax: SecondRule = {
  tangent: carried,
  bend(node, dy, walk) {
    const [y] = node.outputs;
    const tangent = walk.tangent(y);
    if (!tangent) return;
    walk.send(node.inputs.logits, () => {
      const mean = tf.sum(tf.mul(y, dy), -1, true);
      return tf.sub(tf.mul(tangent, tf.sub(dy, mean)), tf.mul(y, tf.sum(tf.mul(tangent, dy), -1, true)));
    });
  },
};

/** α e^x of SELU: scale · alpha. */
const SELU = 1.7580993408473768;

const below = (x: tf.Tensor) => tf.sub(1, tf.step(x));

/** Second derivatives by kernel. */
export const curvatures: Readonly<Record<string, Curvature>> = {
  Elu: (x, y) => tf.mul(below(x), tf.add(y, 1)),
  Selu: (x, y) => tf.mul(below(x), tf.add(y, SELU)),
  Sigmoid: (_, y) => tf.mul(tf.mul(y, tf.sub(1, y)), tf.sub(1, tf.mul(2, y))),
  Softplus: (x) => {
    const slope = tf.sigmoid(x);
    return tf.mul(slope, tf.sub(1, slope));
  },
  Tanh: (_, y) => tf.mul(tf.mul(-2, y), tf.sub(1, tf.square(y))),
  Exp: (_, y) => y,
  Log: (x) => tf.neg(tf.reciprocal(tf.square(x))),
  Square: (x) => tf.fill(x.shape, 2),
  Sqrt: (x, y) => tf.div(-0.25, tf.mul(x, y)),
  Rsqrt: (x, y) => tf.div(tf.mul(0.75, y), tf.square(x)),
  Erf: (x) => tf.mul(tf.mul(-4 / Math.sqrt(Math.PI), x), tf.exp(tf.neg(tf.square(x)))),
  Pow: (x, _, node) => {
    const power = node.inputs.b!;
    return tf.mul(tf.mul(power, tf.sub(power, 1)), tf.pow(x, tf.sub(power, 2)));
  },
};
