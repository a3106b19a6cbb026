/**
 * What a second-order rule is. While every parameter moves along its direction U(x), one for each example, every
 * activity x moves along its tangent ẋ, and so does the gradient dy that walks back. A kernel y = φ(x, θ) sends back
 * dx = φ_xᵀ dy, whose own tangent has two parts:
 *
 *     φ_xᵀ ḋy             the first-order rule, applied to ḋy
 *     (φ_x)˙ᵀ dy          the bend: how the kernel's derivative changes along ẋ and U
 */
import type { Kernel } from '../../../kernel/kernel.js';
import type { Parameter } from '../../parameters.js';
import type { RecordedNode } from '../../recorder.js';
import type { WeightUse } from '../../rules/rule.js';
import type { tf } from '../../tfjs.js';
import type { Trace } from '../../trace.js';

/** Where the parameters go. Nothing moves where a method gives undefined. */
export interface Direction {
  /** U of a parameter, examples × size. Absent for weights kept as factors. */
  rows(parameter: Parameter | undefined): tf.Tensor | undefined;
  /** a(x)ᵀ U(x), examples × right, of a weight kept as factors. */
  forwards(parameter: Parameter): tf.Tensor | undefined;
  /** U(x) b(x), examples × left, of a weight kept as factors. */
  backwards(parameter: Parameter): tf.Tensor | undefined;
}

/** The network in motion. */
export interface Motion {
  readonly trace: Trace;
  readonly kernels: Kernel;
  readonly direction: Direction;
  /** The tangent of a recorded tensor, of its shape; undefined where it stands still. */
  tangent(tensor: tf.Tensor | null | undefined): tf.Tensor | undefined;
}

/** A walk back in motion. What it is handed is only computed where it is needed. */
export interface BentWalk extends Motion {
  send(input: tf.Tensor | null | undefined, gradient: () => tf.Tensor): void;
  row(parameter: Parameter | undefined, gradient: () => tf.Tensor): void;
  /** Adds Σ left ⊗ right over examples and positions to the gradient of a weight; `left` as the kernel takes it. */
  product(use: WeightUse, left: tf.Tensor, right: tf.Tensor): void;
}

export interface SecondRule {
  /** ẏ of the node's output. */
  tangent(node: RecordedNode, motion: Motion): tf.Tensor | undefined;
  /** Hands over the bend; absent for kernels that are linear in everything. */
  bend?(node: RecordedNode, dy: tf.Tensor, walk: BentWalk): void;
}
