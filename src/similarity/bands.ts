import { STRIP } from './blockwise.js';
import type { PairStrip } from './comparison.js';

/** All strips of a set, in ascending order of rows, from what gives those of 256 rows from `row` on. */
export async function* bands(
  size: number,
  band: (row: number) => Promise<readonly PairStrip[]>,
): AsyncGenerator<Omit<PairStrip, 'stride'>> {
  for (let row = 0; row < size; row += STRIP) {
    for (const { stride: _, ...strip } of await band(row)) yield strip;
  }
}
