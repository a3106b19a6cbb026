/**
 * All pairs of two sets in strips of 256 × 256, computed here or by workers. N × N values are never stored: a strip's
 * memory is used again.
 *
 * For every left input the right strips arrive in ascending order, symmetric or not, one thread or many, in one block
 * or in many: sums over a row have one order, hence the same bits.
 */
import { refuse } from '../errors.js';
import { LANES } from '../kernel/kernel.js';
import type { Views } from '../kernel/views.js';
import { part, type Work } from '../work.js';
import { type BlockOptions, blockSizes, eachBlockPair, type Pairing, type Side, STRIP } from './blockwise.js';
import { inOrder } from './in-order.js';
import type { MomentsTask } from './moments.js';
import { pairCosts, plain } from './operand.js';
import { type Projections, projections } from './projection.js';
import { quantized, quantizedInputBytes } from './quantized.js';
import type { Variant } from './rows.js';
import {
  isWorthDirections,
  isWorthwhile,
  leastHeight,
  type Question,
  type StripQuestion,
  Trial,
} from './screening.js';
import { computeStrip, STRIP_SCRATCH_BYTES, type StripTask } from './strip-task.js';

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
  /** Values need only answer this; absent: every value is exact. */
  readonly question?: Question;
  /** Only left inputs from `firstRow` (a multiple of 16) to before `lastRow`. */
  readonly firstRow?: number;
  readonly lastRow?: number;
}

const LIMITS_BYTES = STRIP * 8;

/** Kernel memory that a sweep takes beside the rows, with so many strips under way. */
export function sweepBytes(slots: number): number {
  return slots * (2 * STRIP_BYTES + STRIP_SCRATCH_BYTES + 2 * LIMITS_BYTES + 64) + 1024;
}

/** Hands every strip to `visit`; yields the share done. */
export function* sweep(
  left: Side,
  right: Side,
  options: SweepOptions,
  visit: (strip: Strip) => void,
): Work<void> {
  const blocks = { ...options, bodyBytes: sweepBytes(left.source.site.executor?.slots ?? 1) };
  let beside = quantizing(left, []);
  let screened = isScreening(left, right, { ...blocks, beside });
  const { question } = options;
  if (
    screened &&
    question &&
    isWorthDirections(left.source.site.screening, left.source, question, extent(left, right, options).pairs)
  ) {
    beside = quantizing(left, yield* part(projections(right), 0, 0));
    screened = isScreening(left, right, { ...blocks, beside });
  }
  const trial = new Trial(left.source.site.screening);
  yield* eachBlockPair(left, right, { ...blocks, ...(screened && { beside }) }, (rows, columns, pairing) =>
    sweepBlocks(rows, columns, pairing, options, trial, visit),
  );
}

function quantizing({ source }: Side, directions: Projections): NonNullable<BlockOptions['beside']> {
  return {
    inputBytes: quantizedInputBytes(source, directions),
    bring: (rows) => quantized(rows, directions),
  };
}

/** Inputs on the left, and pairs that are computed. */
function extent({ source: left }: Side, { source: right }: Side, options: SweepOptions) {
  const height = Math.min(options.lastRow ?? left.size, left.size) - (options.firstRow ?? 0);
  return { height, pairs: (height * right.size) / (options.symmetric ? 2 : 1) };
}

/** Whether the pairs are screened: where it saves time, and where blocks of rows with their panels in 12 bits have room. */
function isScreening(left: Side, right: Side, options: SweepOptions & BlockOptions): boolean {
  const { question, bounded } = options;
  if (!question || !bounded) return false;
  // Values beyond ±1 are cut off, so only limits in between can be asked before.
  if ('threshold' in question && !(question.threshold > -1 && question.threshold <= 1)) return false;
  const { height, pairs } = extent(left, right, options);
  if (!isWorthwhile(left.source.site.screening, left.source, question, height, right.source.size, pairs))
    return false;
  const { tall, wide } = blockSizes(left, right, options);
  return (
    tall >= Math.min(height, leastHeight(left.source.site.screening)) &&
    wide >= Math.min(right.source.size, STRIP)
  );
}

function* sweepBlocks(
  left: Variant,
  right: Variant,
  pairing: Pairing,
  options: SweepOptions,
  trial: Trial,
  visit: (strip: Strip) => void,
): Work<void> {
  const { kernel, arena, executor } = left.site;
  const places = stripPlaces(left.size, right.size, pairing);
  const screens = left.quantized && right.quantized && options.question;
  // Off the diagonal step by step: limits of all inputs then rise together. Order does not matter to the answers.
  if (screens && pairing === 'triangle') places.sort((a, b) => a.column - a.row - (b.column - b.row));
  const mark = arena.mark();
  try {
    const stop = arena.allocate(4, true);
    const cost = places.length * STRIP ** 2 * pairCosts(left);
    const shared = executor !== null && places.length > 1 && (yield* executor.ready(cost)) ? executor : null;
    const slots = Array.from({ length: shared ? shared.slots : 1 }, () => ({
      block: arena.allocate(STRIP_BYTES),
      transposed: pairing === 'full' ? 0 : arena.allocate(STRIP_BYTES),
      scratch: arena.allocate(STRIP_SCRATCH_BYTES),
      report: arena.allocate(8),
      limits: arena.allocate(2 * LIMITS_BYTES),
    }));
    const sides = { left: plain(left), right: plain(right), scale: options.scale, stop };
    const most = options.bounded ? 1 : Infinity;
    const asked: boolean[] = [];
    const task = (position: number): StripTask => {
      const { limits, ...slot } = slots[position % slots.length];
      const place = places[position];
      const [row, column] = [left.first + place.row, right.first + place.column];
      const question = screens
        ? ask(arena, screens, limits, { ...place, row, column }, pairing !== 'full')
        : null;
      asked[position % slots.length] = question !== null && trial.next();
      // On the diagonal one half is the mirror image of the other.
      const same = pairing === 'triangle' && row === column;
      return {
        ...sides,
        ...place,
        ...slot,
        transposed: same ? slot.block : slot.transposed,
        most,
        question: asked[position % slots.length] ? question : null,
      };
    };
    yield* inOrder({
      count: places.length,
      slots: slots.length,
      start: shared ? (position) => shared.strip(task(position)) : null,
      here: (position) => computeStrip(kernel, arena, task(position)),
      visit: (position) => {
        const { block, transposed, report } = slots[position % slots.length];
        const { rows, columns, ...place } = places[position];
        const [row, column] = [left.first + place.row, right.first + place.column];
        const [wrong, exact] = arena.integers(report, 2);
        if (wrong >= 0) refuseValue(row + Math.floor(wrong / STRIP), column + (wrong % STRIP));
        if (asked[position % slots.length]) {
          trial.saw(exact / (Math.ceil(rows / LANES) * Math.ceil(columns / LANES)));
        }
        const hand = (strip: Strip) => {
          if (options.diagonal) writeDiagonal(arena, strip, options.diagonal);
          visit(strip);
        };
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

/** The question for a strip (row and column in the set); null where every value is wanted. */
function ask(
  views: Views,
  question: Question,
  limits: number,
  { row, column, rows, columns }: Omit<Strip, 'values'>,
  mirrored: boolean,
): StripQuestion | null {
  if ('threshold' in question) return question;
  const ofRows = views.doubles(limits, STRIP).fill(Infinity);
  const ofColumns = views.doubles(limits + LIMITS_BYTES, STRIP).fill(Infinity);
  question.limits(row, ofRows.subarray(0, rows));
  if (mirrored) question.limits(column, ofColumns.subarray(0, columns));
  if (ofRows.includes(-Infinity) || ofColumns.includes(-Infinity)) return null;
  return { rows: limits, columns: mirrored ? limits + LIMITS_BYTES : 0 };
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

function writeDiagonal(views: Views, strip: Strip, diagonal: ArrayLike<number>): void {
  if (Math.abs(strip.row - strip.column) >= STRIP) return;
  const values = views.floats(strip.values, STRIP * STRIP);
  for (let r = 0; r < strip.rows; r++) {
    const own = strip.row + r - strip.column;
    if (own >= 0 && own < strip.columns) values[r * STRIP + own] = diagonal[strip.row + r];
  }
}

/** A result that float32 cannot hold is refused, never handed on as NaN or infinity. */
export function refuseValue(row: number, column: number): never {
  return refuse('input', `The value of inputs ${row} and ${column} is outside what float32 results hold.`);
}
