/**
 * Singular values of small square matrices: Householder reflections make the matrix bidiagonal, implicit QR steps with
 * the shift of its last 2 × 2 make it diagonal (Golub and Reinsch 1970). About 7 d³ multiply-adds for d = 10.
 */

import { refuse } from '../errors.js';

/** Of the largest element: what rounding leaves. */
const ROUNDING = 2 ** -52;
/** Powers of what is smaller could vanish, and no result tells it from zero. */
const NEGLIGIBLE = 2 ** -100;
/** Steps for each singular value; two or three are usual. */
const MOST_STEPS = 60;

export interface SingularValues {
  readonly sum: number;
  readonly smallest: number;
  /** Whether the determinant is below zero. */
  readonly turned: boolean;
}

/** A function that takes d × d matrices, row-major, which it destroys. */
export function singularValues(d: number): (matrix: Float64Array) => SingularValues {
  const diagonal = new Float64Array(d);
  const above = new Float64Array(Math.max(0, d - 1));
  return (matrix) => {
    let largest = 0;
    for (const element of matrix) largest = Math.max(largest, Math.abs(element));
    if (largest < NEGLIGIBLE) return { sum: 0, smallest: 0, turned: false };
    let turned = bidiagonalise(matrix, d, diagonal, above);
    for (const element of diagonal) if (element < 0) turned = !turned;
    diagonalise(diagonal, above, largest * ROUNDING);
    let [sum, smallest] = [0, Infinity];
    for (const element of diagonal) {
      sum += Math.abs(element);
      smallest = Math.min(smallest, Math.abs(element));
    }
    return { sum, smallest, turned };
  };
}

/** @returns whether an odd number of reflections was made */
function bidiagonalise(a: Float64Array, d: number, diagonal: Float64Array, above: Float64Array): boolean {
  let odd = false;
  for (let k = 0; k < d; k++) {
    // Columns below the diagonal, then rows right of the one above it.
    odd = reflect(a, k * d + k, d, 1, d - k, d - k) !== odd;
    diagonal[k] = a[k * d + k];
    if (k === d - 1) break;
    odd = reflect(a, k * d + k + 1, 1, d, d - k - 1, d - k) !== odd;
    above[k] = a[k * d + k + 1];
  }
  return odd;
}

/**
 * Reflects vectors of `length` elements, `step` apart, so that all but the first element of the first vector vanish.
 * @param next from a vector to the next of `count`
 * @returns whether there was anything to reflect
 */
function reflect(
  a: Float64Array,
  start: number,
  step: number,
  next: number,
  length: number,
  count: number,
): boolean {
  let rest = 0;
  for (let i = 1; i < length; i++) rest += a[start + i * step] * a[start + i * step];
  if (rest === 0) return false;
  const first = a[start];
  const norm = Math.sqrt(first * first + rest);
  const image = first > 0 ? -norm : norm;
  const head = first - image;
  const scale = 2 / (head * head + rest);
  for (let v = 1; v < count; v++) {
    const from = start + v * next;
    let dot = head * a[from];
    for (let i = 1; i < length; i++) dot += a[start + i * step] * a[from + i * step];
    dot *= scale;
    a[from] -= dot * head;
    for (let i = 1; i < length; i++) a[from + i * step] -= dot * a[start + i * step];
  }
  a[start] = image;
  return true;
}

/** @param tiny elements up to here count as zero */
function diagonalise(diagonal: Float64Array, above: Float64Array, tiny: number): void {
  let steps = MOST_STEPS * diagonal.length;
  for (let end = diagonal.length - 1; end > 0; ) {
    if (Math.abs(above[end - 1]) <= tiny) {
      end--;
      continue;
    }
    let start = end - 1;
    while (start > 0 && Math.abs(above[start - 1]) > tiny) start--;
    // Never seen; what is left beside the diagonal would be taken for zero.
    if (steps-- === 0) refuse('input', 'The singular values of a block K^C did not converge.');
    step(diagonal, above, start, end, shiftOf(diagonal, above, start, end, tiny));
  }
}

/** The eigenvalue of the last 2 × 2 of BᵀB that is nearer to its last element; 0 where B is singular. */
function shiftOf(
  diagonal: Float64Array,
  above: Float64Array,
  start: number,
  end: number,
  tiny: number,
): number {
  for (let k = start; k <= end; k++) if (Math.abs(diagonal[k]) <= tiny) return 0;
  const before = end - 1 > start ? above[end - 2] : 0;
  const [p, q, r] = [diagonal[end - 1], diagonal[end], above[end - 1]];
  const last = q * q + r * r;
  const half = (p * p + before * before - last) / 2;
  const product = p * r;
  const root = Math.sqrt(half * half + product * product);
  return last - (product * product) / (half < 0 ? half - root : half + root);
}

/** One QR step on rows and columns `start` to `end`: rotations chase what stands beside the two diagonals out. */
function step(diagonal: Float64Array, above: Float64Array, start: number, end: number, shift: number): void {
  let y = shift === 0 ? diagonal[start] : diagonal[start] - shift / diagonal[start];
  let z = above[start];
  for (let k = start; k < end; k++) {
    let norm = Math.sqrt(y * y + z * z);
    let [c, s] = norm === 0 ? [1, 0] : [y / norm, z / norm];
    if (k > start) above[k - 1] = norm;
    y = c * diagonal[k] + s * above[k];
    above[k] = c * above[k] - s * diagonal[k];
    z = s * diagonal[k + 1];
    diagonal[k + 1] = c * diagonal[k + 1];
    norm = Math.sqrt(y * y + z * z);
    [c, s] = norm === 0 ? [1, 0] : [y / norm, z / norm];
    diagonal[k] = norm;
    y = c * above[k] + s * diagonal[k + 1];
    diagonal[k + 1] = c * diagonal[k + 1] - s * above[k];
    if (k === end - 1) break;
    z = s * above[k + 1];
    above[k + 1] = c * above[k + 1];
  }
  above[end - 1] = y;
}
