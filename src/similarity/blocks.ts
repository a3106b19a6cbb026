/** The d × d blocks K(x,x') or K^C(x,x') of pairs of inputs, all outputs against all (method, section 1). */

import { LANES, TILE_BYTES } from '../kernel/kernel.js';
import type { Work } from '../work.js';
import { eachBlockPair, type Side } from './blockwise.js';
import { panelCount, panelLanes } from './operand.js';
import type { Variant } from './rows.js';
import { refuseValue } from './strips.js';
import { TILES_BYTES, Tiles } from './tiles.js';

/** The block of the inputs at places i and j, d × d row-major: entry (c, e) = G_c(x_i)^T G_e(x_j). */
export function pairBlock(rows: Variant, i: number, j: number): Float64Array {
  const { outputs: d } = rows;
  const { arena } = rows.site;
  const mark = arena.mark();
  try {
    const tiles = Tiles.of(rows, rows);
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
export function* allBlocks(left: Side, right: Side, turned: boolean, target: Float32Array): Work<void> {
  const { outputs: d } = left.source;
  const width = right.source.size;
  const bodyBytes = TILES_BYTES + d * d * TILE_BYTES;
  yield* eachBlockPair(left, right, { symmetric: false, bodyBytes }, (rows, columns) =>
    writeBlocks(rows, columns, turned, target, width),
  );
}

function* writeBlocks(
  left: Variant,
  right: Variant,
  turned: boolean,
  target: Float32Array,
  width: number,
): Work<void> {
  const { outputs: d } = left;
  const { arena } = left.site;
  const mark = arena.mark();
  try {
    const tiles = Tiles.of(left, right);
    const blocks = arena.allocate(d * d * TILE_BYTES);
    for (let row = 0; row < panelCount(left.size); row++) {
      for (let column = 0; column < panelCount(right.size); column++) {
        tiles.blocks(row, column, blocks);
        const values = arena.doubles(blocks, d * d * LANES * LANES);
        for (let r = 0; r < panelLanes(left.size, row); r++) {
          for (let c = 0; c < panelLanes(right.size, column); c++) {
            const [i, j] = [left.first + row * LANES + r, right.first + column * LANES + c];
            for (let a = 0; a < d; a++) {
              for (let b = 0; b < d; b++) {
                const entry = turned ? b * d + a : a * d + b;
                const value = Math.fround(values[(entry * LANES + r) * LANES + c]);
                if (!Number.isFinite(value)) refuseValue(i, j);
                target[((i * width + j) * d + a) * d + b] = value;
              }
            }
          }
        }
      }
      yield (row + 1) / panelCount(left.size);
    }
  } finally {
    arena.release(mark);
  }
}
