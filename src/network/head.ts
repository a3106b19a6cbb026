/**
 * Where the outputs are taken from. A final softmax or log-softmax is looked through to its logits: with
 * log-probabilities sum_c p_c grad log p_c = 0, so K(x,x) is always singular (method, section 1).
 */
import type { RecordedNode } from './recorder.js';
import type { tf } from './tfjs.js';

export interface Head {
  /** n × anything; what gradients are taken of. */
  readonly tensor: tf.Tensor;
  /** How many outputs one example has here. */
  readonly size: number;
  /** Length of the last axis: the classes of one softmax. Smaller than `size` where there is one per position. */
  readonly classes: number;
  /** Set where a final softmax or log-softmax was looked through. */
  readonly lookedThrough: { readonly layer: string; readonly kind: 'softmax' | 'log-softmax' } | null;
  /** The final softmax kernel, where that is what was looked through. */
  readonly softmax: RecordedNode | null;
}

/** Kernels that only rename or reshape values. */
const passive = new Set(['Identity', 'Reshape', 'Cast']);

type Producers = ReadonlyMap<number, RecordedNode>;

function first(node: RecordedNode | undefined, ...names: string[]): tf.Tensor | undefined {
  for (const name of names) if (node?.inputs[name]) return node.inputs[name];
  return undefined;
}

function producer(producers: Producers, tensor: tf.Tensor | undefined): RecordedNode | undefined {
  let node = tensor && producers.get(tensor.id);
  while (node && passive.has(node.kernel)) node = producers.get(first(node, 'x')!.id);
  return node;
}

/** The logits below tfjs's composed log-softmax, `(x - max x) - log(sum(exp(x - max x)))`, or undefined. */
function belowLogSoftmax(producers: Producers, node: RecordedNode): tf.Tensor | undefined {
  if (node.kernel !== 'Sub') return undefined;
  const logarithm = producer(producers, first(node, 'b'));
  const shifted = producer(producers, first(node, 'a'));
  if (logarithm?.kernel !== 'Log' || shifted?.kernel !== 'Sub') return undefined;
  if (producer(producers, first(shifted, 'b'))?.kernel !== 'Max') return undefined;
  const sum = producer(producers, first(logarithm, 'x'));
  const exponential = sum?.kernel === 'Sum' ? producer(producers, first(sum, 'x')) : undefined;
  if (exponential?.kernel !== 'Exp') return undefined;
  return producer(producers, first(exponential, 'x')) === shifted ? first(shifted, 'a') : undefined;
}

/** Finds the head of one output tensor of the recorded forward pass. */
export function findHead(output: tf.Tensor, producers: Producers): Head {
  const size = output.size / output.shape[0];
  const classes = output.shape.at(-1) ?? 1;
  const node = producer(producers, output);
  if (node?.kernel === 'Softmax') {
    const lookedThrough = { layer: node.layer, kind: 'softmax' } as const;
    return { tensor: first(node, 'logits')!, size, classes, lookedThrough, softmax: node };
  }
  const logits = node && belowLogSoftmax(producers, node);
  if (!node || !logits) return { tensor: output, size, classes, lookedThrough: null, softmax: null };
  const lookedThrough = { layer: node.layer, kind: 'log-softmax' } as const;
  return { tensor: logits, size, classes, lookedThrough, softmax: null };
}
