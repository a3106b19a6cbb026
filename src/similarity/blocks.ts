/** The d × d blocks K(x,x') or K^C(x,x') of pairs of inputs, all outputs against all (method, section 1). */

import { LANES, TILE_BYTES } from '../kernel/kernel.js';
import type { Work } from '../work.js';
import type { Variant } from './rows.js';
import { refuseValue } from './strips.js';
import { Tiles } from './tiles.js';

/** The block of inputs i and j, d × d row-major: entry (c, e) = G_c(x_i)^T G_e(x_j). */
export function pairBlock(left: Variant, right: Variant, i: number, j: number): Float64Array {
  const { arena, outputs: d } = left.rows;
  const mark = arena.mark();
  try {
    const tiles = Tiles.of(left, right);
    const blocks = arena.allocate(d * d * TILE_BYTES);
    tiles.blocks(Math.floor(i / LANES), Math.floor(j / LANES), blocks);
    const values = arena.doubles(blocks, d * d * LANES * LANES);
    const place = (i % LANES) * LANES + (j % LANES);
    return Float64Array.from({ length: d * d }, (_, entry) => values[entry * LANES * LANES + place]);
  } finally {
    arena.release(mark);
  }
}

/**
 * Writes every block into n × m × d × d; yields the share done.
 * @param turned puts the right input's output first
 */
export function* allBlocks(left: Variant, right: Variant, turned: boolean, target: Float32Array): Work<void> {
  const { arena, outputs: d } = left.rows;
  const width = right.rows.size;
  const mark = arena.mark();
  try {
    const tiles = Tiles.of(left, right);
    const blocks = arena.allocate(d * d * TILE_BYTES);
    for (let row = 0; row < left.rows.panels; row++) {
      for (let column = 0; column < right.rows.panels; column++) {
        tiles.blocks(row, column, blocks);
        const values = arena.doubles(blocks, d * d * LANES * LANES);
        for (let r = 0; r < left.rows.lanes(row); r++) {
          for (let c = 0; c < right.rows.lanes(column); c++) {
            const to = ((row * LANES + r) * width + column * LANES + c) * d * d;
            for (let a = 0; a < d; a++) {
              for (let b = 0; b < d; b++) {
                const entry = turned ? b * d + a : a * d + b;
                const value = Math.fround(values[(entry * LANES + r) * LANES + c]);
                if (!Number.isFinite(value)) refuseValue(row * LANES + r, column * LANES + c);
                target[to + a * d + b] = value;
              }
            }
          }
        }
      }
      yield (row + 1) / left.rows.panels;
    }
  } finally {
    arena.release(mark);
  }
}
