/**
 * Whether the values of a sweep are first estimated in 12 bits (kernel/screen.ts), and tile by tile how: results are
 * those of a sweep without it, bit for bit, whatever is decided here.
 */
import { type Kernel, LANES, TILE_BYTES } from '../kernel/kernel.js';
import { quantizedBytes, SCREENED_OUTER_SCRATCH_BYTES } from '../kernel/screen.js';
import type { Views } from '../kernel/views.js';
import { pairCost } from '../plan.js';
import { STRIP } from './blockwise.js';
import { type Operand, pairCosts } from './operand.js';
import { ERROR_BYTES, isScreened } from './quantized.js';
import type { Shape } from './rows.js';
import { TILES_BYTES, type Tiles } from './tiles.js';

/**
 * What is asked of the values of a sweep: which reach the limits of their rows (in a symmetric sweep, or of their
 * columns), where all others are of no interest; or on which side of a threshold they stand.
 */
export type Question =
  | {
      /** Values that are kept for a row: the limit is the least of them. */
      readonly wanted: number;
      /** Writes the limits of some inputs, as they are now; -Infinity where every value is wanted. */
      readonly limits: (first: number, target: Float64Array) => void;
    }
  | { readonly threshold: number };

/** The question for one strip, in plain numbers. */
export type StripQuestion =
  /** Addresses of float64 limits of all rows and columns of the strip; columns may be 0. */
  { readonly rows: number; readonly columns: number } | { readonly threshold: number };

/** Bytes of scratch that {@link ScreenedTiles} wants beside that of its tiles. */
export const SCREENED_BYTES = SCREENED_OUTER_SCRATCH_BYTES + TILE_BYTES;

/** Whether estimates come first: by cost, always where there is a kernel for it, or never. */
export type Screening = 'chosen' | 'always' | 'never';

/** Multiply-adds for which the rows are worth quantising. */
const WORTHWHILE = 2e9;
/** Left rows for which they are: every row of both sides is quantised once. */
const ROWS = 512;
/** The share of the multiply-adds that has to be in terms with a kernel for it. */
const SHARE = 0.7;

/** Columns for each wanted value of a row: with fewer, too many pairs reach the limits while these rise. */
const CROWD = 256;

/**
 * Whether pairs of such rows are screened.
 * @param pairs how many there are
 */
export function isWorthwhile(
  mode: Screening,
  shape: Shape,
  question: Question,
  height: number,
  width: number,
  pairs: number,
): boolean {
  const terms = shape.terms.filter((term) => isScreened(term, shape.outputs));
  if (terms.length === 0 || mode === 'never') return false;
  if (mode === 'always') return true;
  const all = pairCosts(shape);
  const screened = terms.reduce((sum, term) => sum + pairCost(term, shape.outputs), 0);
  if ('limits' in question && width < CROWD * question.wanted) return false;
  return screened >= SHARE * all && height >= ROWS && pairs * all >= WORTHWHILE;
}

/** Multiply-adds that are worth a quarter of a second for directions (projection.ts). */
const LONG_WORK = 3e10;

/** Whether directions are looked for; for limits only, since thresholds may lie where values crowd. */
export function isWorthDirections(mode: Screening, shape: Shape, question: Question, pairs: number): boolean {
  if (!('limits' in question)) return false;
  return mode === 'always' || pairs * pairCosts(shape) >= LONG_WORK;
}

/** Inputs of the left blocks, where not all rows fit: with lower blocks they would be captured too often. */
export function leastHeight(mode: Screening): number {
  return mode === 'always' ? STRIP : 8 * STRIP;
}

/** The share of the cost of exact strips that open pairs may take; above, screening costs more than it saves. */
const MOST_OPEN = 0.4;
/** Strips without screening between two tries. */
const LONGEST_PAUSE = 64;

/** Screens as long as it pays; else the next strips go exactly, twice as many at each failure. */
export class Trial {
  readonly #always: boolean;
  #wait = 0;
  #pause = 1;

  constructor(mode: Screening) {
    this.#always = mode === 'always';
  }

  next(): boolean {
    if (this.#always) return true;
    if (this.#wait === 0) return true;
    this.#wait -= 1;
    return false;
  }

  /** @param open the share of parts of a strip that had to be exact */
  saw(open: number): void {
    if (open <= MOST_OPEN) this.#pause = 1;
    else if (this.#wait === 0) {
      this.#wait = this.#pause;
      this.#pause = Math.min(2 * this.#pause, LONGEST_PAUSE);
    }
  }
}

interface Sides {
  readonly left: Operand;
  readonly right: Operand;
  readonly scale: number;
  readonly scratch: number;
}

/** Estimates tiles, and tells where they do not answer the question. */
export class ScreenedTiles {
  /** Address of the tile that bounds the error of the last estimate. */
  readonly bounds: number;
  readonly #kernel: Kernel;
  readonly #views: Views;
  readonly #sides: Sides;
  readonly #tiles: Tiles;
  readonly #question: StripQuestion;
  readonly #scratch: number;

  /** @param sides with scratch, {@link TILES_BYTES} of `tiles` and {@link SCREENED_BYTES} behind them */
  constructor(kernel: Kernel, views: Views, sides: Sides, tiles: Tiles, question: StripQuestion) {
    this.#kernel = kernel;
    this.#views = views;
    this.#sides = sides;
    this.#tiles = tiles;
    this.#question = question;
    this.#scratch = sides.scratch + TILES_BYTES;
    this.bounds = this.#scratch + SCREENED_OUTER_SCRATCH_BYTES;
  }

  /**
   * Estimates the tile of two panels, which stand at `r` and `c` in the strip; lists the pairs that have to be exact
   * instead, and returns how many. All others stand where the exact values stand. `pairs`: int32 [256].
   */
  estimate(row: number, column: number, r: number, c: number, pairs: number): number {
    this.#add(row, column);
    const question = this.#question;
    const [kernel, tile, bounds, scale] = [this.#kernel, this.#tiles.tile, this.bounds, this.#sides.scale];
    if ('threshold' in question) {
      return kernel.undecidedPairs(tile, bounds, scale, question.threshold, pairs);
    }
    const columns = question.columns && question.columns + c * 8;
    return kernel.reachingPairs(tile, bounds, scale, question.rows + r * 8, columns, pairs);
  }

  #add(row: number, column: number): void {
    const kernel = this.#kernel;
    const { terms, quantized: left } = this.#sides.left;
    const { quantized: right } = this.#sides.right;
    const tiles = this.#tiles;
    tiles.clear();
    this.#views.doubles(this.bounds, LANES * LANES).fill(0);
    const at = (base: number, panel: number, length: number) => base + panel * quantizedBytes(length);
    const [a, b] = [left!.errors + row * ERROR_BYTES, right!.errors + column * ERROR_BYTES];
    for (const half of [0, ERROR_BYTES / 2]) {
      kernel.addScreenedGram(a + half, b + half, 0, tiles.tile, this.bounds);
    }
    for (let i = 0; i < terms.length; i++) {
      if (left!.values[i] === 0) {
        tiles.addTerm(i, row, column);
        continue;
      }
      const { activities: size, values: length } = left!.lengths[i];
      const leftB = at(left!.values[i], row, length);
      const rightB = at(right!.values[i], column, length);
      if (size === 0) {
        kernel.addScreenedGram(leftB, rightB, length, tiles.tile, 0);
        continue;
      }
      const leftA = at(left!.activities[i], row, size);
      const rightA = at(right!.activities[i], column, size);
      kernel.addScreenedOuterGram(leftA, rightA, size, leftB, rightB, length, this.#scratch, tiles.tile, 0);
    }
  }
}
