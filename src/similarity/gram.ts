/**
 * Inner products between two variants of rows, tile by tile: sum over the terms of a network (method, section 2).
 * N × N values are never stored: a sweep hands out strips and reuses their memory.
 */
import { LANES, OUTER_SCRATCH_BYTES, TILE_BYTES } from '../kernel/kernel.js';
import type { Variant } from './rows.js';

/** Inputs of a strip, a multiple of 16. Part of the results' definition: reductions add strip by strip. */
export const STRIP = 256;

/** Computes 16 × 16 tiles in scratch memory that lives until the caller releases the arena. */
export class Tiles {
  readonly #left: Variant;
  readonly #right: Variant;
  readonly tile: number;
  readonly #scratch: number;

  constructor(left: Variant, right: Variant) {
    this.#left = left;
    this.#right = right;
    const { arena } = left.rows;
    this.tile = arena.allocate(TILE_BYTES);
    this.#scratch = arena.allocate(OUTER_SCRATCH_BYTES);
  }

  /** tile = trace over the outputs of G(x)^T G(x'), for the inputs of two panels; terms from `first` to before `last`. */
  trace(row: number, column: number, first = 0, last = this.#left.rows.terms.length): void {
    const { kernel, arena, terms, outputs } = this.#left.rows;
    arena.doubles(this.tile, LANES * LANES).fill(0);
    for (let i = first; i < last; i++) {
      const term = terms[i];
      if (term.left === 0) {
        kernel.addGram(
          this.#value(this.#left, i, row),
          this.#value(this.#right, i, column),
          outputs * term.right,
          this.tile,
        );
      } else if (term.positions === 1) {
        this.#outer(i, row, column, 0, 0, outputs * term.right, this.tile);
      } else {
        for (let c = 0; c < outputs; c++) this.#outer(i, row, column, c, c, term.right, this.tile);
      }
    }
  }

  /** tiles [c][e] = G_c(x)^T G_e(x'): all d × d blocks of a pair of panels. */
  blocks(row: number, column: number, tiles: number): void {
    const { kernel, arena, terms, outputs: d } = this.#left.rows;
    arena.doubles(tiles, d * d * LANES * LANES).fill(0);
    terms.forEach((term, i) => {
      if (term.left > 0 && term.positions === 1) {
        this.#blocksOfFactors(i, row, column, tiles);
        return;
      }
      for (let c = 0; c < d; c++) {
        for (let e = 0; e < d; e++) {
          const tile = tiles + (c * d + e) * TILE_BYTES;
          if (term.left > 0) this.#outer(i, row, column, c, e, term.right, tile);
          else {
            const [a, b] = [this.#value(this.#left, i, row, c), this.#value(this.#right, i, column, e)];
            kernel.addGram(a, b, term.right, tile);
          }
        }
      }
    });
  }

  /** The activities of a pair are compared once for all d × d blocks. */
  #blocksOfFactors(i: number, row: number, column: number, tiles: number): void {
    const { kernel, arena, terms, outputs: d } = this.#left.rows;
    const term = terms[i];
    const activities = arena.doubles(this.#scratch, LANES * LANES).fill(0);
    kernel.addGram(
      this.#activity(this.#left, i, row),
      this.#activity(this.#right, i, column),
      term.left,
      this.#scratch,
    );
    const product = arena.doubles(this.#scratch + TILE_BYTES, LANES * LANES);
    for (let c = 0; c < d; c++) {
      for (let e = 0; e < d; e++) {
        product.fill(0);
        const [a, b] = [this.#value(this.#left, i, row, c), this.#value(this.#right, i, column, e)];
        kernel.addGram(a, b, term.right, this.#scratch + TILE_BYTES);
        const target = arena.doubles(tiles + (c * d + e) * TILE_BYTES, LANES * LANES);
        for (let pair = 0; pair < LANES * LANES; pair++) target[pair] += activities[pair] * product[pair];
      }
    }
  }

  #outer(i: number, row: number, column: number, c: number, e: number, length: number, tile: number): void {
    const term = this.#left.rows.terms[i];
    this.#left.rows.kernel.addOuterGram(
      this.#activity(this.#left, i, row),
      this.#activity(this.#right, i, column),
      term.left,
      this.#value(this.#left, i, row, c),
      this.#value(this.#right, i, column, e),
      length,
      term.positions,
      this.#scratch,
      tile,
    );
  }

  #activity({ rows }: Variant, i: number, panel: number): number {
    return rows.activities[i] + panel * rows.leftBytes(rows.terms[i]);
  }

  #value({ rows, values }: Variant, i: number, panel: number, output = 0): number {
    const term = rows.terms[i];
    return values[i] + panel * rows.rightBytes(term) + output * term.positions * term.right * LANES * 4;
  }
}

/** A block of values: inputs `row`… of the left set against `column`… of the right. Lives until the next one. */
export interface Strip {
  readonly row: number;
  readonly column: number;
  readonly rows: number;
  readonly columns: number;
  /** float32 [rows][STRIP] in kernel memory. */
  readonly values: number;
  /** Share of the sweep that is done, 0 to 1. */
  readonly done: number;
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

/**
 * All pairs in strips. For every left input the right strips arrive in ascending order, whether the sweep is
 * symmetric or not: sums over a row have one order, hence the same bits.
 */
export function* sweep(left: Variant, right: Variant, options: SweepOptions): Generator<Strip, void> {
  const { kernel, arena } = left.rows;
  const width = right.rows.size;
  const first = options.firstRow ?? 0;
  const height = Math.min(options.lastRow ?? left.rows.size, left.rows.size);
  const mark = arena.mark();
  const tiles = new Tiles(left, right);
  const block = arena.allocate(STRIP * STRIP * 4);
  const transposed = options.symmetric ? arena.allocate(STRIP * STRIP * 4) : 0;
  const strips = Math.ceil((height - first) / STRIP) * Math.ceil(width / STRIP);
  let finished = 0;
  try {
    for (let row = first; row < height; row += STRIP) {
      const rows = Math.min(STRIP, height - row);
      for (let column = options.symmetric ? row : 0; column < width; column += STRIP) {
        const columns = Math.min(STRIP, width - column);
        for (let r = 0; r < rows; r += LANES) {
          for (let c = 0; c < columns; c += LANES) {
            tiles.trace((row + r) / LANES, (column + c) / LANES);
            const [tall, wide] = [Math.min(LANES, rows - r), Math.min(LANES, columns - c)];
            const target = block + (r * STRIP + c) * 4;
            const mirror = options.symmetric ? transposed + (c * STRIP + r) * 4 : 0;
            kernel.storeTile(tiles.tile, options.scale, target, STRIP, tall, wide, mirror, STRIP);
          }
        }
        const mirrored = options.symmetric && column > row;
        finished += mirrored ? 2 : 1;
        const strip = { row, column, rows, columns, values: block, done: finished / strips };
        finish(left, strip, options);
        yield strip;
        if (!mirrored) continue;
        const mirror = {
          ...strip,
          row: column,
          column: row,
          rows: columns,
          columns: rows,
          values: transposed,
        };
        finish(left, mirror, options);
        yield mirror;
      }
    }
  } finally {
    arena.release(mark);
  }
}

function finish(left: Variant, strip: Strip, { diagonal, bounded }: SweepOptions): void {
  const values = left.rows.arena.floats(strip.values, STRIP * STRIP);
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
