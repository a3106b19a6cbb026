/**
 * What self-denoising needs of an input against a set (method, section 4), d × d blocks K_ij:
 *     S_i = sum_j K_ij,   Q_i = sum_j K_ij K_ij^T,   sum_j K_ij a_j for two label sets a,
 * and, of k_ij = Tr K_ij / d, the sum, the sum of absolute values and the number of negative ones.
 *
 * They are summed strip by strip (256 inputs j), then over the strips in ascending order. Since K_ji = K_ij^T one strip
 * serves both of its sides.
 */
import { type Kernel, LANES, TILE_BYTES } from '../kernel/kernel.js';
import type { Views } from '../kernel/views.js';
import { STRIP } from './blockwise.js';
import { type Operand, panelCount, panelLanes } from './operand.js';
import { TILES_BYTES, Tiles } from './tiles.js';

/** Label sets that are averaged at once: labels and predictions. */
const SETS = 2;

/** A strip of blocks, told in plain numbers. */
export interface MomentsTask {
  readonly left: Operand;
  readonly right: Operand;
  /** Places of the strip in the two operands. */
  readonly row: number;
  readonly column: number;
  readonly rows: number;
  readonly columns: number;
  /** Addresses of the labels of the first row and the first column (see {@link packLabels}). */
  readonly rowLabels: number;
  readonly columnLabels: number;
  /**
   * Addresses of {@link stripMomentsBytes}, overwritten: the strip's share in the moments of its rows, and of its
   * columns. 0: not wanted; the same: rows and columns are the same inputs.
   */
  readonly rowMoments: number;
  readonly columnMoments: number;
  /** Address of {@link momentsScratchBytes}. */
  readonly scratch: number;
  /** Address of an int32 that ends the work. */
  readonly stop: number;
}

export interface Moments {
  readonly sum: Float64Array;
  readonly square: Float64Array;
  readonly weighted: Float64Array;
  readonly absolute: number;
  readonly total: number;
  readonly negative: number;
}

/** Bytes of the moments of n inputs. */
export function momentsBytes(size: number, d: number): number {
  return panelCount(size) * resultLength(d) * 8;
}

export function stripMomentsBytes(d: number): number {
  return momentsBytes(STRIP, d);
}

export function momentsScratchBytes(d: number): number {
  return 2 * d * d * TILE_BYTES + TILES_BYTES;
}

/** Numbers of one panel: S [16][d][d], Q [16][d][d], weighted [16][sets][d], and three of k [16]. */
function resultLength(d: number): number {
  return LANES * (2 * d * d + SETS * d + 3);
}

/** Bytes of both label sets of n inputs. */
export function labelBytes(size: number, d: number): number {
  return panelCount(size) * SETS * LANES * d * 8;
}

/** Where the labels of input `first`, a multiple of 16, begin. */
export function labelAddress(labels: number, first: number, d: number): number {
  return labels + labelBytes(first, d);
}

/** Writes two n × d label sets as [panel][set][d][16], zeros where inputs are missing. */
export function packLabels(
  views: Views,
  pointer: number,
  size: number,
  d: number,
  sets: readonly Float64Array[],
): void {
  const target = views.doubles(pointer, labelBytes(size, d) / 8).fill(0);
  for (let input = 0; input < size; input++) {
    const panel = Math.floor(input / LANES);
    sets.forEach((labels, set) => {
      const to = (panel * SETS + set) * LANES * d + (input % LANES);
      for (let c = 0; c < d; c++) target[to + c * LANES] = labels[input * d + c];
    });
  }
}

/** Computes one strip; returns early once the int32 at `task.stop` is set. */
export function computeMoments(kernel: Kernel, views: Views, task: MomentsTask): void {
  const { left, right, rowMoments, columnMoments } = task;
  const { outputs: d } = right;
  const blocks = task.scratch;
  const turned = blocks + d * d * TILE_BYTES;
  const tiles = new Tiles(kernel, views, left, right, turned + d * d * TILE_BYTES);
  const panelBytes = resultLength(d) * 8;
  const same = columnMoments === rowMoments;
  views.doubles(rowMoments, momentsBytes(task.rows, d) / 8).fill(0);
  if (columnMoments) views.doubles(columnMoments, momentsBytes(task.columns, d) / 8).fill(0);
  for (let r = 0; r < panelCount(task.rows); r++) {
    for (let c = same ? r : 0; c < panelCount(task.columns); c++) {
      if (Atomics.load(views.integers(task.stop, 1), 0) !== 0) return;
      tiles.blocks(task.row / LANES + r, task.column / LANES + c, blocks);
      const columnLabels = task.columnLabels + labelBytes(c * LANES, d);
      addBlocks(
        kernel,
        views,
        d,
        blocks,
        panelLanes(task.columns, c),
        columnLabels,
        rowMoments + r * panelBytes,
      );
      if (!columnMoments || (same && c === r)) continue;
      kernel.transposeBlocks(blocks, d, turned);
      const rowLabels = task.rowLabels + labelBytes(r * LANES, d);
      addBlocks(
        kernel,
        views,
        d,
        turned,
        panelLanes(task.rows, r),
        rowLabels,
        columnMoments + c * panelBytes,
      );
    }
  }
}

/** Adds the blocks of two panels to the moments of the left one. */
function addBlocks(
  kernel: Kernel,
  views: Views,
  d: number,
  blocks: number,
  lanes: number,
  labels: number,
  moments: number,
): void {
  const [square, weighted] = [LANES * d * d, 2 * LANES * d * d];
  const signs = views.doubles(moments + (weighted + LANES * SETS * d) * 8, 3 * LANES);
  countSigns(views.doubles(blocks, d * d * LANES * LANES), d, lanes, signs);
  kernel.addBlockMoments(blocks, d, labels, SETS, moments, moments + square * 8, moments + weighted * 8);
}

function countSigns(blocks: Float64Array, d: number, lanes: number, signs: Float64Array): void {
  for (let i = 0; i < LANES; i++) {
    for (let j = 0; j < lanes; j++) {
      let trace = 0;
      for (let c = 0; c < d; c++) trace += blocks[((c * d + c) * LANES + i) * LANES + j];
      signs[i] += Math.abs(trace) / d;
      signs[LANES + i] += trace / d;
      if (trace < 0) signs[2 * LANES + i] += 1;
    }
  }
}

/** Adds the share of a strip to the moments of its inputs. */
export function addStripMoments(
  views: Views,
  share: number,
  moments: number,
  first: number,
  inputs: number,
  d: number,
): void {
  const length = momentsBytes(inputs, d) / 8;
  const from = views.doubles(share, length);
  const to = views.doubles(moments + momentsBytes(first, d), length);
  for (let at = 0; at < length; at++) to[at] += from[at];
}

/** The moments of input number `input`; copies. */
export function readMoments(views: Views, moments: number, d: number, input: number): Moments {
  const panel = Math.floor(input / LANES) * LANES;
  const results = views.doubles(moments + momentsBytes(panel, d), resultLength(d));
  const lane = input - panel;
  const part = (offset: number, width: number) =>
    results.slice(offset + lane * width, offset + (lane + 1) * width);
  const signs = LANES * (2 * d * d + SETS * d);
  return {
    sum: part(0, d * d),
    square: part(LANES * d * d, d * d),
    weighted: part(2 * LANES * d * d, SETS * d),
    absolute: results[signs + lane],
    total: results[signs + LANES + lane],
    negative: results[signs + 2 * LANES + lane],
  };
}
