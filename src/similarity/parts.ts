/** Parts of a tile, 4 × 8 pairs each, as bits of a number: see kernel/screen.ts. */

export const ALL = 255;

/** The parts in which some pairs, numbers 16 i + j, stand. */
export function partsOf(pairs: Int32Array): number {
  let parts = 0;
  for (const pair of pairs) parts |= 1 << (2 * (pair >> 6) + ((pair >> 3) & 1));
  return parts;
}
