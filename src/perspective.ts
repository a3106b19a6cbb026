/**
 * A data set as a network sees it: gradient rows, and what follows from them. Everything here is linear algebra on
 * rows; methods can be called at any time, even together: they take turns on the kernel's memory.
 */
import type { NdArray } from './array.js';
import { NetkinError, refuse } from './errors.js';
import type { Examples, Inputs } from './inputs.js';
import { type Labels, labelTable, targets } from './labels.js';
import { LANES, TILE_BYTES } from './kernel/kernel.js';
import { probabilities } from './network/selection.js';
import { DensityCounter, type DensityKind, dotsWithSums, sumRows } from './similarity/density.js';
import { denoise, type Denoised } from './similarity/denoising.js';
import { type LayerShare, layerShares } from './similarity/explanation.js';
import { STRIP, type Strip, sweep, Tiles } from './similarity/gram.js';
import { type Neighbours, TopKeeper } from './similarity/neighbours.js';
import type { Rows, Variant } from './similarity/rows.js';
import { type Suspect, suspectClasses, suspectTargets, VOTERS } from './similarity/suspects.js';
import { decompose, mixed, type SelfKernels, selfBlocks } from './similarity/whitening.js';
import { run, type Watch } from './watch.js';

/**
 * - `'correlation'` k^C in [-1, 1], symmetric: Tr K^C / d (default);
 * - `'inner'` k^I = Tr K / d, unbounded, symmetric;
 * - `'influence'` k^N of row on column: how much f(column) moves when f(row) is moved by one; not symmetric.
 */
export type SimilarityKernel = 'correlation' | 'inner' | 'influence';

/** What the perspective knows of its network. */
export interface PerspectiveContext {
  /** Outputs of the network's heads, all of them, whatever was chosen to be compared. */
  readonly networkOutputs: number;
  /** Which network outputs the rows compare, or null for a contrast or a loss. */
  readonly compared: readonly number[] | null;
  /** Whether a final softmax was looked through. */
  readonly classifier: boolean;
  /** Captures another set into the same kernel memory. */
  capture(inputs: Inputs, watch: Watch): Promise<{ rows: Rows; examples: Examples }>;
  /** Refuses memory that the engine's limit does not allow. */
  reserve(bytes: number, what: string): void;
}

/** Flags that travel with every result. */
export interface Flags {
  /** Inputs with a zero gradient: their similarity is 0 to everything, themselves included. */
  readonly zero: readonly number[];
  /** Inputs whose d × d self kernel is singular; a pseudo-inverse was used. */
  readonly singular: readonly number[];
  /** Inputs whose self kernel is nearly singular: less exact. */
  readonly nearlySingular: readonly number[];
}

export class Perspective {
  /** The number of inputs. */
  readonly size: number;
  /** The number d of functions compared. */
  readonly outputs: number;
  /** Values of the network's outputs (logits under a looked-through softmax), n × network outputs. */
  readonly logits: Float32Array;
  readonly #rows: Rows;
  readonly #context: PerspectiveContext;
  #self: SelfKernels | undefined;
  #whitened: Variant | undefined;
  #last: Promise<unknown> = Promise.resolve();

  /** @internal made by `engine.perspective` */
  constructor(rows: Rows, logits: Float32Array, context: PerspectiveContext) {
    this.size = rows.size;
    this.outputs = rows.outputs;
    this.logits = logits;
    this.#rows = rows;
    this.#context = context;
    if (this.#selves.zero.length === this.size) {
      refuse(
        'input',
        `The chosen outputs have a zero gradient at ${this.size === 1 ? 'the only input' : `all ${this.size} inputs`}: nothing can be compared. Summed probabilities or a dead network do that; choose other outputs or parameters.`,
      );
    }
  }

  get flags(): Flags {
    const { zero, singular, nearlySingular } = this.#selves;
    return { zero, singular, nearlySingular };
  }

  /** K(x,x) of every input, n × d × d. */
  get selfKernels(): NdArray<Float64Array> {
    return { shape: [this.size, this.outputs, this.outputs], data: this.#selves.blocks };
  }

  /** k^C of inputs i and j, in [-1, 1]. */
  async similarity(i: number, j: number): Promise<number> {
    this.#assertInput(i);
    this.#assertInput(j);
    if (i === j) return this.#selves.rank[i] / this.outputs;
    const shares = await this.explain(i, j);
    return Math.min(1, Math.max(-1, shares.similarity));
  }

  /** K^C(x_i, x_j) = K(x_i,x_i)^-½ K(x_i,x_j) K(x_j,x_j)^-½, d × d row-major; singular values at most 1. */
  async block(i: number, j: number): Promise<Float64Array> {
    this.#assertInput(i);
    this.#assertInput(j);
    return this.#exclusive(() => {
      const white = this.#white();
      return pairBlock(white, white, i, j);
    });
  }

  /** How much each layer contributes to k^C(i, j); the shares sum to the similarity. */
  async explain(i: number, j: number): Promise<{ similarity: number; layers: LayerShare[] }> {
    this.#assertInput(i);
    this.#assertInput(j);
    return this.#exclusive(() => layerShares(this.#white(), i, j));
  }

  /** All pairs, n × n, row-major float32. The only call that stores N × N values. */
  async matrix(options: { kernel?: SimilarityKernel } & Watch = {}): Promise<NdArray<Float32Array>> {
    return this.#matrix(options, null);
  }

  /** This set (rows) against other inputs (columns), n × m. */
  async against(inputs: Inputs, options: { kernel?: SimilarityKernel } & Watch = {}): Promise<NdArray<Float32Array>> {
    return this.#with(inputs, options, (other) => this.#matrix(options, other));
  }

  /**
   * d × d blocks of all pairs, n × n × d × d (or n × m × d × d against other inputs): K^C, K, or, for 'influence',
   * K^N(x_j, x_i) = K(x_j,x_i) K(x_i,x_i)^-1 at (i, j).
   */
  async blocks(options: { kernel?: SimilarityKernel; against?: Inputs } & Watch = {}): Promise<NdArray<Float32Array>> {
    if (options.against) return this.#with(options.against, options, (other) => this.#blocks(options, other));
    return this.#blocks(options, null);
  }

  /** Strips of the similarity matrix as they are computed; `values` (rows × columns) is yours to keep. */
  async *tiles(options: { kernel?: SimilarityKernel } & Watch = {}): AsyncGenerator<{
    row: number;
    column: number;
    rows: number;
    columns: number;
    values: Float32Array;
  }> {
    const kernel = options.kernel ?? 'correlation';
    for (let row = 0; row < this.size; row += STRIP) {
      const found: { row: number; column: number; rows: number; columns: number; values: Float32Array }[] = [];
      await this.#exclusive(async () => {
        const [left, right] = this.#sides(kernel, null);
        const { arena } = this.#rows;
        const range = { symmetric: false, firstRow: row, lastRow: row + STRIP };
        const work = sweep(left, right, { ...this.#sweepOptions(kernel, null), ...range });
        await run('similarities', each(work, (strip) => found.push({ ...shape(strip), values: copy(arena, strip) })), options);
      });
      yield* found;
    }
  }

  /**
   * The k most similar inputs, best first, ties by smaller index.
   * @param of one input of the set, by index, or other inputs; default: every input of the set
   * @param k default 10, at most n; an input of the set counts itself, first, with similarity 1
   */
  async nearest(of?: number | Inputs, k = Math.min(10, this.size), options: Watch = {}): Promise<Neighbours> {
    if (!Number.isInteger(k) || k < 1) refuse('usage', `k is ${k}; it must be a whole number from 1 to ${this.size}.`);
    if (k > this.size) refuse('usage', `k is ${k}, but the set has only ${this.size} inputs.`);
    if (typeof of === 'number') {
      this.#assertInput(of);
      return this.#exclusive(() => this.#nearestOf(of, k, options));
    }
    if (of !== undefined) return this.#with(of, options, (other) => this.#nearest(k, options, other, false));
    return this.#exclusive(() => this.#nearest(k, options, null, false));
  }

  /**
   * The k nearest other inputs of every input: itself left out.
   * @param options.visit sees every strip of pairs on the way; each row's strips come in ascending order
   */
  async nearestOthers(k: number, options: { visit?: (strip: PairStrip) => void } & Watch = {}): Promise<Neighbours> {
    if (!Number.isInteger(k) || k < 1 || k >= this.size) {
      refuse('usage', `k is ${k}; with ${this.size} inputs there are at most ${this.size - 1} others.`);
    }
    return this.#exclusive(() => this.#nearest(k, options, null, true));
  }

  /**
   * How many inputs the network holds to be like each input, itself counted. 'soft' (in (-n, n]) is linear in n and d;
   * `{ hard: τ }` counts k^C >= τ; `{ power: α }` sums k^C to the α > 0 over positive k^C.
   */
  async density(kind: DensityKind = 'soft', options: Watch = {}): Promise<Float32Array> {
    if (kind !== 'soft') {
      if ('hard' in kind && !Number.isFinite(kind.hard)) refuse('usage', `The threshold is ${kind.hard}; give a number in [-1, 1].`);
      if ('power' in kind && !(kind.power > 0 && Number.isFinite(kind.power))) {
        refuse('usage', `The power is ${kind.power}; give a number above 0.`);
      }
    }
    return this.#exclusive(async () => {
      const { arena } = this.#rows;
      const white = this.#white();
      const mark = arena.mark();
      try {
        if (kind === 'soft') {
          const sums = await run('sums', sumRows(white), options);
          const dots = await run('density', dotsWithSums(white, sums), options);
          return Float32Array.from(dots, (value) => value / this.outputs);
        }
        const counter = new DensityCounter(this.#rows, kind);
        const work = sweep(white, white, this.#sweepOptions('correlation', null));
        await run('density', each(work, (strip) => counter.absorb(strip)), options);
        return Float32Array.from(counter.result());
      } finally {
        arena.release(mark);
      }
    });
  }

  /**
   * 1 / sum_x' k^N(x, x') for every input, linear in n: large where nothing else pulls at the output. NaN where the
   * gradient is zero (see `flags`).
   */
  async uncertainty(options: Watch = {}): Promise<Float32Array> {
    return this.#exclusive(async () => {
      const { arena } = this.#rows;
      const mark = arena.mark();
      try {
        const divided = mixed(this.#rows, this.#selves.inverses);
        const sums = await run('sums', sumRows(this.#rows.raw), options);
        const dots = await run('uncertainty', dotsWithSums(divided, sums), options);
        return Float32Array.from(dots, (value, i) => (this.#selves.rank[i] === 0 ? NaN : this.outputs / value));
      } finally {
        arena.release(mark);
      }
    });
  }

  /**
   * Labels averaged with the network's own weights (method, section 4), the factor φ by which that shrinks label
   * noise, and the shift. Class ids become one-hot rows; a classifier's predictions are its probabilities.
   * @param options.inputs only for these inputs (all take part in the averages)
   */
  async denoise(labels: Labels, options: { inputs?: readonly number[] } & Watch = {}): Promise<Denoised> {
    const { compared, networkOutputs, classifier } = this.#context;
    if (!compared) refuse('usage', "denoise averages outputs: use output 'logits', 'all' or indices, of 'output'.");
    const table = labelTable(labels, this.size, networkOutputs, classifier);
    const values = classifier ? probabilities(this.logits, networkOutputs) : Float64Array.from(this.logits);
    const pick = (rows: Float64Array) => columns(rows, networkOutputs, compared);
    const chosen = options.inputs ? Int32Array.from(new Set(options.inputs)).sort() : Int32Array.from({ length: this.size }, (_, i) => i);
    for (const input of chosen) this.#assertInput(input);
    return this.#exclusive(() =>
      run('denoising', denoise(this.#rows, pick(targets(table, networkOutputs)), pick(values), chosen), options),
    );
  }

  /**
   * Labels that the nearest other inputs contradict, worst first; all of them, or the first `count`.
   * @param options.neighbours who votes, from `nearestOthers`; default: the 100 nearest others, fewer in a small set
   */
  async suspects(labels: Labels, count = this.size, options: { neighbours?: Neighbours } & Watch = {}): Promise<Suspect[]> {
    const { networkOutputs, classifier } = this.#context;
    const table = labelTable(labels, this.size, networkOutputs, classifier);
    if (!Number.isInteger(count) || count < 1) refuse('usage', `The count of suspects is ${count}; give a whole number above 0.`);
    if (this.size < 2) refuse('input', 'Suspects need at least 2 inputs: a label is judged by its neighbours.');
    const neighbours = options.neighbours ?? (await this.nearestOthers(Math.min(VOTERS, this.size - 1), options));
    const found = table.classes
      ? suspectClasses(neighbours, table.data, networkOutputs)
      : suspectTargets(neighbours, table.data, table.width);
    return found.slice(0, count);
  }

  get #selves(): SelfKernels {
    this.#self ??= decompose(selfBlocks(this.#rows), this.outputs);
    return this.#self;
  }

  #white(): Variant {
    if (!this.#whitened) {
      this.#context.reserve(variantBytes(this.#rows), 'whitened rows');
      this.#whitened = mixed(this.#rows, this.#selves.inverseRoots);
    }
    return this.#whitened;
  }

  #assertInput(index: number): void {
    if (Number.isInteger(index) && index >= 0 && index < this.size) return;
    refuse('usage', `Input ${index} does not exist: the set has inputs 0 to ${this.size - 1}.`);
  }

  /** Calls share one stack of kernel memory, so they wait for each other. */
  #exclusive<Result>(body: () => Result | Promise<Result>): Promise<Result> {
    const turn = this.#last.then(body);
    this.#last = turn.catch(() => undefined);
    return turn;
  }

  /** Captures other inputs next to this set for the length of `body`. */
  async #with<Result>(inputs: Inputs, watch: Watch, body: (other: Rows) => Result | Promise<Result>): Promise<Result> {
    return this.#exclusive(async () => {
      this.#white();
      const { arena } = this.#rows;
      const mark = arena.mark();
      try {
        const { rows } = await this.#context.capture(inputs, watch);
        return await body(rows);
      } finally {
        arena.release(mark);
      }
    });
  }

  /** The variants whose inner products are a kernel; memory above the caller's mark may be taken. */
  #sides(kernel: SimilarityKernel, other: Rows | null): [Variant, Variant] {
    switch (kernel) {
      case 'correlation': {
        const white = this.#white();
        return [white, other ? mixed(other, decompose(selfBlocks(other), this.outputs).inverseRoots) : white];
      }
      case 'inner':
        return [this.#rows.raw, other?.raw ?? this.#rows.raw];
      case 'influence':
        return [mixed(this.#rows, this.#selves.inverses), other?.raw ?? this.#rows.raw];
      default:
        kernel satisfies never;
        return refuse('usage', `There is no kernel '${kernel}': choose correlation, inner or influence.`);
    }
  }

  #sweepOptions(kernel: SimilarityKernel, other: Rows | null) {
    const diagonal = other || kernel === 'inner' ? undefined : Array.from(this.#selves.rank, (rank) => rank / this.outputs);
    return {
      scale: 1 / this.outputs,
      symmetric: !other && kernel !== 'influence',
      bounded: kernel === 'correlation',
      ...(diagonal && { diagonal }),
    };
  }

  async #matrix(options: { kernel?: SimilarityKernel } & Watch, other: Rows | null): Promise<NdArray<Float32Array>> {
    const kernel = options.kernel ?? 'correlation';
    const body = async () => {
      const { arena } = this.#rows;
      const width = other?.size ?? this.size;
      const result = allocateResult([this.size, width]);
      const mark = arena.mark();
      try {
        const [left, right] = this.#sides(kernel, other);
        const work = sweep(left, right, this.#sweepOptions(kernel, other));
        await run(
          'similarities',
          each(work, (strip) => {
            const values = arena.floats(strip.values, STRIP * STRIP);
            for (let r = 0; r < strip.rows; r++) {
              const from = values.subarray(r * STRIP, r * STRIP + strip.columns);
              result.data.set(from, (strip.row + r) * width + strip.column);
            }
          }),
          options,
        );
        return result;
      } finally {
        arena.release(mark);
      }
    };
    if (other) return body();
    if (kernel === 'correlation') await this.#exclusive(() => this.#white());
    return this.#exclusive(body);
  }

  async #blocks(options: { kernel?: SimilarityKernel } & Watch, other: Rows | null): Promise<NdArray<Float32Array>> {
    const kernel = options.kernel ?? 'correlation';
    const body = async () => {
      const { arena } = this.#rows;
      const d = this.outputs;
      const width = other?.size ?? this.size;
      const result = allocateResult([this.size, width, d, d]);
      const mark = arena.mark();
      try {
        const [left, right] = this.#sides(kernel, other);
        await run('blocks', allBlocks(left, right, kernel === 'influence', result.data), options);
        return result;
      } finally {
        arena.release(mark);
      }
    };
    if (other) return body();
    if (kernel === 'correlation') await this.#exclusive(() => this.#white());
    return this.#exclusive(body);
  }

  async #nearest(
    k: number,
    options: { visit?: (strip: PairStrip) => void } & Watch,
    other: Rows | null,
    leaveOutSelf: boolean,
  ): Promise<Neighbours> {
    const { arena } = this.#rows;
    const white = this.#white();
    const mark = arena.mark();
    try {
      // Queries stand in the rows: the neighbours of each come from the columns, this set.
      const queries = other ? this.#sides('correlation', other)[1] : white;
      const keeper = new TopKeeper(this.#rows, queries.rows.size, k, leaveOutSelf);
      const work = sweep(queries, white, this.#sweepOptions('correlation', other));
      const absorb = (strip: Strip) => {
        keeper.absorb(strip);
        options.visit?.({ ...shape(strip), values: arena.floats(strip.values, STRIP * STRIP), stride: STRIP });
      };
      await run('neighbours', each(work, absorb), options);
      return keeper.result();
    } finally {
      arena.release(mark);
    }
  }

  async #nearestOf(index: number, k: number, options: Watch): Promise<Neighbours> {
    const { arena } = this.#rows;
    const white = this.#white();
    const mark = arena.mark();
    try {
      const keeper = new TopKeeper(this.#rows, this.size, k, false);
      const panel = Math.floor(index / LANES) * LANES;
      const range = { symmetric: false, firstRow: panel, lastRow: panel + LANES };
      const work = sweep(white, white, { ...this.#sweepOptions('correlation', null), ...range });
      await run('neighbours', each(work, (strip) => keeper.absorb(strip)), options);
      const all = keeper.result();
      return {
        count: k,
        indices: all.indices.slice(index * k, (index + 1) * k),
        similarities: all.similarities.slice(index * k, (index + 1) * k),
      };
    } finally {
      arena.release(mark);
    }
  }
}

/** A strip of k^C values as visitors see it: value (r, c) stands at r · stride + c. Valid during the visit only. */
export interface PairStrip {
  readonly row: number;
  readonly column: number;
  readonly rows: number;
  readonly columns: number;
  readonly values: Float32Array;
  readonly stride: number;
}

const shape = ({ row, column, rows, columns }: Strip) => ({ row, column, rows, columns });

function copy(arena: Rows['arena'], strip: Strip): Float32Array {
  const values = arena.floats(strip.values, STRIP * STRIP);
  const result = new Float32Array(strip.rows * strip.columns);
  for (let r = 0; r < strip.rows; r++) result.set(values.subarray(r * STRIP, r * STRIP + strip.columns), r * strip.columns);
  return result;
}

function* each(work: Generator<Strip, void>, visit: (strip: Strip) => void): Generator<number, void> {
  for (const strip of work) {
    visit(strip);
    yield strip.done;
  }
}

/** One d × d block of two inputs, row-major. */
function pairBlock(left: Variant, right: Variant, i: number, j: number): Float64Array {
  const { arena, outputs: d } = left.rows;
  const mark = arena.mark();
  try {
    const tiles = new Tiles(left, right);
    const blocks = arena.allocate(d * d * TILE_BYTES);
    tiles.blocks(Math.floor(i / LANES), Math.floor(j / LANES), blocks);
    const values = arena.doubles(blocks, d * d * LANES * LANES);
    const place = (i % LANES) * LANES + (j % LANES);
    return Float64Array.from({ length: d * d }, (_, entry) => values[entry * LANES * LANES + place]);
  } finally {
    arena.release(mark);
  }
}

/** Every d × d block into n × m × d × d; `turned` puts the right input's output first. */
function* allBlocks(left: Variant, right: Variant, turned: boolean, target: Float32Array): Generator<number, void> {
  const { arena, outputs: d } = left.rows;
  const width = right.rows.size;
  const mark = arena.mark();
  try {
    const tiles = new Tiles(left, right);
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
                target[to + a * d + b] = values[(entry * LANES + r) * LANES + c];
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

function columns(rows: Float64Array, width: number, chosen: readonly number[]): Float64Array {
  const result = new Float64Array((rows.length / width) * chosen.length);
  for (let i = 0; i < result.length; i++) result[i] = rows[Math.floor(i / chosen.length) * width + chosen[i % chosen.length]];
  return result;
}

function variantBytes(rows: Rows): number {
  return rows.terms.reduce((sum, term) => sum + rows.panels * rows.rightBytes(term), 0);
}

function allocateResult(extents: number[]): NdArray<Float32Array> {
  const length = extents.reduce((product, extent) => product * extent, 1);
  try {
    return { shape: extents, data: new Float32Array(length) };
  } catch (cause) {
    throw new NetkinError(
      'memory',
      `A result of ${extents.join(' × ')} float32 values (${(length / 2 ** 28).toFixed(1)} GiB) does not fit into one array; use nearest or density, which never store it.`,
      { cause },
    );
  }
}
