/** A perspective whose gradient rows lie in this thread's kernel memory, or are brought into it when needed. */
import type { NdArray } from '../array.js';
import { dispose } from '../disposal.js';
import type { OutputSpec } from '../ending.js';
import { NetkinError, refuse } from '../errors.js';
import type { PixelRange } from '../format/image-inputs.js';
import type { IndexFile } from '../format/index-file.js';
import type { RowError } from '../format/index-header.js';
import type { Inputs } from '../inputs.js';
import { type Labels, labelTable } from '../labels.js';
import type {
  BlockOptions,
  BlocksOptions,
  ExplainOptions,
  FitOptions,
  Flags,
  KernelOptions,
  PerOutputOptions,
  Perspective,
  SaveOptions,
} from '../perspective.js';
import { bands } from '../similarity/bands.js';
import { Comparison, isWhite, type PairStrip, type SimilarityKernel } from '../similarity/comparison.js';
import type { Corrected } from '../similarity/correction.js';
import type { Denoised } from '../similarity/denoising.js';
import type { DensityKind } from '../similarity/density.js';
import type { Explained } from '../similarity/explanation.js';
import type { Fit } from '../similarity/fit.js';
import type { Neighbours } from '../similarity/neighbours.js';
import type { RowSource } from '../similarity/source.js';
import type { Suspect } from '../similarity/suspects.js';
import { run, type Watch } from '../watch.js';
import { awaited, type Work } from '../work.js';
import { assertCount, assertInputs, assertKind } from './arguments.js';
import { attachedOf, rowTypeOf } from './attaching.js';
import type { Identity } from './identity.js';
import type { Labelled } from './labelled.js';
import type { Attached } from './stored-index.js';

/** What the perspective knows of its network. */
export interface PerspectiveContext {
  /** The network's output layers, all of them, whatever was chosen to be compared. */
  readonly heads: readonly OutputSpec[];
  /** Which network outputs the rows compare, or null for a contrast or a loss. */
  readonly compared: readonly number[] | null;
  readonly parameters: readonly { readonly name: string; readonly shape: readonly number[] }[];
  /** Whether {@link PerspectiveContext.capture} can do so: the labels of others are not known. */
  readonly comparesOthers: boolean;
  /** Captures another set into the same kernel memory. */
  capture(inputs: Inputs, watch: Watch): Promise<RowSource>;
  /** What an index has to say of the network, and of the options under which it is seen. */
  identify(): Work<Identity>;
  /** Lets workers forget the memory. */
  release(): void;
}

/** What came with the rows out of an index. */
export interface Opened {
  readonly attached: Attached;
  readonly density: Float32Array;
  readonly rowError: RowError | null;
  /** The index itself, where its rows are rounded or not held. */
  readonly file: IndexFile | null;
}

/** Perspectives that go with the garbage release their workers' view of the memory, too. */
const forgotten = new FinalizationRegistry<() => void>((release) => release());

export class LocalPerspective implements Perspective {
  readonly size: number;
  readonly outputs: number;
  readonly compared: readonly number[] | null;
  readonly comparesOthers: boolean;
  readonly labels: NdArray<Float64Array> | null;
  readonly classes: readonly string[] | null;
  readonly pixels: PixelRange | null;
  readonly names: readonly string[] | null;
  readonly thumbnails: NdArray<Uint8Array> | null;
  readonly rowError: RowError | null;
  #held: Comparison | null;
  readonly #logits: Float32Array;
  readonly #context: PerspectiveContext;
  readonly #opened: Opened | null;
  #last: Promise<unknown> = Promise.resolve();
  // Copies, the caller's to change: nothing is computed from them.
  #shownLogits: Float32Array | undefined;
  #shownKernels: NdArray<Float64Array> | undefined;
  #shownRanks: Int32Array | undefined;

  /** @internal made by `engine.perspective` and `engine.reopen` */
  constructor(
    source: RowSource,
    logits: Float32Array,
    context: PerspectiveContext,
    opened: Opened | null = null,
  ) {
    this.size = source.size;
    this.outputs = source.outputs;
    this.compared = context.compared && [...context.compared];
    this.#logits = logits.slice(); // of an index, they are the caller's
    this.comparesOthers = context.comparesOthers;
    this.labels = opened?.attached.labels ?? null;
    this.classes = opened?.attached.classes ?? null;
    this.pixels = opened?.attached.pixels ?? null;
    this.names = opened?.attached.names ?? null;
    this.thumbnails = opened?.attached.thumbnails ?? null;
    this.rowError = opened?.rowError ?? null;
    this.#context = context;
    this.#opened = opened;
    this.#held = new Comparison(source);
    forgotten.register(this, context.release);
    if (this.#comparison.source.self.zero.length === this.size) {
      const where = this.size === 1 ? 'the only input' : `all ${this.size} inputs`;
      refuse(
        'input',
        `The chosen outputs have a zero gradient at ${where}: nothing can be compared. Summed probabilities or a dead network do that; choose other outputs or parameters.`,
      );
    }
  }

  /** Gives the gradient rows back at once; without it they go with the garbage. Later calls are refused. */
  [dispose](): void {
    this.#held = null;
    // A call under way still needs its workers.
    this.#last.finally(() => this.#context.release());
  }

  get #comparison(): Comparison {
    return this.#held ?? refuse('usage', 'This perspective was disposed of; capture the inputs again.');
  }

  get held(): boolean {
    return this.#comparison.source.inputBytes === 0;
  }

  get flags(): Flags {
    const { zero, singular, nearlySingular } = this.#comparison.source.self;
    return { zero: [...zero], singular: [...singular], nearlySingular: [...nearlySingular] };
  }

  get logits(): Float32Array {
    this.#shownLogits ??= this.#logits.slice();
    return this.#shownLogits;
  }

  get ranks(): Int32Array {
    this.#shownRanks ??= this.#comparison.source.self.rank.slice();
    return this.#shownRanks;
  }

  get selfKernels(): NdArray<Float64Array> {
    const { blocks } = this.#comparison.source.self;
    this.#shownKernels ??= { shape: [this.size, this.outputs, this.outputs], data: blocks.slice() };
    return this.#shownKernels;
  }

  async similarity(i: number, j: number, options: KernelOptions = {}): Promise<number> {
    assertInputs([i, j], this.size);
    const { kernel = 'correlation' } = options;
    return this.#run('similarity', () => this.#comparison.similarity(kernel, i, j), options);
  }

  async block(i: number, j: number, options: BlockOptions = {}): Promise<Float64Array> {
    assertInputs([i, j], this.size);
    const { kernel = 'correlation' } = options;
    return this.#run('block', () => this.#comparison.block(kernel, i, j), options);
  }

  explain(of: number | Inputs, j: number, options?: ExplainOptions): Promise<Explained>;
  explain(of: number | Inputs, j: readonly number[], options?: ExplainOptions): Promise<Explained[]>;
  async explain(
    of: number | Inputs,
    j: number | readonly number[],
    options: ExplainOptions = {},
  ): Promise<Explained | Explained[]> {
    const several = Array.isArray(j);
    const found = await this.#explain(of, several ? [...j] : [j as number], options);
    return several ? found : found[0];
  }

  async #explain(
    of: number | Inputs,
    others: readonly number[],
    options: ExplainOptions,
  ): Promise<Explained[]> {
    assertInputs(others, this.size);
    if (options.activities !== undefined)
      assertCount(options.activities, Infinity, 'the activities of each layer');
    if (typeof of === 'number') {
      assertInputs([of], this.size);
      return this.#run('shares', () => this.#shares(of, others, options), options);
    }
    return this.#with(of, options, (other) => {
      if (other.size > 1) refuse('usage', `One input can be explained at a time; these are ${other.size}.`);
      return run('shares', this.#shares(other, others, options), options);
    });
  }

  *#shares(
    of: number | RowSource,
    others: readonly number[],
    { similarities = false, activities = 0 }: ExplainOptions,
  ): Work<Explained[]> {
    const { source } = this.#comparison;
    // Its whitened rows stay as well: needed for the details again.
    if (typeof of !== 'number') of.prepare('white');
    const found = yield* this.#comparison.shares(of, others);
    if (!similarities && activities === 0) return found;
    const { detailed } = yield* awaited(import('../similarity/details.js'));
    const shapes = new Map(this.#context.parameters.map(({ name, shape }) => [name, shape]));
    return yield* detailed(source, of, others, found, { similarities, activities, shapes });
  }

  async matrix(options: KernelOptions = {}): Promise<NdArray<Float32Array>> {
    return this.#exclusive(() => this.#matrix(options, null));
  }

  async against(inputs: Inputs, options: KernelOptions = {}): Promise<NdArray<Float32Array>> {
    return this.#with(inputs, options, (other) => this.#matrix(options, other));
  }

  async blocks(options: BlocksOptions = {}): Promise<NdArray<Float32Array>> {
    return this.#beside(options, options.kernel, (other) => this.#blocks(options, other));
  }

  async perOutput(options: PerOutputOptions = {}): Promise<NdArray<Float32Array>> {
    return this.#beside(options, 'inner', (other) => this.#perOutput(options, other));
  }

  tiles(options: KernelOptions = {}): AsyncGenerator<Omit<PairStrip, 'stride'>> {
    return bands(this.size, (row) => this.band(row, options));
  }

  /** @internal the strips of up to 256 rows from `row` on */
  band(row: number, options: KernelOptions = {}): Promise<PairStrip[]> {
    const work = () => this.#comparison.band(options.kernel ?? 'correlation', row);
    return this.#run('similarities', work, options);
  }

  async nearest(of?: number | Inputs, k = Math.min(10, this.size), options: Watch = {}): Promise<Neighbours> {
    assertCount(k, this.size, `the set has ${this.size} inputs`);
    if (typeof of === 'number') {
      assertInputs([of], this.size);
      return this.#run('neighbours', () => this.#comparison.nearestOf(of, k), options);
    }
    if (of)
      return this.#with(of, options, (other) =>
        run('neighbours', this.#comparison.nearest(k, other), options),
      );
    return this.#run('neighbours', () => this.#comparison.nearestWithSelf(k), options);
  }

  async nearestOthers(
    k: number,
    options: { readonly visit?: (strip: PairStrip) => void } & Watch = {},
  ): Promise<Neighbours> {
    assertCount(k, this.size - 1, `with ${this.size} inputs there are ${this.size - 1} others`);
    return this.#run('neighbours', () => this.#comparison.nearestOthers(k, options.visit), options);
  }

  async density(
    kind: DensityKind = 'soft',
    options: { readonly of?: Inputs } & Watch = {},
  ): Promise<Float32Array> {
    assertKind(kind);
    if (kind === 'soft' && !options.of && this.#opened) {
      this.#comparison; // refuses where the perspective was disposed of
      return this.#opened.density.slice();
    }
    const counts = options.of
      ? this.#with(options.of, options, (other) =>
          run('density', this.#comparison.density(kind, other), options),
        )
      : this.#run('density', () => this.#comparison.density(kind, null), options);
    return Float32Array.from(await counts);
  }

  async uncertainty(options: Watch = {}): Promise<Float32Array> {
    return Float32Array.from(await this.#run('uncertainty', () => this.#comparison.uncertainty(), options));
  }

  async denoise(
    labels: Labels,
    options: { readonly inputs?: readonly number[] } & Watch = {},
  ): Promise<Denoised> {
    const labelled = this.#labelled(labels);
    const inputs = options.inputs && [...options.inputs];
    const perspective = this;
    const work = function* (): Work<Denoised> {
      const { denoised } = yield* awaited(import('./averaging.js'));
      return yield* denoised(perspective.#comparison.source, labelled, inputs);
    };
    return this.#run('denoising', work, options);
  }

  async correct(labels: Labels, rounds: number, options: Watch = {}): Promise<Corrected> {
    const labelled = this.#labelled(labels);
    const perspective = this;
    const work = function* (): Work<Corrected> {
      const { corrected } = yield* awaited(import('./averaging.js'));
      return yield* corrected(perspective.#comparison.source, labelled, rounds);
    };
    return this.#run('correction', work, options);
  }

  async fit(labels: Labels, options: FitOptions = {}): Promise<Fit> {
    const labelled = this.#labelled(labels);
    const { fitted } = await import('./neighbourhoods.js');
    return fitted(this, labelled, options);
  }

  async suspects(
    labels: Labels,
    count = this.size,
    options: { readonly neighbours?: Neighbours } & Watch = {},
  ): Promise<Suspect[]> {
    const labelled = this.#labelled(labels);
    const { suspects } = await import('./neighbourhoods.js');
    return suspects(this, labelled, count, options);
  }

  /** Checked, and copied at once: what the caller does to the labels meanwhile must not count. */
  #labelled(labels: Labels): Labelled {
    const { heads, compared } = this.#context;
    const table = labelTable(labels, this.size, heads);
    return {
      heads,
      compared,
      logits: this.#logits,
      table: { ...table, data: Float64Array.from(table.data) },
    };
  }

  async save(options: SaveOptions = {}): Promise<Uint8Array> {
    const { file: opened = null, density = null } = this.#opened ?? {};
    const rows = rowTypeOf(options, opened?.facts.rows ?? 'float32');
    const attached = attachedOf(options, this, this.#context.heads);
    const perspective = this;
    const work = function* (): Work<Uint8Array> {
      const { saveIndex } = yield* awaited(import('./saving.js'));
      const { source } = perspective.#comparison;
      const { rowError } = perspective;
      const logits = perspective.#logits;
      const identity = perspective.#context.identify();
      return yield* saveIndex({ source, logits, identity, rows, attached, density, rowError, opened });
    };
    return this.#run('index', work, options);
  }

  /** Calls share one stack of kernel memory, so they wait for each other. */
  #exclusive<Result>(body: () => Result | Promise<Result>): Promise<Result> {
    const turn = this.#last.then(body);
    this.#last = turn.catch(() => undefined);
    return turn;
  }

  async #run<Result>(stage: string, work: () => Work<Result>, watch: Watch): Promise<Result> {
    // Awaited here, so that a perspective that only its call knows of is not collected meanwhile.
    return await this.#exclusive(() => run(stage, work(), watch));
  }

  /** Captures other inputs next to this set for the length of `body`. */
  async #with<Result>(
    inputs: Inputs,
    watch: Watch & { readonly kernel?: SimilarityKernel },
    body: (other: RowSource) => Promise<Result>,
  ): Promise<Result> {
    return this.#exclusive(async () => {
      // Whitened rows stay, so they come before what is released.
      const { source } = this.#comparison;
      if (isWhite(watch.kernel)) source.prepare('white');
      const { arena } = source.site;
      const mark = arena.mark();
      try {
        return await body(await this.#context.capture(inputs, watch));
      } finally {
        arena.release(mark);
      }
    });
  }

  async #matrix(options: KernelOptions, other: RowSource | null): Promise<NdArray<Float32Array>> {
    const result = allocate([this.size, other?.size ?? this.size]);
    await run(
      'similarities',
      this.#comparison.matrix(options.kernel ?? 'correlation', other, result.data),
      options,
    );
    return result;
  }

  /** With the set itself, or with other inputs where they are given. */
  #beside<Result>(
    options: { readonly against?: Inputs } & Watch,
    kernel: SimilarityKernel | undefined,
    body: (other: RowSource | null) => Promise<Result>,
  ): Promise<Result> {
    const { against, ...watch } = options;
    if (!against) return this.#exclusive(() => body(null));
    return this.#with(against, { ...watch, ...(kernel && { kernel }) }, body);
  }

  async #blocks(options: BlockOptions, other: RowSource | null): Promise<NdArray<Float32Array>> {
    const result = allocate([this.size, other?.size ?? this.size, this.outputs, this.outputs]);
    const { kernel = 'correlation' } = options;
    await run('blocks', this.#comparison.blocks(kernel, other, result.data), options);
    return result;
  }

  async #perOutput(options: PerOutputOptions, other: RowSource | null): Promise<NdArray<Float32Array>> {
    const result = allocate([this.size, other?.size ?? this.size, this.outputs]);
    const { kernel = 'correlation' } = options;
    await run('similarities', this.#comparison.perOutput(kernel, other, result.data), options);
    return result;
  }
}

function allocate(shape: number[]): NdArray<Float32Array> {
  const length = shape.reduce((product, extent) => product * extent, 1);
  try {
    return { shape, data: new Float32Array(length) };
  } catch (cause) {
    const size = `${shape.join(' × ')} float32 values (${(length / 2 ** 28).toFixed(1)} GiB)`;
    throw new NetkinError(
      'memory',
      `A result of ${size} does not fit into one array; use nearest or density, which never store it.`,
      { cause },
    );
  }
}
