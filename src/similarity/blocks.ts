/** The d × d blocks K(x,x'), K^C(x,x') or K^N(x',x) of pairs of inputs, all outputs against all (method, section 1). */

import { TILE_BYTES } from '../kernel/kernel.js';
import type { Work } from '../work.js';
import { ENTRY, eachPair } from './block-pairs.js';
import type { Side } from './blockwise.js';
import type { Kind, RowSource } from './source.js';
import { refuseValue } from './strips.js';
import { Tiles } from './tiles.js';

/**
 * The block of inputs i and j, d × d row-major, in float64; that of {@link allBlocks}.
 * @param kinds of the rows of i and of j
 * @param turned puts the output of j first
 */
export function* pairBlock(
  source: RowSource,
  i: number,
  j: number,
  kinds: readonly [Kind, Kind],
  turned: boolean,
): Work<Float64Array> {
  const { outputs: d } = source;
  const { arena } = source.site;
  const mark = arena.mark();
  try {
    const rows = Tiles.of(yield* source.few(kinds[0], [i]), yield* source.few(kinds[1], [j]));
    const tiles = arena.allocate(d * d * TILE_BYTES);
    rows.blocks(0, 0, tiles);
    const values = arena.doubles(tiles, d * d * ENTRY);
    const block = Float64Array.from({ length: d * d }, (_, at) => values[at * ENTRY]);
    if (!block.every(Number.isFinite)) refuseValue(i, j);
    return turned ? block.map((_, at) => block[(at % d) * d + Math.floor(at / d)]) : block;
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
  yield* eachPair(left, right, { mirrored: false, once: false }, (i, j, values, place) => {
    const block = target.subarray((i * width + j) * d * d, (i * width + j + 1) * d * d);
    for (let c = 0; c < d; c++) {
      for (let e = 0; e < d; e++) block[turned ? e * d + c : c * d + e] = values[place + (c * d + e) * ENTRY];
    }
    if (!block.every(Number.isFinite)) refuseValue(i, j);
  });
}
