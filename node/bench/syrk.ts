/**
 * K = G Gᵀ for N rows of P numbers with addGram: rows packed into panels, 16 × 16 panels at a time, and all their
 * pairs one k-block after the other. So a k-block of 32 panels (512 KiB) stays in the second-level cache while each
 * panel meets sixteen others; pair after pair over the whole length, panels of 256 KiB come from further away each
 * time, which costs 5 % at P = 4096. The bits are those of addGram over the whole length.
 */
import type { Arena } from '../../src/kernel/arena.js';
import { type Kernel, LANES, panelBytes, TILE_BYTES } from '../../src/kernel/kernel.js';
import { quantizedBytes } from '../../src/kernel/screen.js';

/** Panels along each side of a square; the engine's strips are as large. */
const SIDE = 16;
/** addGram's own: float32 chains end there. */
const K_BLOCK = 256;

export class Syrk {
  readonly #arena: Arena;
  readonly #size: number;
  readonly #length: number;
  readonly #rows: number;
  readonly #panels: number;
  readonly #tiles: number;
  readonly #result: number;
  #narrow = 0;

  /** @param size a multiple of 16 */
  constructor(arena: Arena, values: Float32Array, size: number, length: number) {
    this.#arena = arena;
    this.#size = size;
    this.#length = length;
    this.#rows = arena.allocate(values.byteLength);
    this.#panels = arena.allocate(values.byteLength);
    this.#tiles = arena.allocate(SIDE * SIDE * TILE_BYTES);
    this.#result = arena.allocate(size * size * 4);
    arena.floats(this.#rows, values.length).set(values);
  }

  /** Useful operations: N (N + 1) P. */
  get flops(): number {
    return this.#size * (this.#size + 1) * this.#length;
  }

  /** K, float32 [N][N], after `run`. */
  get result(): Float32Array {
    return this.#arena.floats(this.#result, this.#size ** 2);
  }

  /** From rows to K, packing and both triangles included. */
  run(kernel: Kernel): void {
    const count = this.#size / LANES;
    for (let i = 0; i < count; i++) {
      const source = this.#rows + i * LANES * this.#length * 4;
      kernel.pack(source, LANES, this.#length, this.#length, this.#panel(i));
    }
    for (let row = 0; row < count; row += SIDE) {
      for (let column = row; column < count; column += SIDE) this.#square(kernel, row, column, count);
    }
  }

  #square(kernel: Kernel, row: number, column: number, count: number): void {
    const [bottom, right] = [Math.min(row + SIDE, count), Math.min(column + SIDE, count)];
    const tile = (i: number, j: number) => this.#tiles + ((i - row) * SIDE + j - column) * TILE_BYTES;
    this.#arena.doubles(this.#tiles, (SIDE * SIDE * TILE_BYTES) / 8).fill(0);
    for (let k = 0; k < this.#length; k += K_BLOCK) {
      const length = Math.min(K_BLOCK, this.#length - k);
      const at = panelBytes(k);
      for (let i = row; i < bottom; i++) {
        for (let j = Math.max(i, column); j < right; j++)
          kernel.addGram(this.#panel(i) + at, this.#panel(j) + at, length, tile(i, j));
      }
    }
    const [size, n] = [LANES, this.#size];
    for (let i = row; i < bottom; i++) {
      for (let j = Math.max(i, column); j < right; j++) {
        const target = this.#result + (i * LANES * n + j * LANES) * 4;
        const mirror = this.#result + (j * LANES * n + i * LANES) * 4;
        kernel.storeTile(tile(i, j), 1, target, n, size, size, i === j ? 0 : mirror, n);
      }
    }
  }

  /** The same pairs from int16 panels: bounds of every value, as the screening of neighbours uses them. */
  screen(kernel: Kernel): void {
    const count = this.#size / LANES;
    const bytes = quantizedBytes(this.#length);
    if (this.#narrow === 0) {
      this.#narrow = this.#arena.allocate(count * bytes);
      for (let i = 0; i < count; i++) kernel.quantize(this.#panel(i), this.#length, this.#narrow + i * bytes);
    }
    const [tile, bounds] = [this.#tiles, this.#tiles + TILE_BYTES];
    for (let i = 0; i < count; i++) {
      for (let j = i; j < count; j++)
        kernel.addScreenedGram(
          this.#narrow + i * bytes,
          this.#narrow + j * bytes,
          this.#length,
          tile,
          bounds,
        );
    }
  }

  /** Pair after pair, as `screen` goes: its measure. */
  pairs(kernel: Kernel): void {
    const count = this.#size / LANES;
    for (let i = 0; i < count; i++) {
      for (let j = i; j < count; j++)
        kernel.addGram(this.#panel(i), this.#panel(j), this.#length, this.#tiles);
    }
  }

  #panel(i: number): number {
    return this.#panels + i * panelBytes(this.#length);
  }
}
