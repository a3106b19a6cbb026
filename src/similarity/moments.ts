/**
 * What self-denoising needs of 16 inputs against a whole set (method, section 4), d × d blocks K_ij:
 *     S_i = sum_j K_ij,   Q_i = sum_j K_ij K_ij^T,   sum_j K_ij a_j for two label sets a,
 * and, of k_ij = Tr K_ij / d, the sum, the sum of absolute values and the number of negative ones.
 */
import { type Kernel, LANES, TILE_BYTES } from '../kernel/kernel.js';
import type { Views } from '../kernel/views.js';
import { type Operand, panelCount, panelLanes } from './operand.js';
import { TILES_BYTES, Tiles } from './tiles.js';

/** Label sets that are averaged at once: labels and predictions. */
const SETS = 2;

/** What one panel of 16 inputs gathers from a block of the set, told in plain numbers. */
export interface MomentsTask {
  readonly left: Operand;
  readonly right: Operand;
  readonly panel: number;
  /** Address of the labels of the block (see {@link packLabels}). */
  readonly labels: number;
  /** Address of the panel's moments, {@link momentsBytes}; they are added to. */
  readonly moments: number;
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

/** Bytes of the moments of one panel; zeros at the start. */
export function momentsBytes(d: number): number {
  return resultLength(d) * 8;
}

export function momentsScratchBytes(d: number): number {
  return d * d * TILE_BYTES + TILES_BYTES;
}

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

/** Writes two n × d label sets as [panel][set][16][d], zeros where inputs are missing. */
export function packLabels(
  views: Views,
  pointer: number,
  size: number,
  d: number,
  sets: readonly Float64Array[],
): void {
  const target = views.doubles(pointer, labelBytes(size, d) / 8).fill(0);
  for (let panel = 0; panel < panelCount(size); panel++) {
    const from = panel * LANES * d;
    const to = from + panelLanes(size, panel) * d;
    sets.forEach((labels, set) => {
      target.set(labels.subarray(from, to), (panel * SETS + set) * LANES * d);
    });
  }
}

/** Adds what one block gives to one panel; returns early once the int32 at `task.stop` is set. */
export function computeMoments(kernel: Kernel, views: Views, task: MomentsTask): void {
  const { outputs: d, size } = task.right;
  const blocks = task.scratch;
  const tiles = new Tiles(kernel, views, task.left, task.right, blocks + d * d * TILE_BYTES);
  const results = views.doubles(task.moments, resultLength(d));
  const [square, weighted] = [LANES * d * d, 2 * LANES * d * d];
  const signs = results.subarray(weighted + LANES * SETS * d);
  for (let other = 0; other < panelCount(size); other++) {
    if (Atomics.load(views.integers(task.stop, 1), 0) !== 0) return;
    tiles.blocks(task.panel, other, blocks);
    const lanes = panelLanes(size, other);
    countSigns(views.doubles(blocks, d * d * LANES * LANES), d, lanes, signs);
    const labels = task.labels + other * SETS * LANES * d * 8;
    const at = (offset: number) => task.moments + offset * 8;
    kernel.addBlockMoments(blocks, d, lanes, labels, SETS, at(0), at(square), at(weighted));
  }
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

/** The moments of one input of a finished panel; copies. */
export function readMoments(views: Views, place: number, d: number, lane: number): Moments {
  const results = views.doubles(place, resultLength(d));
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
