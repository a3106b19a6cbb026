/** A perspective whose rows lie in the worker of its engine. */
import type { NdArray } from '../array.js';
import { dispose } from '../disposal.js';
import type { PixelRange } from '../format/image-inputs.js';
import type { RowError } from '../format/index-header.js';
import type { Inputs } from '../inputs.js';
import type { Labels } from '../labels.js';
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
import type { PairStrip } from '../similarity/comparison.js';
import type { Corrected } from '../similarity/correction.js';
import type { Denoised } from '../similarity/denoising.js';
import type { DensityKind } from '../similarity/density.js';
import type { Explained } from '../similarity/explanation.js';
import type { Fit } from '../similarity/fit.js';
import type { Neighbours } from '../similarity/neighbours.js';
import type { Suspect } from '../similarity/suspects.js';
import type { Watch } from '../watch.js';
import type { Calls } from './calls.js';
import type { Host } from './host.js';
import type { PerspectiveFacts, PerspectiveMethod, Request } from './messages.js';
import type { Watcher } from './watching.js';

/** Perspectives that go with the garbage free their rows in the worker, too. */
const forgotten = new FinalizationRegistry<() => void>((forget) => forget());

export class RemotePerspective implements Perspective {
  readonly size: number;
  readonly outputs: number;
  readonly compared: readonly number[] | null;
  readonly comparesOthers: boolean;
  readonly logits: Float32Array;
  readonly held: boolean;
  readonly flags: Flags;
  readonly ranks: Int32Array;
  readonly selfKernels: NdArray<Float64Array>;
  readonly labels: NdArray<Float64Array> | null;
  readonly classes: readonly string[] | null;
  readonly pixels: PixelRange | null;
  readonly names: readonly string[] | null;
  readonly thumbnails: NdArray<Uint8Array> | null;
  readonly rowError: RowError | null;
  readonly #calls: Calls;
  readonly #id: number;

  /** @internal made by `engine.perspective` and `engine.reopen` */
  constructor(calls: Calls, facts: PerspectiveFacts) {
    this.#calls = calls;
    this.#id = facts.id;
    this.size = facts.size;
    this.outputs = facts.outputs;
    this.compared = facts.compared;
    this.comparesOthers = facts.comparesOthers;
    this.logits = facts.logits;
    this.held = facts.held;
    this.flags = facts.flags;
    this.ranks = facts.ranks;
    this.selfKernels = facts.selfKernels;
    this.labels = facts.labels;
    this.classes = facts.classes;
    this.pixels = facts.pixels;
    this.names = facts.names;
    this.thumbnails = facts.thumbnails;
    this.rowError = facts.rowError;
    forgotten.register(this, () => forget(calls, facts.id), this);
  }

  [dispose](): void {
    forgotten.unregister(this);
    forget(this.#calls, this.#id);
  }

  similarity(i: number, j: number, options: KernelOptions = {}): Promise<number> {
    return this.#call('similarity', [i, j], options);
  }

  block(i: number, j: number, options: BlockOptions = {}): Promise<Float64Array> {
    return this.#call('block', [i, j], options);
  }

  explain(of: number | Inputs, j: number, options?: ExplainOptions): Promise<Explained>;
  explain(of: number | Inputs, j: readonly number[], options?: ExplainOptions): Promise<Explained[]>;
  explain(
    of: number | Inputs,
    j: number | readonly number[],
    options: ExplainOptions = {},
  ): Promise<Explained | Explained[]> {
    return this.#call('explain', [of, j], options);
  }

  matrix(options: KernelOptions = {}): Promise<NdArray<Float32Array>> {
    return this.#call('matrix', [], options);
  }

  against(inputs: Inputs, options: KernelOptions = {}): Promise<NdArray<Float32Array>> {
    return this.#call('against', [inputs], options);
  }

  blocks(options: BlocksOptions = {}): Promise<NdArray<Float32Array>> {
    return this.#call('blocks', [], options);
  }

  perOutput(options: PerOutputOptions = {}): Promise<NdArray<Float32Array>> {
    return this.#call('perOutput', [], options);
  }

  tiles(options: KernelOptions = {}): AsyncGenerator<Omit<PairStrip, 'stride'>> {
    return bands(this.size, (row) => this.#call<PairStrip[]>('band', [row], options));
  }

  nearest(of?: number | Inputs, k?: number, options: Watch = {}): Promise<Neighbours> {
    return this.#call('nearest', [of, k], options);
  }

  nearestOthers(
    k: number,
    options: { readonly visit?: (strip: PairStrip) => void } & Watch = {},
  ): Promise<Neighbours> {
    return this.#call('nearestOthers', [k], options);
  }

  density(kind?: DensityKind, options: { readonly of?: Inputs } & Watch = {}): Promise<Float32Array> {
    return this.#call('density', [kind], options);
  }

  uncertainty(options: Watch = {}): Promise<Float32Array> {
    return this.#call('uncertainty', [], options);
  }

  denoise(labels: Labels, options: { readonly inputs?: readonly number[] } & Watch = {}): Promise<Denoised> {
    return this.#call('denoise', [labels], options);
  }

  correct(labels: Labels, rounds: number, options: Watch = {}): Promise<Corrected> {
    return this.#call('correct', [labels, rounds], options);
  }

  fit(labels: Labels, options: FitOptions = {}): Promise<Fit> {
    return this.#call('fit', [labels], options);
  }

  suspects(
    labels: Labels,
    count?: number,
    options: { readonly neighbours?: Neighbours } & Watch = {},
  ): Promise<Suspect[]> {
    return this.#call('suspects', [labels, count], options);
  }

  save(options: SaveOptions = {}): Promise<Uint8Array> {
    return this.#call('save', [], options);
  }

  async #call<Result>(
    method: PerspectiveMethod,
    parameters: readonly unknown[],
    options?: Watcher,
  ): Promise<Result> {
    const send = (host: Host, request: Request<PerspectiveMethod>) => host.perspective(this.#id, request);
    try {
      return (await this.#calls.call(send, method, parameters, options)) as Result;
    } finally {
      // Needed after the wait, so that a perspective that only its call knows of is not collected meanwhile.
      void this.#id;
    }
  }
}

/** The worker may have ended already. */
function forget(calls: Calls, id: number): void {
  calls
    .ask(async (host) => {
      await host.forget(id);
      return { result: null };
    })
    .catch(() => undefined);
}
