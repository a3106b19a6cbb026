/** A perspective whose gradient rows lie in this thread's kernel memory, or are brought into it when needed. */
import type { NdArray } from '../array.js';
import { dispose } from '../disposal.js';
import { NetkinError, refuse } from '../errors.js';
import type { PixelRange } from '../format/image-inputs.js';
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
import type { Comparison, PairStrip } from '../similarity/comparison.js';
import type { Corrected } from '../similarity/correction.js';
import type { Denoised } from '../similarity/denoising.js';
import type { DensityKind } from '../similarity/density.js';
import type { Explained } from '../similarity/explanation.js';
import type { Fit } from '../similarity/fit.js';
import {
  blockKernels,
  outputKernels,
  type SimilarityKernel,
  similarityKernels,
} from '../similarity/kernels.js';
import type { Neighbours } from '../similarity/neighbours.js';
import type { RowSource } from '../similarity/source.js';
import type { Suspect } from '../similarity/suspects.js';
import type { Watch } from '../watch.js';
import { awaited, type Work } from '../work.js';
import { assertCount, assertInputs, assertKernel, assertKind } from './arguments.js';
import { attachedOf, rowTypeOf } from './attaching.js';
import type { Opened, PerspectiveContext } from './context.js';
import { explained } from './explaining.js';
import type { Labelled } from './labelled.js';
import { Turns } from './turns.js';

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
  readonly #turns: Turns;
  readonly #logits: Float32Array;
  readonly #context: PerspectiveContext;
  readonly #opened: Opened | null;
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
    this.#turns = new Turns(source, context);
    if (source.self.zero.length === this.size) {
      const where = this.size === 1 ? 'the only input' : `all ${this.size} inputs`;
      refuse(
        'input',
        `The chosen outputs have a zero gradient at ${where}: nothing can be compared. Summed probabilities or a dead network do that; choose other outputs or parameters.`,
      );
    }
  }

  /** Gives the gradient rows back at once; without it they go with the garbage. Later calls are refused. */
  [dispose](): void {
    this.#turns.close();
  }

  get #source(): RowSource {
    return this.#turns.comparison.source;
  }

  get held(): boolean {
    return this.#source.inputBytes === 0;
  }

  get flags(): Flags {
    const { zero, singular, nearlySingular } = this.#source.self;
    return { zero: [...zero], singular: [...singular], nearlySingular: [...nearlySingular] };
  }

  get logits(): Float32Array {
    this.#shownLogits ??= this.#logits.slice();
    return this.#shownLogits;
  }

  get ranks(): Int32Array {
    this.#shownRanks ??= this.#source.self.rank.slice();
    return this.#shownRanks;
  }

  get selfKernels(): NdArray<Float64Array> {
    const { blocks } = this.#source.self;
    this.#shownKernels ??= { shape: [this.size, this.outputs, this.outputs], data: blocks.slice() };
    return this.#shownKernels;
  }

  async similarity(i: number, j: number, options: KernelOptions = {}): Promise<number> {
    assertInputs([i, j], this.size);
    const { kernel = 'correlation' } = options;
    assertKernel(kernel, similarityKernels);
    return this.#turns.run('similarity', options, (own) => own.similarity(kernel, i, j));
  }

  async block(i: number, j: number, options: BlockOptions = {}): Promise<Float64Array> {
    assertInputs([i, j], this.size);
    const { kernel = 'correlation' } = options;
    assertKernel(kernel, blockKernels);
    return this.#turns.run('block', options, (own) => own.block(kernel, i, j));
  }

  explain(of: number | Inputs, j: number, options?: ExplainOptions): Promise<Explained>;
  explain(of: number | Inputs, j: readonly number[], options?: ExplainOptions): Promise<Explained[]>;
  async explain(
    of: number | Inputs,
    j: number | readonly number[],
    options: ExplainOptions = {},
  ): Promise<Explained | Explained[]> {
    const several = Array.isArray(j);
    const others: readonly number[] = several ? [...j] : [j as number];
    assertInputs(others, this.size);
    if (typeof of === 'number') assertInputs([of], this.size);
    if (options.activities !== undefined)
      assertCount(options.activities, Infinity, 'the activities of each layer');
    const inputs = typeof of === 'number' ? undefined : of;
    const found = await this.#turns.runBeside('shares', inputs, options, (own, other) =>
      explained(own, this.#context, other ?? (of as number), others, options),
    );
    return several ? found : found[0];
  }

  matrix(options: KernelOptions = {}): Promise<NdArray<Float32Array>> {
    return this.#allPairs(undefined, options);
  }

  against(inputs: Inputs, options: KernelOptions = {}): Promise<NdArray<Float32Array>> {
    return this.#allPairs(inputs, options);
  }

  async #allPairs(inputs: Inputs | undefined, options: KernelOptions): Promise<NdArray<Float32Array>> {
    const { kernel = 'correlation' } = options;
    assertKernel(kernel, similarityKernels);
    return this.#filled('similarities', inputs, options, [], kernel, (own, other, target) =>
      own.matrix(kernel, other, target),
    );
  }

  async blocks({ against, ...options }: BlocksOptions = {}): Promise<NdArray<Float32Array>> {
    const { kernel = 'correlation' } = options;
    assertKernel(kernel, blockKernels);
    const block = [this.outputs, this.outputs];
    return this.#filled('blocks', against, options, block, kernel, (own, other, target) =>
      own.blocks(kernel, other, target),
    );
  }

  async perOutput({ against, ...options }: PerOutputOptions = {}): Promise<NdArray<Float32Array>> {
    const { kernel = 'correlation' } = options;
    assertKernel(kernel, outputKernels);
    // Cosines of single outputs are taken from rows as captured, too.
    return this.#filled('similarities', against, options, [this.outputs], 'inner', (own, other, target) =>
      own.perOutput(kernel, other, target),
    );
  }

  tiles(options: KernelOptions = {}): AsyncGenerator<Omit<PairStrip, 'stride'>> {
    return bands(this.size, (row) => this.band(row, options));
  }

  /** @internal the strips of up to 256 rows from `row` on */
  async band(row: number, options: KernelOptions = {}): Promise<PairStrip[]> {
    const { kernel = 'correlation' } = options;
    assertKernel(kernel, similarityKernels);
    return this.#turns.run('similarities', options, (own) => own.band(kernel, row));
  }

  async nearest(of?: number | Inputs, k = Math.min(10, this.size), options: Watch = {}): Promise<Neighbours> {
    assertCount(k, this.size, `the set has ${this.size} inputs`);
    if (typeof of !== 'number') {
      return this.#turns.runBeside('neighbours', of, options, (own, other) =>
        other ? own.nearest(k, other) : own.nearestWithSelf(k),
      );
    }
    assertInputs([of], this.size);
    return this.#turns.run('neighbours', options, (own) => own.nearestOf(of, k));
  }

  async nearestOthers(
    k: number,
    options: { readonly visit?: (strip: PairStrip) => void } & Watch = {},
  ): Promise<Neighbours> {
    assertCount(k, this.size - 1, `with ${this.size} inputs there are ${this.size - 1} others`);
    return this.#turns.run('neighbours', options, (own) => own.nearestOthers(k, options.visit));
  }

  async density(
    kind: DensityKind = 'soft',
    options: { readonly of?: Inputs } & Watch = {},
  ): Promise<Float32Array> {
    assertKind(kind);
    if (kind === 'soft' && !options.of && this.#opened) {
      this.#source; // refuses where the perspective was disposed of
      return this.#opened.density.slice();
    }
    const counts = await this.#turns.runBeside('density', options.of, options, (own, other) =>
      own.density(kind, other),
    );
    return Float32Array.from(counts);
  }

  async uncertainty(options: Watch = {}): Promise<Float32Array> {
    return Float32Array.from(await this.#turns.run('uncertainty', options, (own) => own.uncertainty()));
  }

  async denoise(
    labels: Labels,
    options: { readonly inputs?: readonly number[] } & Watch = {},
  ): Promise<Denoised> {
    const labelled = this.#labelled(labels);
    const inputs = options.inputs && [...options.inputs];
    return this.#turns.run('denoising', options, function* ({ source }) {
      const { denoised } = yield* awaited(import('./averaging.js'));
      return yield* denoised(source, labelled, inputs);
    });
  }

  async correct(labels: Labels, rounds: number, options: Watch = {}): Promise<Corrected> {
    const labelled = this.#labelled(labels);
    return this.#turns.run('correction', options, function* ({ source }) {
      const { corrected } = yield* awaited(import('./averaging.js'));
      return yield* corrected(source, labelled, rounds);
    });
  }

  async fit(labels: Labels, options: FitOptions = {}): Promise<Fit> {
    const labelled = this.#labelled(labels);
    const { neighbours, density, ...watch } = options;
    // Like the labels: as they are now.
    const own = structuredClone({ neighbours, density });
    const { fitted } = await import('./neighbourhoods.js');
    return fitted(this, labelled, { ...watch, ...own });
  }

  async suspects(
    labels: Labels,
    count = this.size,
    options: { readonly neighbours?: Neighbours } & Watch = {},
  ): Promise<Suspect[]> {
    const labelled = this.#labelled(labels);
    const neighbours = structuredClone(options.neighbours);
    const { suspects } = await import('./neighbourhoods.js');
    return suspects(this, labelled, count, { ...options, neighbours });
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
    const [context, logits, { rowError }] = [this.#context, this.#logits, this];
    return this.#turns.run('index', options, function* ({ source }) {
      const { saveIndex } = yield* awaited(import('./saving.js'));
      const identity = context.identify();
      return yield* saveIndex({ source, logits, identity, rows, attached, density, rowError, opened });
    });
  }

  /** n × n × `rest` values, or n × m × `rest` beside other inputs, once `work` filled them. */
  async #filled(
    stage: string,
    inputs: Inputs | undefined,
    watch: Watch,
    rest: readonly number[],
    kernel: SimilarityKernel,
    work: (own: Comparison, other: RowSource | null, target: Float32Array) => Work<void>,
  ): Promise<NdArray<Float32Array>> {
    const { size } = this;
    const fill = function* (own: Comparison, other: RowSource | null): Work<NdArray<Float32Array>> {
      const result = allocate([size, other?.size ?? size, ...rest]);
      yield* work(own, other, result.data);
      return result;
    };
    return this.#turns.runBeside(stage, inputs, watch, fill, kernel);
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
