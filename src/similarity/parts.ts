/** Parts of a tile, 4 × 8 pairs each, as bits of a number: see kernel/screen.ts. */

export const ALL = 255;

/** How many bits are set. */
export function ones(parts: number): number {
  let count = 0;
  for (let rest = parts; rest !== 0; rest &= rest - 1) count += 1;
  return count;
}

/** Calls `visit` for every part that is set: where it starts in a tile, in rows, in columns and in bytes. */
export function eachPart(parts: number, visit: (row: number, column: number, offset: number) => void): void {
  for (let part = 0; part < 8; part++) {
    if (((parts >> part) & 1) === 0) continue;
    const [row, column] = [4 * (part >> 1), 8 * (part & 1)];
    visit(row, column, (row * 16 + column) * 8);
  }
}
