/** All pairs of inputs with the inner products of their outputs, panel by panel: what is compared beyond the trace. */
import { LANES, TILE_BYTES } from '../kernel/kernel.js';
import type { Work } from '../work.js';
import { eachBlockPair, type Pairing, type Side } from './blockwise.js';
import { panelCount, panelLanes } from './operand.js';
import type { Variant } from './rows.js';
import { TILES_BYTES, Tiles } from './tiles.js';

/** From an entry of a block to the next, in the values that {@link Visit} gets. */
export const ENTRY = LANES * LANES;

export interface BlockPairs {
  /**
   * One set is compared with itself by values that are the same for (i, j) and (j, i): those of the smaller input first
   * are computed, so that both have the same bits.
   */
  readonly mirrored: boolean;
  /** Visits mirrored pairs once, the smaller input first. */
  readonly once: boolean;
  /** Only products of equal outputs: d of them instead of d × d. */
  readonly diagonal?: boolean;
  /** Only left inputs from `firstRow` (a multiple of 16) to before `lastRow`. */
  readonly firstRow?: number;
  readonly lastRow?: number;
}

/**
 * Entry c · d + e (or c, on the diagonal) of the pair, G_c(x_i)^T G_e(x_j), stands at `place` + entry · {@link ENTRY};
 * until the next visit.
 */
export type Visit = (i: number, j: number, values: Float64Array, place: number) => void;

/** Calls `visit` for every pair; yields the share done. */
export function* eachPair(left: Side, right: Side, options: BlockPairs, visit: Visit): Work<void> {
  const { outputs: d } = left.source;
  const entries = options.diagonal ? d : d * d;
  const bodyBytes = 2 * TILES_BYTES + entries * TILE_BYTES;
  const { firstRow, lastRow, once: symmetric } = options;
  const range = { ...(firstRow !== undefined && { firstRow }), ...(lastRow !== undefined && { lastRow }) };
  yield* eachBlockPair(left, right, { symmetric, bodyBytes, ...range }, (rows, columns, pairing) =>
    visitBlocks(rows, columns, pairing, options, entries, visit),
  );
}

function* visitBlocks(
  left: Variant,
  right: Variant,
  pairing: Pairing,
  { mirrored, once, diagonal = false }: BlockPairs,
  entries: number,
  visit: Visit,
): Work<void> {
  const { arena } = left.site;
  const mark = arena.mark();
  try {
    const straight = Tiles.of(left, right);
    const turned = mirrored ? Tiles.of(right, left) : straight;
    const tiles = arena.allocate(entries * TILE_BYTES);
    for (let row = 0; row < panelCount(left.size); row++) {
      const columns = panelCount(right.size);
      for (let column = pairing === 'triangle' ? row : 0; column < columns; column++) {
        const [first, other] = [left.first + row * LANES, right.first + column * LANES];
        if (mirrored && first > other) turned.blocks(column, row, tiles, diagonal);
        else straight.blocks(row, column, tiles, diagonal);
        const values = arena.doubles(tiles, entries * ENTRY);
        for (let r = 0; r < panelLanes(left.size, row); r++) {
          for (let c = 0; c < panelLanes(right.size, column); c++) {
            const backwards = mirrored && first + r > other + c;
            if (once && backwards) continue;
            visit(first + r, other + c, values, backwards ? c * LANES + r : r * LANES + c);
          }
        }
        yield (row + (column + 1) / columns) / panelCount(left.size);
      }
    }
  } finally {
    arena.release(mark);
  }
}
