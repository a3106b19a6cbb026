/** Probabilities from logits, in double precision. */
import { exponential } from './exponential.js';

/** Softmax of each group of `classes` consecutive logits; the same bits in every JavaScript engine. */
export function probabilities(logits: ArrayLike<number>, classes: number): Float64Array {
  const result = new Float64Array(logits.length);
  for (let start = 0; start < logits.length; start += classes) {
    const end = start + classes;
    let largest = -Infinity;
    for (let i = start; i < end; i++) largest = Math.max(largest, logits[i]);
    let sum = 0;
    for (let i = start; i < end; i++) {
      result[i] = exponential(logits[i] - largest);
      sum += result[i];
    }
    for (let i = start; i < end; i++) result[i] /= sum;
  }
  return result;
}

/** log sum_i exp(logits_i) over `classes` values from `start` on. */
export function logSumExp(logits: ArrayLike<number>, start: number, classes: number): number {
  let largest = -Infinity;
  for (let i = start; i < start + classes; i++) largest = Math.max(largest, logits[i]);
  let sum = 0;
  for (let i = start; i < start + classes; i++) sum += Math.exp(logits[i] - largest);
  return largest + Math.log(sum);
}

/** The largest of each group of `classes` values; the first wins a tie. */
export function predictedClasses(values: ArrayLike<number>, classes: number): Int32Array {
  return Int32Array.from({ length: values.length / classes }, (_, row) => {
    let best = 0;
    for (let c = 1; c < classes; c++) if (values[row * classes + c] > values[row * classes + best]) best = c;
    return best;
  });
}
