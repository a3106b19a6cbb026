/**
 * The gradient g(x) of every example, kept as factors or rows on tfjs's heap, with the gradient of every activity on the
 * way, which the second walk needs again.
 */
import type { Kernel } from '../../kernel/kernel.js';
import type { Parameter } from '../parameters.js';
import type { RecordedNode } from '../recorder.js';
import { rules } from '../rules/index.js';
import { refuseNode, type WeightUse } from '../rules/rule.js';
import { collectUses } from '../terms.js';
import { tf } from '../tfjs.js';
import type { Trace } from '../trace.js';

/** g of one parameter, of all examples. */
export type Factors =
  /** a ⊗ b: examples × left and examples × right, of a dense layer that is applied once. */
  | { readonly kind: 'outer'; readonly a: tf.Tensor; readonly b: tf.Tensor }
  /** examples × size. */
  | { readonly kind: 'rows'; readonly rows: tf.Tensor };

export interface FirstOrder {
  /** dy of recorded tensors, by their id. */
  readonly gradients: ReadonlyMap<number, tf.Tensor>;
  readonly factors: ReadonlyMap<Parameter, Factors>;
}

/** A gradient at a recorded tensor, from which a walk starts. */
export interface Seed {
  readonly tensor: tf.Tensor;
  readonly values: tf.Tensor;
}

/** Gradients that arrive at tensors, added up. */
export class Arrivals {
  readonly gradients = new Map<number, tf.Tensor>();

  constructor(seeds: readonly Seed[]) {
    for (const { tensor, values } of seeds) this.add(tensor, values);
  }

  add(tensor: tf.Tensor, gradient: tf.Tensor): void {
    const known = this.gradients.get(tensor.id);
    this.gradients.set(tensor.id, known ? tf.add(known, gradient) : gradient);
  }
}

/**
 * Walks back from the seeds. Call it within `tf.tidy`: what it returns lives as long.
 * @param nodes from `reachable`, last first
 */
export function firstOrder(
  trace: Trace,
  nodes: readonly RecordedNode[],
  seeds: readonly Seed[],
  kernels: Kernel,
): FirstOrder {
  const uses = collectUses(trace, nodes);
  for (const [parameter, { weights, rows }] of uses) {
    if (weights.length > 0 && rows.length > 0)
      refuseNode(rows[0], `parameter '${parameter.name}' is used as a matrix and as a row.`);
  }
  const arrivals = new Arrivals(seeds);
  const factors = new Map<Parameter, Factors>();
  const addRows = (parameter: Parameter, rows: tf.Tensor) => {
    const known = factors.get(parameter);
    factors.set(parameter, { kind: 'rows', rows: known?.kind === 'rows' ? tf.add(known.rows, rows) : rows });
  };
  const walk = {
    trace,
    kernels,
    send: (input: tf.Tensor | null | undefined, gradient: () => tf.Tensor) => {
      if (input && trace.carries(input)) arrivals.add(input, gradient());
    },
    row: (parameter: Parameter | undefined, gradient: () => tf.Tensor) => {
      if (parameter) addRows(parameter, gradient());
    },
    weight: (use: WeightUse, dy: tf.Tensor) => {
      const { parameter, positions, left, right, node } = use;
      const activities = node.inputs.a;
      if (!activities || positions > 1 || uses.get(parameter)!.weights.length > 1) {
        addRows(parameter, use.products(dy, kernels));
        return;
      }
      const a = tf.reshape(activities, [trace.examples, left]);
      factors.set(parameter, { kind: 'outer', a, b: tf.reshape(dy, [trace.examples, right]) });
    },
  };
  for (const node of nodes) {
    const dy = arrivals.gradients.get(node.outputs[0].id);
    if (dy) rules[node.kernel].backward(node, dy, walk);
  }
  return { gradients: arrivals.gradients, factors };
}
