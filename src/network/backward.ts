/**
 * One batched backward pass for one output: walks the trace towards the activities only and hands over, at every
 * node that consumes a weight, the factors of its gradient. dW is never computed.
 */
import { refuse } from '../errors.js';
import type { Kernel } from '../kernel/kernel.js';
import type { Parameter } from './parameters.js';
import type { RecordedNode } from './recorder.js';
import { rules } from './rules/index.js';
import type { WeightUse } from './rules/rule.js';
import type { TracedTerm } from './terms.js';
import { tf } from './tfjs.js';
import type { Trace } from './trace.js';

/**
 * Per-example values of every term: examples × positions × right of the term; zeros where no gradient arrives.
 * @param first the first example's place in the set, for errors
 */
export function backward(
  trace: Trace,
  nodes: readonly RecordedNode[],
  terms: readonly TracedTerm[],
  seeds: readonly { readonly tensor: tf.Tensor; readonly values: Float32Array }[],
  kernels: Kernel,
  first = 0,
): Float32Array[] {
  const termOf = new Map<Parameter, number>();
  for (const [i, term] of terms.entries()) termOf.set(term.parameter, i);
  const values = terms.map((term) => new Float32Array(trace.examples * term.positions * term.right));

  tf.tidy(() => {
    const gradients = new Map<number, tf.Tensor>();
    const arrive = (tensor: tf.Tensor, gradient: tf.Tensor) => {
      const known = gradients.get(tensor.id);
      gradients.set(tensor.id, known ? tf.add(known, gradient) : gradient);
    };
    for (const { tensor, values: seed } of seeds) arrive(tensor, tf.tensor(seed, tensor.shape));

    const walk = {
      trace,
      kernels,
      send: (input: tf.Tensor | null | undefined, gradient: () => tf.Tensor) => {
        if (input && trace.carries(input)) arrive(input, gradient());
      },
      row: (parameter: Parameter | undefined, gradient: () => tf.Tensor) => {
        const index = parameter && termOf.get(parameter);
        if (index !== undefined) addInto(values[index], gradient());
      },
      weight: (use: WeightUse, dy: tf.Tensor) => {
        const index = termOf.get(use.parameter)!;
        const term = terms[index];
        if (term.kind === 'materialised') addInto(values[index], use.products(dy, kernels));
        else placeUse(values[index], dy, use, term, trace.examples);
      },
    };
    for (const node of nodes) {
      const [output] = node.outputs;
      const dy = gradients.get(output.id);
      if (!dy) continue;
      rules[node.kernel].backward(node, dy, walk);
      gradients.delete(output.id);
    }
  });
  for (const [i, term] of terms.entries()) assertFinite(values[i], term, trace.examples, first);
  return values;
}

function addInto(target: Float32Array, rows: tf.Tensor): void {
  const values = rows.dataSync();
  for (let i = 0; i < target.length; i++) target[i] += values[i];
}

/** Writes b of one use at its positions among all uses of a shared weight. */
function placeUse(
  target: Float32Array,
  dy: tf.Tensor,
  use: WeightUse,
  term: TracedTerm,
  examples: number,
): void {
  const values = dy.dataSync() as Float32Array;
  const own = use.positions * term.right;
  const before = positionsBefore(use, term) * term.right;
  const all = term.positions * term.right;
  for (let example = 0; example < examples; example++) {
    target.set(values.subarray(example * own, (example + 1) * own), example * all + before);
  }
}

/** The activities of a factored term, examples × positions × left, with the bias's constant 1 in the last column. */
export function activities(term: TracedTerm, examples: number): Float32Array {
  if (term.kind === 'materialised') return new Float32Array(0);
  if (term.uses.length === 1 && !term.bias) return term.uses[0].activities();
  const result = new Float32Array(examples * term.positions * term.left);
  for (const use of term.uses) {
    const values = use.activities();
    const before = positionsBefore(use, term);
    for (let example = 0; example < examples; example++) {
      for (let position = 0; position < use.positions; position++) {
        const from = (example * use.positions + position) * use.left;
        const to = (example * term.positions + before + position) * term.left;
        result.set(values.subarray(from, from + use.left), to);
        if (term.bias) result[to + use.left] = 1;
      }
    }
  }
  return result;
}

function positionsBefore(use: WeightUse, term: TracedTerm): number {
  let before = 0;
  for (const other of term.uses) {
    if (other === use || other.node === use.node) break;
    before += other.positions;
  }
  return before;
}

function assertFinite(values: Float32Array, term: TracedTerm, examples: number, first: number): void {
  const perExample = values.length / examples;
  for (let i = 0; i < values.length; i++) {
    if (!Number.isFinite(values[i])) {
      const input = first + Math.floor(i / perExample);
      refuse('input', `Layer '${term.layer}': the gradient of input ${input} is not finite.`);
    }
  }
}
