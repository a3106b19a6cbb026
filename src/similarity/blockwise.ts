/**
 * Pairs of two sets whose rows may not fit into memory together: a tall block of the left set stays while blocks of the
 * right set come and go, so that the rows of N inputs are captured some N / (2 · tall) times over.
 *
 * For every left input the right blocks arrive in ascending order, symmetric or not: what adds up over them has one
 * order, however large the blocks are.
 */
import { refuse } from '../errors.js';
import type { Arena } from '../kernel/arena.js';
import { part, type Work } from '../work.js';
import { inputBytes, type Shape, type Variant } from './rows.js';
import type { BlockSource, Kind } from './source.js';

/** Inputs of a strip, a multiple of 16; blocks are whole strips. Part of the results' definition: reductions add strip by strip. */
export const STRIP = 256;
/** Right blocks need not be larger: they only have to keep the workers busy. */
const WIDEST = 8192;

/** One variant of the rows of a set. */
export interface Side {
  readonly source: BlockSource;
  readonly kind: Kind;
}

/**
 * - `'full'`: every pair of the two blocks;
 * - `'triangle'`: left and right are the same block of one set: each pair stands for its mirror image;
 * - `'mirrored'`: other blocks of one set: the same holds for every pair.
 */
export type Pairing = 'full' | 'triangle' | 'mirrored';

export interface BlockOptions {
  /** Left and right are the same: half the pairs are computed. */
  readonly symmetric: boolean;
  /** Only left inputs from `firstRow` (a multiple of 16) to before `lastRow`. */
  readonly firstRow?: number;
  readonly lastRow?: number;
  /** Kernel memory that `body` takes. */
  readonly bodyBytes: number;
  /** Puts something beside the rows of a block as long as they are there, and how much for an input. */
  readonly beside?: { readonly inputBytes: number; readonly bring: (rows: Variant) => Work<Variant> };
}

/** Calls `body` for every pair of blocks; yields the share done. */
export function* eachBlockPair(
  left: Side,
  right: Side,
  options: BlockOptions,
  body: (left: Variant, right: Variant, pairing: Pairing) => Work<void>,
): Work<void> {
  const { arena } = left.source.site;
  const { symmetric, firstRow = 0 } = options;
  const end = Math.min(options.lastRow ?? left.source.size, left.source.size);
  const width = right.source.size;
  const { tall, wide } = blockSizes(left, right, options);
  if (tall < Math.min(end - firstRow, STRIP) || wide < Math.min(right.source.size, STRIP))
    refuseStrips(left, right, options);
  const bring = function* ({ source, kind }: Side, first: number, last: number): Work<Variant> {
    const rows = yield* source.rows(kind, first, last);
    return options.beside ? yield* options.beside.bring(rows) : rows;
  };
  const all = symmetric ? trianglePairs(end) : (end - firstRow) * width;
  let done = 0;
  for (let row = firstRow; row < end; row += tall) {
    const mark = arena.mark();
    try {
      const rows = yield* part(bring(left, row, Math.min(row + tall, end)), done / all, 0);
      if (symmetric) {
        const pairs = trianglePairs(rows.size);
        yield* part(body(rows, rows, 'triangle'), done / all, pairs / all);
        done += pairs;
      }
      for (let column = symmetric ? row + rows.size : 0; column < width; column += wide) {
        const before = arena.mark();
        const last = Math.min(column + wide, width);
        const columns = yield* part(bring(right, column, last), done / all, 0);
        const pairs = rows.size * columns.size;
        yield* part(body(rows, columns, symmetric ? 'mirrored' : 'full'), done / all, pairs / all);
        done += pairs;
        arena.release(before);
      }
    } finally {
      arena.release(mark);
    }
  }
}

/**
 * Calls `body` for every block of a set, in order; yields the share done.
 * @param end leaves out the inputs from there on
 */
export function* eachBlock(
  { source, kind }: Side,
  body: (rows: Variant) => Work<void>,
  end = source.size,
): Work<void> {
  const { arena } = source.site;
  const { loadBytes, size } = source;
  const each = bytesOf({ source, kind });
  const height = each === 0 ? size : wholeStrips(arena.limit - arena.used - loadBytes, each, size, WIDEST);
  if (height === 0) refuseBlocks(arena, loadBytes + Math.min(STRIP, size) * each);
  for (let first = 0; first < end; first += height) {
    const mark = arena.mark();
    try {
      const last = Math.min(first + height, end);
      const rows = yield* part(source.rows(kind, first, last), first / end, 0);
      yield* part(body(rows), first / end, (last - first) / end);
    } finally {
      arena.release(mark);
    }
  }
}

/** Bytes that one input takes while its rows are brought in: held rows are divided in a copy of their values. */
function bytesOf({ source, kind }: Side): number {
  return source.inputBytes === 0 && kind === 'divided' ? inputBytes(source).values : source.inputBytes;
}

/** How many of `size` inputs, `each` so large, fit: all of them, or whole strips, `most` of them. */
function wholeStrips(bytes: number, each: number, size: number, most: number): number {
  if (size <= most && Math.ceil(size / 16) * 16 * each <= bytes) return size;
  return Math.min(most, Math.max(0, Math.floor(bytes / each / STRIP) * STRIP));
}

function trianglePairs(size: number): number {
  return (size * (size + 1)) / 2;
}

/** How often all pairs of a set bring in an input again, on average, with so much memory for its rows. */
export function recaptures(shape: Shape & { readonly size: number }, room: number): number {
  const { activities, values } = inputBytes(shape);
  const most = room / (activities + values);
  if (shape.size <= (most * 7) / 8) return 1;
  return 1 + shape.size / (2 * Math.max(STRIP, (most * 7) / 8));
}

/** How many inputs of either side are brought in at once; less than {@link STRIP} where there is no room for more. */
export function blockSizes(left: Side, right: Side, options: BlockOptions): { tall: number; wide: number } {
  const { arena } = left.source.site;
  const { height, perLeft, perRight, loading } = needs(left, right, options);
  const width = right.source.size;
  if (perLeft === 0 && perRight === 0) return { tall: height, wide: width };
  const free = arena.limit - arena.used - options.bodyBytes - loading;
  const strips = (bytes: number, each: number, size: number, most = size) =>
    each === 0 ? size : wholeStrips(bytes, each, size, most);
  const whole = Math.ceil(height / 16) * 16;
  // A set that fits whole meets nobody but itself.
  if (options.symmetric && whole * perLeft <= free) return { tall: height, wide: width };
  // A left side that fits leaves the rest to the right; otherwise the right gets an eighth.
  const fits = whole * perLeft <= Math.min((free * 7) / 8, free - STRIP * perRight);
  const wide = strips(
    fits ? free - whole * perLeft : Math.max(free / 8, STRIP * perRight),
    perRight,
    width,
    WIDEST,
  );
  return { tall: fits ? height : strips(free - wide * perRight, perLeft, height), wide };
}

function needs(leftSide: Side, rightSide: Side, options: BlockOptions) {
  const [left, right] = [leftSide.source, rightSide.source];
  const beside = options.beside?.inputBytes ?? 0;
  return {
    height: Math.min(options.lastRow ?? left.size, left.size) - (options.firstRow ?? 0),
    perLeft: bytesOf(leftSide) + beside,
    perRight: bytesOf(rightSide) + beside,
    loading: Math.max(left.loadBytes, right.loadBytes),
  };
}

function refuseStrips(left: Side, right: Side, options: BlockOptions): never {
  const { perLeft, perRight, loading } = needs(left, right, options);
  const bytes = options.bodyBytes + loading + STRIP * (perLeft + 2 * perRight);
  return refuseBlocks(left.source.site.arena, bytes);
}

function refuseBlocks(arena: Arena, bytes: number): never {
  const mebibytes = (value: number) => Math.ceil(value / 2 ** 20);
  return refuse(
    'memory',
    `This needs ${mebibytes(arena.used + bytes)} MiB of kernel memory, ${mebibytes(arena.limit)} MiB are allowed: give a larger memory, or compare fewer outputs or parameters.`,
  );
}
