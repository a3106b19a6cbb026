/**
 * Gradient rows and everything that is computed from them, as work that yields the share done. One comparison owns
 * one stack of kernel memory: run one piece of work to its end, or return it, before the next.
 */

import { refuse } from '../errors.js';
import { LANES } from '../kernel/kernel.js';
import { awaited, type Work } from '../work.js';
import { type Side, STRIP } from './blockwise.js';
import { DensityCounter, type DensityKind, dotsWithSum } from './density.js';
import { type Explained, layerShares } from './explanation.js';
import {
  type BlockKernel,
  isInvariant,
  kindsOf,
  type OutputKernel,
  type SimilarityKernel,
} from './kernels.js';
import { joined, type Neighbours, TopKeeper, withItself } from './neighbours.js';
import type { RowSource } from './source.js';
import { refuseValue, type Strip, type SweepOptions, sweep } from './strips.js';

/** A strip of k^C values as visitors see it: value (r, c) stands at r · stride + c. Valid during the visit only. */
export interface PairStrip {
  readonly row: number;
  readonly column: number;
  readonly rows: number;
  readonly columns: number;
  readonly values: Float32Array;
  readonly stride: number;
}

export class Comparison {
  readonly source: RowSource;

  constructor(source: RowSource) {
    this.source = source;
  }

  /** All pairs, or this set (rows) against another (columns), into n × m values. */
  *matrix(kernel: SimilarityKernel, other: RowSource | null, target: Float32Array): Work<void> {
    const { source } = this;
    if (isInvariant(kernel)) {
      yield* this.#phase(kernel, other, function* () {
        const { invariants } = yield* awaited(import('./invariant.js'));
        yield* invariants(kernel, source, other, target);
      });
      return;
    }
    const width = other?.size ?? source.size;
    yield* this.#phase(kernel, other, () =>
      this.#strips(kernel, other, {}, (strip, values) => {
        for (let r = 0; r < strip.rows; r++) {
          const from = values.subarray(r * STRIP, r * STRIP + strip.columns);
          target.set(from, (strip.row + r) * width + strip.column);
        }
      }),
    );
  }

  /** The strips of rows `first` to before `first + STRIP`, as copies. */
  *band(kernel: SimilarityKernel, first: number): Work<PairStrip[]> {
    const { source } = this;
    if (isInvariant(kernel)) {
      return yield* this.#phase(kernel, null, function* () {
        const { invariantBand } = yield* awaited(import('./invariant.js'));
        return yield* invariantBand(kernel, source, first);
      });
    }
    const found: PairStrip[] = [];
    const range = { symmetric: false, firstRow: first, lastRow: first + STRIP };
    yield* this.#phase(kernel, null, () =>
      this.#strips(kernel, null, range, ({ row, column, rows, columns }, values) => {
        const copy = new Float32Array(rows * columns);
        for (let r = 0; r < rows; r++) copy.set(values.subarray(r * STRIP, r * STRIP + columns), r * columns);
        found.push({ row, column, rows, columns, values: copy, stride: columns });
      }),
    );
    return found;
  }

  /** Blocks of all pairs into n × m × d × d; see blocks.ts. */
  *blocks(kernel: BlockKernel, other: RowSource | null, target: Float32Array): Work<void> {
    const comparison = this;
    yield* this.#phase(kernel, other, function* () {
      const { allBlocks } = yield* awaited(import('./blocks.js'));
      const [left, right] = comparison.#sides(kernel, other);
      yield* allBlocks(left, right, kernel === 'influence', target);
    });
  }

  /** The block of one pair, d × d. */
  *block(kernel: BlockKernel, i: number, j: number): Work<Float64Array> {
    const { source } = this;
    return yield* this.#phase(kernel, null, function* () {
      const { pairBlock } = yield* awaited(import('./blocks.js'));
      return yield* pairBlock(source, i, j, kindsOf(kernel), kernel === 'influence');
    });
  }

  /** The value of one pair, in double precision. */
  *similarity(kernel: SimilarityKernel, i: number, j: number): Work<number> {
    const { source } = this;
    if (kernel !== 'inner' && i === j) return this.#own(i);
    if (isInvariant(kernel)) {
      return yield* this.#phase(kernel, null, function* () {
        const { invariant } = yield* awaited(import('./invariant.js'));
        return yield* invariant(kernel, source, i, j);
      });
    }
    const block = yield* this.block(kernel, i, j);
    const d = source.outputs;
    const mean = block.reduce((sum, value, at) => (at % (d + 1) === 0 ? sum + value : sum), 0) / d;
    // Rounding may lead beyond the bound.
    return kernel === 'correlation' ? Math.min(1, Math.max(-1, mean)) : mean;
  }

  /** Every output of all pairs by itself, into n × m × d values; see per-output.ts. */
  *perOutput(kernel: OutputKernel, other: RowSource | null, target: Float32Array): Work<void> {
    const { source } = this;
    yield* this.#phase('inner', other, function* () {
      const { perOutput } = yield* awaited(import('./per-output.js'));
      yield* perOutput(kernel, source, other, target);
    });
  }

  /** Shares of the layers in k^C of input i, or the only input of another set, and each of `others`. */
  *shares(i: number | RowSource, others: readonly number[]): Work<Explained[]> {
    const { source } = this;
    const { arena } = source.site;
    return yield* this.#phase('correlation', typeof i === 'number' ? null : i, function* () {
      const own = typeof i === 'number' ? yield* source.few('white', [i]) : yield* i.few('white', [0]);
      const found: Explained[] = [];
      for (let first = 0; first < others.length; first += LANES) {
        const panel = others.slice(first, first + LANES);
        const mark = arena.mark();
        try {
          found.push(...layerShares(own, yield* source.few('white', panel)));
        } finally {
          arena.release(mark);
        }
        yield Math.min(1, (first + LANES) / others.length);
      }
      const wrong = found.findIndex(({ similarity }) => !Number.isFinite(similarity));
      return wrong < 0 ? found : refuseValue(typeof i === 'number' ? i : 0, others[wrong]);
    });
  }

  /** The k most similar inputs of this set to every input of `queries`. */
  *nearest(k: number, queries: RowSource): Work<Neighbours> {
    const comparison = this;
    return yield* this.#phase('correlation', queries, function* () {
      const [white, asking] = comparison.#sides('correlation', queries);
      const keeper = new TopKeeper(comparison.source.site, 0, queries.size, k, false);
      const options = { ...comparison.#sweepOptions('correlation', queries), question: keeper };
      yield* sweep(asking, white, options, (strip) => keeper.absorb(strip));
      return keeper.result();
    });
  }

  /**
   * The k most similar other inputs of every input, or of those in `range` (in panels of 16).
   * @param visit sees every strip on the way
   */
  *nearestOthers(
    k: number,
    visit?: (strip: PairStrip) => void,
    range: Partial<SweepOptions> = {},
  ): Work<Neighbours> {
    const comparison = this;
    return yield* this.#phase('correlation', null, function* () {
      const { site, size } = comparison.source;
      const { firstRow = 0, lastRow = size } = range;
      const height = Math.min(lastRow, size) - firstRow;
      const keeper = new TopKeeper(site, firstRow, height, k, true);
      // Visitors see exact values, all of them.
      const question = visit ? {} : { question: keeper };
      yield* comparison.#strips('correlation', null, { ...range, ...question }, (strip, values) => {
        keeper.absorb(strip);
        const { row, column, rows, columns } = strip;
        visit?.({ row, column, rows, columns, values, stride: STRIP });
      });
      return keeper.result();
    });
  }

  /** The k most similar inputs of every input: itself stands before its equals. */
  *nearestWithSelf(k: number): Work<Neighbours> {
    const others = yield* this.nearestOthers(Math.min(k, this.source.size - 1));
    const rows = Array.from({ length: this.source.size }, (_, input) =>
      withItself(others, input, input, this.#own(input), k),
    );
    return joined(rows, k);
  }

  /** The same for one input. */
  *nearestOf(input: number, k: number): Work<Neighbours> {
    const firstRow = Math.floor(input / LANES) * LANES;
    const range = { symmetric: false, firstRow, lastRow: firstRow + LANES };
    const others = yield* this.nearestOthers(Math.min(k, this.source.size - 1), undefined, range);
    return withItself(others, input - firstRow, input, this.#own(input), k);
  }

  /** k(x,x): 1, or the share of outputs that a singular K(x,x) leaves. */
  #own(input: number): number {
    return this.source.self.rank[input] / this.source.outputs;
  }

  /** Counts of this set's inputs around each of them, or around those of another set; see density.ts. */
  *density(kind: DensityKind, other: RowSource | null): Work<Float64Array> {
    const comparison = this;
    const { source } = this;
    return yield* this.#phase('correlation', other, function* () {
      const [white, around] = comparison.#sides('correlation', other);
      if (kind === 'soft') {
        const dots = yield* dotsWithSum(white, around);
        return dots.map((value) => value / source.outputs);
      }
      const counter = new DensityCounter(source.site, around.source.size, kind);
      const question = 'hard' in kind ? { question: { threshold: kind.hard } } : {};
      const options = { ...comparison.#sweepOptions('correlation', other), ...question };
      yield* sweep(around, white, options, (strip) => counter.absorb(strip));
      return counter.result();
    });
  }

  /** 1 / sum_x' k^N(x, x'); NaN where the gradient is zero (method, section 3). */
  *uncertainty(): Work<Float64Array> {
    const { source } = this;
    return yield* this.#phase('influence', null, function* () {
      const dots = yield* dotsWithSum({ source, kind: 'raw' }, { source, kind: 'divided' });
      return dots.map((value, i) => (source.self.rank[i] === 0 ? NaN : source.outputs / value));
    });
  }

  /** Frees what `work` takes; whitened rows, of this set and of the other, come first, since they stay. */
  *#phase<Result>(kernel: SimilarityKernel, other: RowSource | null, work: () => Work<Result>): Work<Result> {
    const [own, others] = kindsOf(kernel);
    this.source.prepare(own);
    other?.prepare(others);
    const { arena } = this.source.site;
    const mark = arena.mark();
    try {
      return yield* work();
    } finally {
      arena.release(mark);
    }
  }

  *#strips(
    kernel: SimilarityKernel,
    other: RowSource | null,
    range: Partial<SweepOptions>,
    visit: (strip: Strip, values: Float32Array) => void,
  ): Work<void> {
    const [left, right] = this.#sides(kernel, other);
    const options = { ...this.#sweepOptions(kernel, other), ...range };
    yield* sweep(left, right, options, (strip) => {
      visit(strip, this.source.site.arena.floats(strip.values, STRIP * STRIP));
    });
  }

  /** The variants whose inner products are a kernel. */
  #sides(kernel: SimilarityKernel, other: RowSource | null): [Side, Side] {
    const [left, right] = kindsOf(kernel);
    if (kernel === 'inner') this.#assertFloat();
    return [
      { source: this.source, kind: left },
      { source: other ?? this.source, kind: right },
    ];
  }

  /** Inner products outside float32 would come out as 0, NaN or infinity. */
  #assertFloat(): void {
    const { outputs: d, size } = this.source;
    const { blocks, rank } = this.source.self;
    for (let input = 0; input < size; input++) {
      if (rank[input] === 0) continue;
      let trace = 0;
      for (let c = 0; c < d; c++) trace += blocks[(input * d + c) * d + c] / d;
      if (trace > 1e-30 && trace < 1e37) continue;
      refuse(
        'input',
        `The inner product of input ${input} with itself is ${trace.toExponential(1)}, outside what float32 results hold; correlations have no scale.`,
      );
    }
  }

  #sweepOptions(kernel: SimilarityKernel, other: RowSource | null): SweepOptions {
    const { outputs, self } = this.source;
    const known = other || kernel === 'inner' ? null : Array.from(self.rank, (_, input) => this.#own(input));
    return {
      scale: 1 / outputs,
      symmetric: !other && kernel !== 'influence',
      bounded: kernel === 'correlation',
      ...(known && { diagonal: known }),
    };
  }
}
