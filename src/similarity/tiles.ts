/** Inner products between two sets of rows, 16 × 16 inputs at a time: sums over the terms (method, section 2). */
import { type Kernel, LANES, OUTER_SCRATCH_BYTES, TILE_BYTES } from '../kernel/kernel.js';
import type { Views } from '../kernel/views.js';
import { activityAddress, type Operand, valueAddress } from './operand.js';
import { ALL } from './parts.js';
import type { Variant } from './rows.js';

/** Bytes of scratch that {@link Tiles} wants. */
export const TILES_BYTES = TILE_BYTES + OUTER_SCRATCH_BYTES;

export class Tiles {
  /** Address of the tile that `trace` fills. */
  readonly tile: number;
  readonly #kernel: Kernel;
  readonly #views: Views;
  readonly #left: Operand;
  readonly #right: Operand;
  readonly #scratch: number;

  /** @param scratch {@link TILES_BYTES} of memory of its own */
  constructor(kernel: Kernel, views: Views, left: Operand, right: Operand, scratch: number) {
    this.#kernel = kernel;
    this.#views = views;
    this.#left = left;
    this.#right = right;
    this.tile = scratch;
    this.#scratch = scratch + TILE_BYTES;
  }

  /** In the arena of the left rows; the caller releases it. */
  static of(left: Variant, right: Variant): Tiles {
    const { kernel, arena } = left.site;
    return new Tiles(kernel, arena, left, right, arena.allocate(TILES_BYTES));
  }

  /** tile = trace over the outputs of G(x)^T G(x'), for the inputs of two panels; terms from `first` to before `last`. */
  trace(row: number, column: number, first = 0, last = this.#left.terms.length): void {
    this.clear();
    for (let i = first; i < last; i++) this.addTerm(i, row, column);
  }

  /** The same for some parts of the tile, zeros elsewhere. */
  traceParts(row: number, column: number, parts: number): void {
    this.clear();
    for (let i = 0; i < this.#left.terms.length; i++) this.addTerm(i, row, column, parts);
  }

  /** The same for the pairs of a list, as the first `count` numbers of the tile; terms with one position only. */
  tracePairs(row: number, column: number, pairs: number, count: number): void {
    this.clear();
    const [left, right] = [this.#left, this.#right];
    left.terms.forEach((term, i) => {
      const length = left.outputs * term.right;
      const [b, otherB] = [valueAddress(left, i, row), valueAddress(right, i, column)];
      if (term.left === 0) {
        this.#kernel.addGramPairs(b, otherB, length, pairs, count, this.tile);
        return;
      }
      const [a, otherA] = [activityAddress(left, i, row), activityAddress(right, i, column)];
      const scratch = this.#scratch;
      this.#kernel.addOuterGramPairs(
        a,
        otherA,
        term.left,
        b,
        otherB,
        length,
        pairs,
        count,
        scratch,
        this.tile,
      );
    });
  }

  clear(): void {
    this.#views.doubles(this.tile, LANES * LANES).fill(0);
  }

  /** Adds one term of the trace, to some parts of the tile or to all. */
  addTerm(i: number, row: number, column: number, parts = ALL): void {
    const { terms, outputs } = this.#left;
    const term = terms[i];
    if (term.left === 0) this.#plain(i, row, column, 0, 0, outputs * term.right, this.tile, parts);
    else if (term.positions === 1) this.#outer(i, row, column, 0, 0, outputs * term.right, this.tile, parts);
    else for (let c = 0; c < outputs; c++) this.#outer(i, row, column, c, c, term.right, this.tile, parts);
  }

  /**
   * tiles [c][e] = G_c(x)^T G_e(x'): all d × d blocks of a pair of panels.
   * @param diagonal only tiles [c] = G_c(x)^T G_c(x')
   */
  blocks(row: number, column: number, tiles: number, diagonal = false): void {
    const views = this.#views;
    const { terms, outputs: d } = this.#left;
    views.doubles(tiles, (diagonal ? d : d * d) * LANES * LANES).fill(0);
    terms.forEach((term, i) => {
      // The activities of a pair of inputs are compared once for all its outputs.
      const factored = term.left > 0 && term.positions === 1;
      const product = this.#scratch + TILE_BYTES;
      if (factored) {
        const [a, b] = [activityAddress(this.#left, i, row), activityAddress(this.#right, i, column)];
        views.doubles(this.#scratch, LANES * LANES).fill(0);
        this.#kernel.addGram(a, b, term.left, this.#scratch);
      }
      let tile = tiles;
      for (let c = 0; c < d; c++) {
        for (let e = diagonal ? c : 0; e < (diagonal ? c + 1 : d); e++) {
          if (factored) {
            views.doubles(product, LANES * LANES).fill(0);
            this.#plain(i, row, column, c, e, term.right, product);
            this.#kernel.addTileProduct(this.#scratch, product, tile);
          } else if (term.left > 0) this.#outer(i, row, column, c, e, term.right, tile);
          else this.#plain(i, row, column, c, e, term.right, tile);
          tile += TILE_BYTES;
        }
      }
    });
  }

  #plain(
    i: number,
    row: number,
    column: number,
    c: number,
    e: number,
    length: number,
    tile: number,
    parts = ALL,
  ): void {
    const [a, b] = [valueAddress(this.#left, i, row, c), valueAddress(this.#right, i, column, e)];
    if (parts === ALL) this.#kernel.addGram(a, b, length, tile);
    else this.#kernel.addGramParts(a, b, length, tile, parts);
  }

  #outer(
    i: number,
    row: number,
    column: number,
    c: number,
    e: number,
    length: number,
    tile: number,
    parts = ALL,
  ): void {
    const term = this.#left.terms[i];
    const panels = [
      activityAddress(this.#left, i, row),
      activityAddress(this.#right, i, column),
      term.left,
      valueAddress(this.#left, i, row, c),
      valueAddress(this.#right, i, column, e),
      length,
      term.positions,
      this.#scratch,
      tile,
    ] as const;
    if (parts === ALL) this.#kernel.addOuterGram(...panels);
    else this.#kernel.addOuterGramParts(...panels, parts);
  }
}
