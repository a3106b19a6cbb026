/**
 * Self-denoising of labels (method, section 4). With the unnormalised kernel K and d outputs
 *     W_ij = (sum_m K(x_i,x_m))^-1 K(x_i,x_j),   E_k[a]_i = sum_j W_ij a_j,
 *     φ_i  = sqrt(Tr sum_j W_ij W_ij^T / d),     shift_i  = |ŷ_i − E_k[ŷ]_i|.
 * Trained to stationarity with an L2 loss (or cross-entropy, ŷ then being probabilities) E_k[ŷ] = E_k[label]; how far
 * that holds is the residual. σ φ bounds the noise part of the error only.
 */

import type { Matrix } from 'ml-matrix';
import type { Work } from '../work.js';
import { eachBlockPair, type Pairing, type Side, STRIP } from './blockwise.js';
import { inOrder } from './in-order.js';
import { type LinearAlgebra, linearAlgebra } from './linear-algebra.js';
import {
  addStripMoments,
  computeMoments,
  labelAddress,
  labelBytes,
  type Moments,
  type MomentsTask,
  momentsBytes,
  momentsScratchBytes,
  packLabels,
  readMoments,
  stripMomentsBytes,
} from './moments.js';
import { pairCosts, plain } from './operand.js';
import type { Variant } from './rows.js';
import { Few, type RowSource } from './source.js';
import { stripPlaces } from './strips.js';

export interface Denoised {
  /** The inputs of the rows below, in ascending order. */
  readonly inputs: Int32Array;
  /** E_k[label], rows × d. NaN, as all that follows, where flagged in `undefinedAt`. */
  readonly labels: Float64Array;
  /** E_k[ŷ], rows × d: the network's predictions (probabilities after a softmax) averaged alike. */
  readonly predictions: Float64Array;
  /** Denoising factor φ, one per row; ≥ 1/√N where all weights are positive. */
  readonly factor: Float64Array;
  /** φ √N, one per row: 1 where all N labels weigh the same. */
  readonly scaled: Float64Array;
  /**
   * Σ_j W_ij W_ijᵀ, rows × d × d: covariance of the averaged noise of labels whose noise is independent and has variance 1
   * in every output. φ² is its trace / d.
   */
  readonly covariance: Float64Array;
  /** |ŷ − E_k[ŷ]|, one per row. */
  readonly shift: Float64Array;
  /** Root mean square of E_k[ŷ] − E_k[label] over the defined rows: 0 at stationarity. */
  readonly residual: number;
  /** Inputs whose sum of kernels is (nearly) singular: their average is not defined. */
  readonly undefinedAt: readonly number[];
  /** Inputs whose kernels nearly cancel: sum_j |k_ij| is more than 100 times |sum_j k_ij|, k = Tr K / d. */
  readonly cancelling: readonly number[];
  /** Inputs with a negative k_ij, k = Tr K / d: φ may exceed 1 there and the average is no mean. */
  readonly negative: readonly number[];
}

/** A sum of kernels below this share of their absolute values has lost six digits: no average is defined. */
const LOST = 1e-6;
const NEARLY_CANCELLED = 1e-2;

/**
 * Averages `labels` and `predictions` (n × d each) for the chosen inputs, in ascending order; yields the share done.
 * Every chosen input is compared with all N: the work of chosen × N blocks of d × d, half of that for all inputs.
 */
export function* denoise(
  source: RowSource,
  labels: Float64Array,
  predictions: Float64Array,
  chosen: Int32Array,
): Work<Denoised> {
  const algebra = yield* linearAlgebra();
  const { outputs: d, size, site } = source;
  const { arena } = site;
  const result = emptyResult(chosen, d);
  const whole = chosen.length === size;
  const mark = arena.mark();
  try {
    const labelled = arena.allocate(labelBytes(size, d));
    packLabels(arena, labelled, size, d, [labels, predictions]);
    const moments = arena.allocate(momentsBytes(chosen.length, d), true);
    const left: Side = { source: whole ? source : new Few(source, chosen), kind: 'raw' };
    const bodyBytes = (site.executor?.slots ?? 1) * slotBytes(d) + 1024;
    const options = { symmetric: whole, bodyBytes };
    yield* eachBlockPair(left, { source, kind: 'raw' }, options, (rows, columns, pairing) =>
      addMoments(rows, columns, pairing, labelled, moments),
    );
    for (let row = 0; row < chosen.length; row++) {
      addInput(algebra, result, row, readMoments(arena, moments, d, row), predictions, d, size);
    }
  } finally {
    arena.release(mark);
  }
  const { squares, defined, ...rest } = result;
  return { ...rest, residual: defined > 0 ? Math.sqrt(squares / (defined * d)) : NaN };
}

function slotBytes(d: number): number {
  return 2 * stripMomentsBytes(d) + momentsScratchBytes(d) + 256;
}

/** Adds what two blocks give to the moments of the left inputs and, where they stand for both sides, of the right. */
function* addMoments(
  left: Variant,
  right: Variant,
  pairing: Pairing,
  labelled: number,
  moments: number,
): Work<void> {
  const { kernel, arena, executor } = left.site;
  const { outputs: d } = left;
  const places = stripPlaces(left.size, right.size, pairing);
  const mark = arena.mark();
  try {
    const stop = arena.allocate(4, true);
    const cost = places.length * STRIP ** 2 * d * pairCosts(right);
    const shared = executor !== null && places.length > 1 && (yield* executor.ready(cost)) ? executor : null;
    const slots = Array.from({ length: shared ? shared.slots : 1 }, () => ({
      rows: arena.allocate(stripMomentsBytes(d)),
      columns: pairing === 'full' ? 0 : arena.allocate(stripMomentsBytes(d)),
      scratch: arena.allocate(momentsScratchBytes(d)),
    }));
    const sides = { left: plain(left), right: plain(right), stop };
    const strip = (position: number) => {
      const place = places[position];
      const { rows, columns } = slots[position % slots.length];
      const same = pairing === 'triangle' && place.row === place.column;
      const [first, second] = [left.first + place.row, right.first + place.column];
      return { ...place, first, second, rowMoments: rows, columnMoments: same ? rows : columns };
    };
    const task = (position: number): MomentsTask => {
      const { first, second, ...own } = strip(position);
      const rowLabels = labelAddress(labelled, first, d);
      const columnLabels = labelAddress(labelled, second, d);
      return { ...sides, ...own, rowLabels, columnLabels, scratch: slots[position % slots.length].scratch };
    };
    yield* inOrder({
      count: places.length,
      slots: slots.length,
      start: shared ? (position) => shared.moments(task(position)) : null,
      here: (position) => computeMoments(kernel, arena, task(position)),
      visit: (position) => {
        const { rows, columns, first, second, rowMoments, columnMoments } = strip(position);
        addStripMoments(arena, rowMoments, moments, first, rows, d);
        if (columnMoments === 0 || columnMoments === rowMoments) return;
        addStripMoments(arena, columnMoments, moments, second, columns, d);
      },
      stop: () => Atomics.store(arena.integers(stop, 1), 0, 1),
    });
  } finally {
    arena.release(mark);
  }
}

function emptyResult(chosen: Int32Array, d: number) {
  return {
    inputs: chosen,
    labels: new Float64Array(chosen.length * d),
    predictions: new Float64Array(chosen.length * d),
    factor: new Float64Array(chosen.length),
    scaled: new Float64Array(chosen.length),
    covariance: new Float64Array(chosen.length * d * d),
    shift: new Float64Array(chosen.length),
    undefinedAt: [] as number[],
    cancelling: [] as number[],
    negative: [] as number[],
    squares: 0,
    defined: 0,
  };
}

/** Writes row `row` of the result. */
function addInput(
  algebra: LinearAlgebra,
  result: ReturnType<typeof emptyResult>,
  row: number,
  moments: Moments,
  predictions: Float64Array,
  d: number,
  size: number,
): void {
  const { absolute, total, negative } = moments;
  const input = result.inputs[row];
  if (negative > 0) result.negative.push(input);
  if (Math.abs(total) < NEARLY_CANCELLED * absolute) result.cancelling.push(input);
  const own = average(algebra, moments, d);
  if (!own) {
    result.undefinedAt.push(input);
    result.factor[row] = result.scaled[row] = result.shift[row] = NaN;
    for (const rows of [result.labels, result.predictions]) rows.fill(NaN, row * d, (row + 1) * d);
    result.covariance.fill(NaN, row * d * d, (row + 1) * d * d);
    return;
  }
  result.labels.set(own.labels, row * d);
  result.predictions.set(own.predictions, row * d);
  result.factor[row] = own.factor;
  result.scaled[row] = own.factor * Math.sqrt(size);
  result.covariance.set(own.covariance, row * d * d);
  let shift = 0;
  for (let c = 0; c < d; c++) {
    const moved = predictions[input * d + c] - own.predictions[c];
    const left = own.predictions[c] - own.labels[c];
    shift += moved * moved;
    result.squares += left * left;
  }
  result.shift[row] = Math.sqrt(shift);
  result.defined += 1;
}

/**
 * E_k of both label sets, Σ_j W_ij W_ijᵀ and φ from S = sum_j K_ij, Q = sum_j K_ij K_ij^T and the weighted sums; null where a singular
 * value of S is not above the least that still means something.
 */
function average(algebra: LinearAlgebra, { sum, square, weighted, absolute }: Moments, d: number) {
  const { LuDecomposition, Matrix } = algebra;
  const least = LOST * absolute;
  const s = Matrix.from1DArray(d, d, sum);
  if (!((d === 1 ? Math.abs(sum[0]) : smallestSingularValue(algebra, s)) > least)) return null;
  const inverse = new LuDecomposition(s);
  const averages = inverse.solve(Matrix.from1DArray(2, d, weighted).transpose());
  const left = inverse.solve(Matrix.from1DArray(d, d, square));
  const both = inverse.solve(left.transpose());
  return {
    labels: averages.getColumn(0),
    predictions: averages.getColumn(1),
    factor: Math.sqrt(both.trace() / d),
    covariance: Float64Array.from({ length: d * d }, (_, at) => {
      const [c, e] = [Math.floor(at / d), at % d];
      return (both.get(c, e) + both.get(e, c)) / 2;
    }),
  };
}

function smallestSingularValue({ EigenvalueDecomposition }: LinearAlgebra, matrix: Matrix): number {
  const gram = matrix.transpose().mmul(matrix);
  const { realEigenvalues } = new EigenvalueDecomposition(gram, { assumeSymmetric: true });
  return Math.sqrt(Math.max(0, Math.min(...realEigenvalues)));
}
