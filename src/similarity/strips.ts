/**
 * All pairs of two sets in strips of 256 × 256, computed here or by workers. N × N values are never stored: a strip's
 * memory is used again.
 *
 * For every left input the right strips arrive in ascending order, symmetric or not, one thread or many, in one block
 * or in many: sums over a row have one order, hence the same bits.
 */
import { refuse } from '../errors.js';
import { type Kernel, LANES } from '../kernel/kernel.js';
import type { Views } from '../kernel/views.js';
import type { Work } from '../work.js';
import { eachBlockPair, type Pairing, type Side, STRIP } from './blockwise.js';
import { inOrder } from './in-order.js';
import type { MomentsTask } from './moments.js';
import { type Operand, pairCosts, plain } from './operand.js';
import type { Variant } from './rows.js';
import { TILES_BYTES, Tiles } from './tiles.js';

const STRIP_BYTES = STRIP * STRIP * 4;

/** A block of values: inputs `row`… of the left set against `column`… of the right. Lives until the next one. */
export interface Strip {
  readonly row: number;
  readonly column: number;
  readonly rows: number;
  readonly columns: number;
  /** Address of float32 [rows][STRIP]. */
  readonly values: number;
}

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
}

/** Workers on the same memory. */
export interface Executor {
  /** Whether this many multiply-adds are worth the start of workers; they are started meanwhile. */
  ready(multiplyAdds: number): Work<boolean>;
  /** Tasks that may be under way at once. */
  readonly slots: number;
  strip(task: StripTask): Promise<void>;
  moments(task: MomentsTask): Promise<void>;
}

export interface SweepOptions {
  /** Every value is multiplied by this; 1/d for a mean over outputs. */
  readonly scale: number;
  /** Left and right are the same: half the tiles are computed and handed out twice. */
  readonly symmetric: boolean;
  /** Values on the diagonal, known exactly; only where left and right are the same set. */
  readonly diagonal?: ArrayLike<number>;
  /** Correlations: rounding beyond ±1 is cut off. */
  readonly bounded: boolean;
  /** Only left inputs from `firstRow` (a multiple of 16) to before `lastRow`. */
  readonly firstRow?: number;
  readonly lastRow?: number;
}

/** Computes one strip; returns early once the int32 at `task.stop` is set. */
export function computeStrip(kernel: Kernel, views: Views, task: StripTask): void {
  const tiles = new Tiles(kernel, views, task.left, task.right, task.scratch);
  for (let r = 0; r < task.rows; r += LANES) {
    for (let c = 0; c < task.columns; c += LANES) {
      if (Atomics.load(views.integers(task.stop, 1), 0) !== 0) return;
      tiles.trace((task.row + r) / LANES, (task.column + c) / LANES);
      const [tall, wide] = [Math.min(LANES, task.rows - r), Math.min(LANES, task.columns - c)];
      const target = task.block + (r * STRIP + c) * 4;
      const mirror = task.transposed ? task.transposed + (c * STRIP + r) * 4 : 0;
      kernel.storeTile(tiles.tile, task.scale, target, STRIP, tall, wide, mirror, STRIP);
    }
  }
}

/** Kernel memory that a sweep takes beside the rows, with so many strips under way. */
export function sweepBytes(slots: number): number {
  return slots * (2 * STRIP_BYTES + TILES_BYTES) + 1024;
}

/** Hands every strip to `visit`; yields the share done. */
export function* sweep(
  left: Side,
  right: Side,
  options: SweepOptions,
  visit: (strip: Strip) => void,
): Work<void> {
  const bodyBytes = sweepBytes(left.source.site.executor?.slots ?? 1);
  yield* eachBlockPair(left, right, { ...options, bodyBytes }, (rows, columns, pairing) =>
    sweepBlocks(rows, columns, pairing, options, visit),
  );
}

function* sweepBlocks(
  left: Variant,
  right: Variant,
  pairing: Pairing,
  options: SweepOptions,
  visit: (strip: Strip) => void,
): Work<void> {
  const { kernel, arena, executor } = left.site;
  const places = stripPlaces(left.size, right.size, pairing);
  const mark = arena.mark();
  try {
    const stop = arena.allocate(4, true);
    const cost = places.length * STRIP ** 2 * pairCosts(left);
    const shared = executor !== null && places.length > 1 && (yield* executor.ready(cost)) ? executor : null;
    const slots = Array.from({ length: shared ? shared.slots : 1 }, () => ({
      block: arena.allocate(STRIP_BYTES),
      transposed: pairing === 'full' ? 0 : arena.allocate(STRIP_BYTES),
      scratch: arena.allocate(TILES_BYTES),
    }));
    const sides = { left: plain(left), right: plain(right), scale: options.scale, stop };
    const task = (position: number) => ({ ...sides, ...places[position], ...slots[position % slots.length] });
    const hand = (strip: Strip) => {
      finish(arena, strip, options);
      visit(strip);
    };
    yield* inOrder({
      count: places.length,
      slots: slots.length,
      start: shared ? (position) => shared.strip(task(position)) : null,
      here: (position) => computeStrip(kernel, arena, task(position)),
      visit: (position) => {
        const { block, transposed } = slots[position % slots.length];
        const { rows, columns, ...place } = places[position];
        const [row, column] = [left.first + place.row, right.first + place.column];
        hand({ row, column, rows, columns, values: block });
        if (pairing === 'full' || column === row) return;
        hand({ row: column, column: row, rows: columns, columns: rows, values: transposed });
      },
      stop: () => Atomics.store(arena.integers(stop, 1), 0, 1),
    });
  } finally {
    arena.release(mark);
  }
}

/** Places of the strips of two blocks, row by row. */
export function stripPlaces(height: number, width: number, pairing: Pairing) {
  const places: { row: number; column: number; rows: number; columns: number }[] = [];
  for (let row = 0; row < height; row += STRIP) {
    for (let column = pairing === 'triangle' ? row : 0; column < width; column += STRIP) {
      places.push({
        row,
        column,
        rows: Math.min(STRIP, height - row),
        columns: Math.min(STRIP, width - column),
      });
    }
  }
  return places;
}

function finish(views: Views, strip: Strip, { diagonal, bounded }: SweepOptions): void {
  const values = views.floats(strip.values, STRIP * STRIP);
  for (let r = 0; r < strip.rows; r++) {
    for (let i = r * STRIP; i < r * STRIP + strip.columns; i++) {
      if (!Number.isFinite(values[i])) refuseValue(strip.row + r, strip.column + (i % STRIP));
    }
  }
  if (bounded) {
    for (let r = 0; r < strip.rows; r++) {
      for (let i = r * STRIP; i < r * STRIP + strip.columns; i++) {
        if (values[i] > 1) values[i] = 1;
        else if (values[i] < -1) values[i] = -1;
      }
    }
  }
  if (!diagonal) return;
  for (let r = 0; r < strip.rows; r++) {
    const own = strip.row + r - strip.column;
    if (own >= 0 && own < strip.columns) values[r * STRIP + own] = diagonal[strip.row + r];
  }
}

/** A result that float32 cannot hold is refused, never handed on as NaN or infinity. */
export function refuseValue(row: number, column: number): never {
  return refuse('input', `The value of inputs ${row} and ${column} is outside what float32 results hold.`);
}
