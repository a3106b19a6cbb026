/**
 * Similarities that do not change when the outputs are rotated: the largest mean diagonal that K^C(x,x') can have after
 * a rotation of the outputs of x' against those of x (method, section 1). With the singular values s of K^C:
 *
 *     rotation:   max over R in SO(d) of Tr(K^C R) / d = (sum of s, the smallest counted negative where det K^C < 0) / d
 *     orthogonal: max over R in O(d)  of Tr(K^C R) / d = sum of s / d
 *
 * A pair costs its d × d block and its singular values: for d = 2 a closed form, for d = 10 some 6 µs.
 */
import type { Work } from '../work.js';
import { type BlockPairs, ENTRY, eachPair, type Visit } from './block-pairs.js';
import { pairBlock } from './blocks.js';
import { type Side, STRIP } from './blockwise.js';
import type { PairStrip } from './comparison.js';
import type { InvariantKernel } from './kernels.js';
import { singularValues } from './singular-values.js';
import type { RowSource } from './source.js';
import { refuseValue } from './strips.js';

/** All pairs of a set, or of it (rows) and another (columns), into n × m values. */
export function* invariants(
  kernel: InvariantKernel,
  source: RowSource,
  other: RowSource | null,
  target: Float32Array,
): Work<void> {
  const width = other?.size ?? source.size;
  const pairs = { mirrored: !other, once: !other };
  yield* eachValue(kernel, source, other, pairs, (i, j, value) => {
    target[i * width + j] = value;
    if (!other) target[j * width + i] = value;
  });
}

/** The strip of rows `first` to before `first + STRIP` of a set against itself. */
export function* invariantBand(kernel: InvariantKernel, source: RowSource, first: number): Work<PairStrip[]> {
  const { size } = source;
  const strips: PairStrip[] = [];
  const rows = Math.min(STRIP, size - first);
  for (let column = 0; column < size; column += STRIP) {
    const columns = Math.min(STRIP, size - column);
    strips.push({
      row: first,
      column,
      rows,
      columns,
      values: new Float32Array(rows * columns),
      stride: columns,
    });
  }
  const pairs = { mirrored: true, once: false, firstRow: first, lastRow: first + STRIP };
  yield* eachValue(kernel, source, null, pairs, (i, j, value) => {
    const { values, column, columns } = strips[Math.floor(j / STRIP)];
    values[(i - first) * columns + j - column] = value;
  });
  return strips;
}

/** The value of one pair of a set, in double precision: that of {@link invariants}. */
export function* invariant(kernel: InvariantKernel, source: RowSource, i: number, j: number): Work<number> {
  const block = yield* pairBlock(source, Math.min(i, j), Math.max(i, j), ['white', 'white'], false);
  return reduction(kernel, source.outputs)(block);
}

function* eachValue(
  kernel: InvariantKernel,
  source: RowSource,
  other: RowSource | null,
  pairs: BlockPairs,
  take: (i: number, j: number, value: number) => void,
): Work<void> {
  const { outputs: d, self } = source;
  const side = (rows: RowSource): Side => ({ source: rows, kind: 'white' });
  const reduce = reduction(kernel, d);
  const block = new Float64Array(d * d);
  const visit: Visit = (i, j, values, place) => {
    // K^C(x,x) is the identity, or the projection that a singular K(x,x) leaves.
    if (!other && i === j) return take(i, j, self.rank[i] / d);
    for (let at = 0; at < block.length; at++) {
      block[at] = values[place + at * ENTRY];
      if (!Number.isFinite(block[at])) refuseValue(i, j);
    }
    take(i, j, reduce(block));
  };
  yield* eachPair(side(source), side(other ?? source), pairs, visit);
}

/** What makes a number of a block, which it destroys. */
function reduction(kernel: InvariantKernel, d: number): (block: Float64Array) => number {
  const reflects = kernel === 'orthogonal';
  const most = (value: number) => Math.min(1, value);
  if (d === 1) return ([k]) => Math.max(-1, most(reflects ? Math.abs(k) : k));
  if (d === 2) {
    return ([a, b, c, e]) => {
      // sqrt(|K|² + 2 det K), and with a reflection sqrt(|K|² - 2 det K).
      const rotated = hypotenuse(a + e, b - c) / 2;
      return most(reflects ? Math.max(rotated, hypotenuse(a - e, b + c) / 2) : rotated);
    };
  }
  const decompose = singularValues(d);
  return (block) => {
    const { sum, smallest, turned } = decompose(block);
    return most((turned && !reflects ? sum - 2 * smallest : sum) / d);
  };
}

/** Rounded alike by every engine, as Math.hypot need not be. */
function hypotenuse(x: number, y: number): number {
  return Math.sqrt(x * x + y * y);
}
