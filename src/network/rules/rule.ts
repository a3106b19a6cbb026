/** What a rule is: how one tfjs kernel sends gradients back, and what it says about the weights it consumes. */
import { refuse } from '../../errors.js';
import type { Kernel } from '../../kernel/kernel.js';
import type { Parameter } from '../parameters.js';
import type { RecordedNode } from '../recorder.js';
import type { tf } from '../tfjs.js';
import type { Trace } from '../trace.js';

/**
 * A weight used as a matrix: pre-activation = sum over `left` activities, at `positions` places of an example.
 * Its gradient is sum_t a_t b_t^T (method, section 2).
 */
export interface WeightUse {
  readonly node: RecordedNode;
  readonly parameter: Parameter;
  /** A bias that this very kernel adds. */
  readonly bias: Parameter | undefined;
  readonly positions: number;
  readonly left: number;
  readonly right: number;
  /** The activities a: examples × positions × left, row-major. */
  activities(): Float32Array;
  /** Per-example products sum_t a_t b_t^T for dy = b, as a tensor examples × size in the parameter's order. */
  products(dy: tf.Tensor, kernels: Kernel): tf.Tensor;
}

/** What a rule may do while the gradient walks back through its node. */
export interface Walk {
  readonly trace: Trace;
  /** Our kernels on tfjs's own heap. */
  readonly kernels: Kernel;
  /** Adds a gradient to an input; `gradient` is only computed where the walk must go on. */
  send(input: tf.Tensor | null | undefined, gradient: () => tf.Tensor): void;
  /** Hands over b = dy of a {@link WeightUse} of this node. */
  weight(use: WeightUse, dy: tf.Tensor): void;
  /** Hands over a parameter's per-example gradient, examples × size; `undefined` parameters are passed over. */
  row(parameter: Parameter | undefined, gradient: () => tf.Tensor): void;
}

export interface Rule {
  /** The weights that a node consumes as matrices. */
  weights?(node: RecordedNode, trace: Trace): WeightUse[];
  /** Input names whose parameters become rows; a parameter elsewhere is refused. */
  readonly rows?: readonly string[];
  backward(node: RecordedNode, dy: tf.Tensor, walk: Walk): void;
}

/** Refuses a node by the names a user knows: the op and the layer. */
export function refuseNode(node: RecordedNode, reason: string): never {
  const place = node.layer ? `Layer '${node.layer}'` : 'The model';
  return refuse('unsupported', `${place}: op ${node.kernel}: ${reason}`);
}
