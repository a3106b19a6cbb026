/**
 * Self-denoising of labels (method, section 4). With the unnormalised kernel K and d outputs
 *     W_ij = (sum_m K(x_i,x_m))^-1 K(x_i,x_j),   E_k[a]_i = sum_j W_ij a_j,
 *     φ_i  = sqrt(Tr sum_j W_ij W_ij^T / d),     shift_i  = |ŷ_i − E_k[ŷ]_i|.
 * Trained to stationarity with an L2 loss (or cross-entropy, ŷ then being probabilities) E_k[ŷ] = E_k[label]; how far
 * that holds is the residual. σ φ bounds the noise part of the error only.
 */

import { EigenvalueDecomposition, Matrix, solve } from 'ml-matrix';
import { LANES, TILE_BYTES } from '../kernel/kernel.js';
import type { Work } from '../work.js';
import type { Rows } from './rows.js';
import { Tiles } from './tiles.js';

export interface Denoised {
  /** The inputs of the rows below, in ascending order. */
  readonly inputs: Int32Array;
  /** E_k[label], rows × d. */
  readonly labels: Float64Array;
  /** Denoising factor φ, one per row; ≥ 1/√N where all weights are positive. NaN where flagged in `undefinedAt`. */
  readonly factor: Float64Array;
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
 * Every chosen input is compared with all N: the work of chosen × N blocks of d × d.
 */
export function* denoise(
  rows: Rows,
  labels: Float64Array,
  predictions: Float64Array,
  chosen: Int32Array,
): Work<Denoised> {
  const { kernel, arena, outputs: d } = rows;
  const mark = arena.mark();
  try {
    const few = rows.gather(chosen);
    const tiles = Tiles.of(few.raw, rows.raw);
    const blocks = arena.allocate(d * d * TILE_BYTES);
    const labelLanes = arena.allocate(2 * LANES * d * 8);
    const moments = {
      sum: arena.allocate(LANES * d * d * 8),
      square: arena.allocate(LANES * d * d * 8),
      weighted: arena.allocate(LANES * 2 * d * 8),
    };
    const result = {
      inputs: chosen,
      labels: new Float64Array(chosen.length * d),
      factor: new Float64Array(chosen.length),
      shift: new Float64Array(chosen.length),
      undefinedAt: [] as number[],
      cancelling: [] as number[],
      negative: [] as number[],
    };
    let squares = 0;
    let defined = 0;
    for (let panel = 0; panel < few.panels; panel++) {
      arena.doubles(moments.sum, LANES * d * d).fill(0);
      arena.doubles(moments.square, LANES * d * d).fill(0);
      arena.doubles(moments.weighted, LANES * 2 * d).fill(0);
      const signs = {
        absolute: new Float64Array(LANES),
        sum: new Float64Array(LANES),
        negative: new Uint32Array(LANES),
      };
      for (let other = 0; other < rows.panels; other++) {
        tiles.blocks(panel, other, blocks);
        const lanes = rows.lanes(other);
        countSigns(arena.doubles(blocks, d * d * LANES * LANES), d, lanes, signs);
        const target = arena.doubles(labelLanes, 2 * LANES * d).fill(0);
        target.set(labels.subarray(other * LANES * d, (other * LANES + lanes) * d));
        target.set(predictions.subarray(other * LANES * d, (other * LANES + lanes) * d), LANES * d);
        kernel.addBlockMoments(
          blocks,
          d,
          lanes,
          labelLanes,
          2,
          moments.sum,
          moments.square,
          moments.weighted,
        );
      }
      for (let lane = 0; lane < few.lanes(panel); lane++) {
        const row = panel * LANES + lane;
        const input = chosen[row];
        const sum = arena.doubles(moments.sum, LANES * d * d).slice(lane * d * d, (lane + 1) * d * d);
        const square = arena.doubles(moments.square, LANES * d * d).slice(lane * d * d, (lane + 1) * d * d);
        const weighted = arena
          .doubles(moments.weighted, LANES * 2 * d)
          .slice(lane * 2 * d, (lane + 1) * 2 * d);
        if (signs.negative[lane] > 0) result.negative.push(input);
        if (Math.abs(signs.sum[lane]) < NEARLY_CANCELLED * signs.absolute[lane])
          result.cancelling.push(input);
        const own = average(sum, square, weighted, d, LOST * signs.absolute[lane]);
        if (!own) {
          result.undefinedAt.push(input);
          result.factor[row] = result.shift[row] = NaN;
          result.labels.fill(NaN, row * d, (row + 1) * d);
          continue;
        }
        result.labels.set(own.labels, row * d);
        result.factor[row] = own.factor;
        let shift = 0;
        for (let c = 0; c < d; c++) {
          shift += (predictions[input * d + c] - own.predictions[c]) ** 2;
          squares += (own.predictions[c] - own.labels[c]) ** 2;
        }
        result.shift[row] = Math.sqrt(shift);
        defined += 1;
      }
      yield (panel + 1) / few.panels;
    }
    return { ...result, residual: defined > 0 ? Math.sqrt(squares / (defined * d)) : NaN };
  } finally {
    arena.release(mark);
  }
}

/** Adds |k_ij|, k_ij and the count of negative ones over the right lanes, k = Tr K / d. */
function countSigns(
  blocks: Float64Array,
  d: number,
  lanes: number,
  signs: { absolute: Float64Array; sum: Float64Array; negative: Uint32Array },
): void {
  for (let i = 0; i < LANES; i++) {
    for (let j = 0; j < lanes; j++) {
      let trace = 0;
      for (let c = 0; c < d; c++) trace += blocks[((c * d + c) * LANES + i) * LANES + j];
      signs.sum[i] += trace / d;
      signs.absolute[i] += Math.abs(trace) / d;
      if (trace < 0) signs.negative[i] += 1;
    }
  }
}

/**
 * E_k of both label sets and φ from S = sum_j K_ij, Q = sum_j K_ij K_ij^T and the weighted sums; null where a singular
 * value of S is not above `least`.
 */
function average(sum: Float64Array, square: Float64Array, weighted: Float64Array, d: number, least: number) {
  const s = Matrix.from1DArray(d, d, sum);
  if (!((d === 1 ? Math.abs(sum[0]) : smallestSingularValue(s)) > least)) return null;
  const averages = solve(s, Matrix.from1DArray(2, d, weighted).transpose());
  const left = solve(s, Matrix.from1DArray(d, d, square));
  const both = solve(s, left.transpose());
  return {
    labels: averages.getColumn(0),
    predictions: averages.getColumn(1),
    factor: Math.sqrt(both.trace() / d),
  };
}

function smallestSingularValue(matrix: Matrix): number {
  const gram = matrix.transpose().mmul(matrix);
  const { realEigenvalues } = new EigenvalueDecomposition(gram, { assumeSymmetric: true });
  return Math.sqrt(Math.max(0, Math.min(...realEigenvalues)));
}
