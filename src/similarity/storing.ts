/** Raw rows out of kernel memory, block by block: as they are, or rounded to int8 with what that does to them. */
import { LANES } from '../kernel/kernel.js';
import { finished, type Work } from '../work.js';
import { eachBlock } from './blockwise.js';
import { panelCount, panelLanes } from './operand.js';
import { restorePanel, roundPanel } from './rounding.js';
import { reserveRows, type Variant, view } from './rows.js';
import type { RowSource } from './source.js';
import { placesOf, type StoredTerm, scalesOf } from './stored.js';
import { selfBlocks } from './whitening.js';

/** Copies the rows of a set; yields the share done. */
export function* storeRows(source: RowSource, target: readonly StoredTerm[]): Work<void> {
  yield* eachBlock({ source, kind: 'raw' }, function* (rows) {
    for (const { panels, address, share } of placesOf(rows, target)) {
      const size = panelCount(rows.size) * panels.length * LANES;
      const start = rows.first * panels.length;
      panels.numbers.set(rows.site.arena.floats(address, size), start);
      yield share;
    }
  });
}

/** What rounding does to the gradients of each input, n × d × d each. */
export interface Rounded {
  /** K'(x,x) = G'(x)ᵀ G'(x) of the rounded rows. */
  readonly blocks: Float64Array;
  /** G(x)ᵀ G'(x): how much of the gradients is left. */
  readonly between: Float64Array;
}

/** Rounds the rows of a set to int8, a panel at a time; yields the share done. */
export function* storeRounded(source: RowSource, target: readonly StoredTerm[]): Work<Rounded> {
  const { outputs: d, size, site } = source;
  const blocks = new Float64Array(size * d * d);
  const between = new Float64Array(size * d * d);
  const mark = site.arena.mark();
  try {
    const restored = reserveRows(site, source, 0, LANES);
    yield* eachBlock({ source, kind: 'raw' }, function* (rows) {
      for (let panel = 0; panel < panelCount(rows.size); panel++) {
        const first = rows.first + panel * LANES;
        const exact = view(rows, first, first + panelLanes(rows.size, panel));
        const rounded = { ...restored, first, size: exact.size };
        roundRows(exact, rounded, target);
        blocks.set(finished(selfBlocks(rounded)), first * d * d);
        between.set(finished(selfBlocks(exact, rounded)), first * d * d);
        yield (panel + 1) / panelCount(rows.size);
      }
    });
  } finally {
    site.arena.release(mark);
  }
  return { blocks, between };
}

/** Rounds the rows of one panel, and restores them in kernel memory. */
function roundRows(exact: Variant, restored: Variant, target: readonly StoredTerm[]): void {
  const { arena } = exact.site;
  const panel = exact.first / LANES;
  const places = [...placesOf(restored, target)];
  for (const [i, { panels, address }] of [...placesOf(exact, target)].entries()) {
    const size = panels.length * LANES;
    const numbers = panels.numbers.subarray(panel * size, (panel + 1) * size) as Int8Array;
    const scales = scalesOf(panels.scales!, panels.length, panel);
    roundPanel(arena.floats(address, size), numbers, scales);
    restorePanel(numbers, scales, arena.floats(places[i]!.address, size));
  }
}
