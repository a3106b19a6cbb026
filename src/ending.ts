/** What a network ends with, as labels and predictions need it. */
import { probabilities } from './softmax.js';

/** One output layer. */
export interface OutputSpec {
  /** Outputs per example. */
  readonly size: number;
  /** Length of the last axis: the classes of one softmax; smaller than `size` where there is one per position. */
  readonly classes: number;
  /** The final softmax or log-softmax that was looked through. */
  readonly lookedThrough: { readonly layer: string; readonly kind: 'softmax' | 'log-softmax' } | null;
}

/** Outputs per example of all output layers. */
export function outputWidth(outputs: readonly OutputSpec[]): number {
  return outputs.reduce((sum, { size }) => sum + size, 0);
}

/** Whether the network ends with one softmax over all its outputs. */
export function isClassifier(outputs: readonly OutputSpec[]): boolean {
  const [only] = outputs;
  return outputs.length === 1 && only.lookedThrough !== null && only.size === only.classes;
}

/** Whether class ids can be its labels: one vector of outputs per example. */
export function takesClassIds(outputs: readonly OutputSpec[]): boolean {
  const [only] = outputs;
  return outputs.length === 1 && only.size === only.classes && (only.size > 1 || only.lookedThrough !== null);
}

/** What the network predicts, n × width: probabilities where a softmax was looked through, else the values. */
export function predictions(values: Float32Array, outputs: readonly OutputSpec[]): Float64Array {
  const width = outputWidth(outputs);
  const result = Float64Array.from(values);
  let offset = 0;
  for (const { size, classes, lookedThrough } of outputs) {
    for (let start = offset; lookedThrough && start < values.length; start += width) {
      result.set(probabilities(values.subarray(start, start + size), classes), start);
    }
    offset += size;
  }
  return result;
}
