/**
 * How well an order of inputs finds wrong labels, and the orders that people would otherwise use: the loss, the norm
 * of its gradient, and pixel neighbours (method, section 5).
 */

import type { Detection } from '../report/data.js';
import type { Neighbours } from '../similarity/neighbours.js';
import { suspectClasses } from '../similarity/suspects.js';
import { logSumExp, probabilities } from '../softmax.js';

/** Neighbours that vote in the pixel baseline, as in method, section 5. */
export const PIXEL_VOTERS = 30;

/** Inputs by descending score; ties by index. */
export function orderBy(scores: ArrayLike<number>): number[] {
  return Array.from({ length: scores.length }, (_, i) => i).sort((a, b) => scores[b] - scores[a] || a - b);
}

/** Cross-entropy of each input's label, from n × classes logits. */
export function losses(logits: ArrayLike<number>, labels: ArrayLike<number>, classes: number): Float64Array {
  return Float64Array.from(
    { length: labels.length },
    (_, input) => logSumExp(logits, input * classes, classes) - logits[input * classes + labels[input]],
  );
}

/** Norm of the loss's parameter gradient: sqrt(e^T K(x,x) e) with e = p − y, from K(x,x), n × classes × classes. */
export function lossGradientNorms(
  logits: ArrayLike<number>,
  labels: ArrayLike<number>,
  selfKernels: ArrayLike<number>,
  classes: number,
): Float64Array {
  const error = probabilities(logits, classes);
  return Float64Array.from({ length: labels.length }, (_, input) => {
    const from = input * classes;
    error[from + labels[input]] -= 1;
    let square = 0;
    for (let c = 0; c < classes; c++) {
      for (let e = 0; e < classes; e++)
        square += error[from + c] * error[from + e] * selfKernels[(from + c) * classes + e];
    }
    return Math.sqrt(Math.max(0, square));
  });
}

/** Rows of the comparison; `truth` are the true class ids. */
export function compareDetection(
  truth: ArrayLike<number>,
  labels: ArrayLike<number>,
  classes: number,
  netkin: readonly number[],
  scores: {
    readonly loss: ArrayLike<number>;
    readonly gradientNorm: ArrayLike<number>;
    readonly pixels: Neighbours;
  },
): Detection[] {
  const size = labels.length;
  const wrong = new Set(Array.from({ length: size }, (_, i) => i).filter((i) => labels[i] !== truth[i]));
  const share = (order: readonly number[], part: number) =>
    order.slice(0, Math.round(size * part)).filter((input) => wrong.has(input)).length /
    Math.max(1, wrong.size);
  const row = (name: string, kind: Detection['kind'], order: readonly number[]): Detection => ({
    name,
    kind,
    first5: share(order, 0.05),
    first10: share(order, 0.1),
  });
  const byPixels = suspectClasses(scores.pixels, labels, classes).map(({ index }) => index);
  return [
    row('network neighbours', 'netkin', netkin),
    row('loss', 'baseline', orderBy(scores.loss)),
    row('loss-gradient norm', 'baseline', orderBy(scores.gradientNorm)),
    row('pixel neighbours', 'baseline', byPixels),
    { name: 'chance', kind: 'chance', first5: 0.05, first10: 0.1 },
  ];
}
