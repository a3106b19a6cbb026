/** The values of one strip, computed here or by a worker. */
import { type Kernel, LANES } from '../kernel/kernel.js';
import type { Views } from '../kernel/views.js';
import { STRIP } from './blockwise.js';
import type { Operand } from './operand.js';
import { partsOf } from './parts.js';
import { SCREENED_BYTES, ScreenedTiles, type StripQuestion } from './screening.js';
import { TILES_BYTES, Tiles } from './tiles.js';

/** A strip to be computed, told in plain numbers. */
export interface StripTask {
  readonly left: Operand;
  readonly right: Operand;
  /** Places in the two blocks. */
  readonly row: number;
  readonly column: number;
  readonly rows: number;
  readonly columns: number;
  readonly scale: number;
  /**
   * Addresses of the values, of their transpose (0: not wanted; that of the values: rows and columns are the same inputs,
   * and half the tiles are computed), of scratch, and of an int32 that ends the work.
   */
  readonly block: number;
  readonly transposed: number;
  readonly scratch: number;
  readonly stop: number;
  /** Address of two int32: the place of a value that is not finite, or -1, and what exact values cost, in tiles. */
  readonly report: number;
  /** What lies beyond ±most is cut off. */
  readonly most: number;
  /** Only what this asks has to be right; null: every value is exact. */
  readonly question: StripQuestion | null;
}

/** Open pairs of a tile above which it is computed whole. */
const CROWDED = 32;
const TILES = (STRIP / LANES) ** 2;
/** Lists of open pairs: int32, and room for all pairs of one tile more. */
const LISTS_BYTES = (TILES * CROWDED + LANES * LANES) * 4;
/** Bytes of scratch that {@link computeStrip} wants. */
export const STRIP_SCRATCH_BYTES = TILES_BYTES + SCREENED_BYTES + LISTS_BYTES;

/** Computes one strip; returns early once the int32 at `task.stop` is set. */
export function computeStrip(kernel: Kernel, views: Views, task: StripTask): void {
  const { block, transposed, rows, columns } = task;
  const exact = task.question
    ? screenStrip(kernel, views, task, task.question)
    : traceStrip(kernel, views, task);
  if (exact === null) return;
  const wrong = kernel.settle(block, rows, columns, STRIP, task.most);
  if (transposed && transposed !== block) kernel.settle(transposed, columns, rows, STRIP, task.most);
  views.integers(task.report, 2).set([wrong, exact]);
}

/** Every value exactly; returns the number of tiles, or null where it was stopped. */
function traceStrip(kernel: Kernel, views: Views, task: StripTask): number | null {
  const tiles = new Tiles(kernel, views, task.left, task.right, task.scratch);
  const ended = eachTile(views, task, (row, column, r, c) => {
    tiles.trace(row, column);
    storeTile(kernel, task, tiles.tile, r, c);
  });
  return ended ? TILES : null;
}

/** Estimates, and exact values where those leave the question open; returns what that cost in exact tiles, or null. */
function screenStrip(kernel: Kernel, views: Views, task: StripTask, question: StripQuestion): number | null {
  const { left, scale, block, transposed } = task;
  const tiles = new Tiles(kernel, views, left, task.right, task.scratch);
  const screened = new ScreenedTiles(kernel, views, task, tiles, question);
  const open: { row: number; column: number; r: number; c: number; pairs: number; count: number }[] = [];
  let pairs = task.scratch + TILES_BYTES + SCREENED_BYTES;
  // All estimates come before all exact values: either needs rows of its own in the caches.
  const ended = eachTile(views, task, (row, column, r, c) => {
    const count = screened.estimate(row, column, r, c, pairs);
    if (count > 0) open.push({ row, column, r, c, pairs, count });
    if (count <= CROWDED) {
      storeTile(kernel, task, tiles.tile, r, c);
      pairs += count * 4;
    }
  });
  if (!ended) return null;
  const values = views.floats(block, STRIP * STRIP);
  const across = transposed ? views.floats(transposed, STRIP * STRIP) : null;
  const singly = left.terms.every(({ positions }) => positions === 1);
  let cost = 0;
  for (const { row, column, r, c, pairs, count } of open) {
    if (isStopped(views, task)) return null;
    if (count > CROWDED) {
      cost += 1;
      tiles.trace(row, column);
      storeTile(kernel, task, tiles.tile, r, c);
      continue;
    }
    const list = views.integers(pairs, count);
    if (singly) tiles.tracePairs(row, column, pairs, count);
    else tiles.traceParts(row, column, partsOf(list));
    cost += singly ? Math.ceil(count / 4) / 8 : 1;
    const exact = views.doubles(tiles.tile, LANES * LANES);
    for (let m = 0; m < count; m++) {
      const pair = list[m];
      const [i, j] = [r + (pair >> 4), c + (pair & 15)];
      if (i >= task.rows || j >= task.columns) continue;
      const value = exact[singly ? m : pair] * scale;
      values[i * STRIP + j] = value;
      if (across) across[j * STRIP + i] = value;
    }
  }
  return cost;
}

/** Calls `visit` with the panels of each tile and its place in the strip; false where it was stopped. */
function eachTile(
  views: Views,
  task: StripTask,
  visit: (row: number, column: number, r: number, c: number) => void,
): boolean {
  for (let r = 0; r < task.rows; r += LANES) {
    for (let c = task.transposed === task.block ? r : 0; c < task.columns; c += LANES) {
      if (isStopped(views, task)) return false;
      visit((task.row + r) / LANES, (task.column + c) / LANES, r, c);
    }
  }
  return true;
}

function isStopped(views: Views, task: StripTask): boolean {
  return Atomics.load(views.integers(task.stop, 1), 0) !== 0;
}

/** Stores a tile at (r, c) of the strip, and of its transpose. */
function storeTile(kernel: Kernel, task: StripTask, tile: number, r: number, c: number): void {
  const { block, transposed, scale } = task;
  const [tall, wide] = [Math.min(LANES, task.rows - r), Math.min(LANES, task.columns - c)];
  const target = block + (r * STRIP + c) * 4;
  const mirror = transposed ? transposed + (c * STRIP + r) * 4 : 0;
  kernel.storeTile(tile, scale, target, STRIP, tall, wide, mirror, STRIP);
}
