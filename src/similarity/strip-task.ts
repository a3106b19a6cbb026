/** The values of one strip, computed here or by a worker. */
import { type Kernel, LANES } from '../kernel/kernel.js';
import type { Views } from '../kernel/views.js';
import { STRIP } from './blockwise.js';
import type { Operand } from './operand.js';
import { ALL, eachPart, ones } from './parts.js';
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
  /** Addresses of the values, of their transpose (0: not wanted), of scratch, and of an int32 that ends the work. */
  readonly block: number;
  readonly transposed: number;
  readonly scratch: number;
  readonly stop: number;
  /** Address of two int32: the place of a value that is not finite, or -1, and how many parts (4 × 8) are exact. */
  readonly report: number;
  /** What lies beyond ±most is cut off. */
  readonly most: number;
  /** Only what this asks has to be right; null: every value is exact. */
  readonly question: StripQuestion | null;
}

/** Bytes of scratch that {@link computeStrip} wants. */
export const STRIP_SCRATCH_BYTES = TILES_BYTES + SCREENED_BYTES;

/** Computes one strip; returns early once the int32 at `task.stop` is set. */
export function computeStrip(kernel: Kernel, views: Views, task: StripTask): void {
  const { question, scale, block, transposed, rows, columns } = task;
  const tiles = new Tiles(kernel, views, task.left, task.right, task.scratch);
  const place = (r: number, c: number) => [(task.row + r) / LANES, (task.column + c) / LANES] as const;
  const stopped = () => Atomics.load(views.integers(task.stop, 1), 0) !== 0;
  /** Stores the values of a tile from a corner (r, c) of the strip on. */
  const store = (values: number, r: number, c: number, height: number, width: number) => {
    const [tall, wide] = [Math.min(height, rows - r), Math.min(width, columns - c)];
    if (tall <= 0 || wide <= 0) return;
    const target = block + (r * STRIP + c) * 4;
    const mirror = transposed ? transposed + (c * STRIP + r) * 4 : 0;
    kernel.storeTile(values, scale, target, STRIP, tall, wide, mirror, STRIP);
  };
  let exact = 0;
  if (question) {
    const screened = new ScreenedTiles(kernel, views, task, tiles, question);
    // All estimates come before all exact values: either needs rows of its own in the caches.
    const open: { parts: number; r: number; c: number }[] = [];
    for (let r = 0; r < rows; r += LANES) {
      for (let c = 0; c < columns; c += LANES) {
        if (stopped()) return;
        const parts = screened.estimate(...place(r, c), r, c);
        if (parts !== 0) open.push({ parts, r, c });
        if (parts !== ALL) store(tiles.tile, r, c, LANES, LANES);
      }
    }
    for (const { parts, r, c } of open) {
      if (stopped()) return;
      exact += ones(parts);
      tiles.traceParts(...place(r, c), parts);
      if (parts === ALL) store(tiles.tile, r, c, LANES, LANES);
      else eachPart(parts, (row, column, offset) => store(tiles.tile + offset, r + row, c + column, 4, 8));
    }
  } else {
    for (let r = 0; r < rows; r += LANES) {
      for (let c = 0; c < columns; c += LANES) {
        if (stopped()) return;
        tiles.trace(...place(r, c));
        store(tiles.tile, r, c, LANES, LANES);
      }
    }
  }
  const wrong = kernel.settle(block, rows, columns, STRIP, task.most);
  if (transposed) kernel.settle(transposed, columns, rows, STRIP, task.most);
  views.integers(task.report, 2).set([wrong, exact]);
}
