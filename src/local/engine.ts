/** An engine that computes in this thread, with workers for what is worth it. */

import type { NdArray } from '../array.js';
import type { NetworkDescription } from '../description.js';
import { asyncDispose } from '../disposal.js';
import { outputWidth } from '../ending.js';
import type { Engine } from '../engine.js';
import { NetkinError, refuse } from '../errors.js';
import { type Examples, examplesOf, type Inputs } from '../inputs.js';
import { Arena } from '../kernel/arena.js';
import { type Kernel, wasmKernel } from '../kernel/kernel.js';
import { fuses, WIDE_SCRATCH_BYTES, widened } from '../kernel/wide.js';
import { type Labels, labelTable } from '../labels.js';
import type { Checker } from '../network/check.js';
import { type ModelSource, openModel } from '../network/model.js';
import { type InputSpec, Network } from '../network/network.js';
import type { Objective } from '../network/selection.js';
import { startTfjs } from '../network/tfjs.js';
import { type OpenOptions, type SettledOptions, settledOptions } from '../options.js';
import type { Prediction } from '../prediction.js';
import type { Runtime } from '../runtime.js';
import type { Neighbours } from '../similarity/neighbours.js';
import type { Site } from '../similarity/rows.js';
import { sweepBytes } from '../similarity/strips.js';
import { run, type Watch } from '../watch.js';
import type { Work } from '../work.js';
import { Crew, SharedWork, slotsOf } from '../workers/crew.js';
import { captureBytes } from './capturing.js';
import { describeNetwork, firstPair, isFixed, randomPair } from './describing.js';
import { DEFAULT_MEMORY, type Demand, kernelMemory } from './memory.js';
import { demandOf } from './observing.js';
import { LocalPerspective } from './perspective.js';
import { batchSize, View } from './view.js';

/** Inputs per forward pass without gradients. */
const BATCH = 512;

export class LocalEngine implements Engine {
  readonly #network: Network;
  readonly #kernelModule: WebAssembly.Module;
  readonly #options: SettledOptions;
  /** Whether the engine loaded the model itself, and so frees it. */
  readonly #owned: boolean;
  readonly #runtime: Runtime;
  readonly #crew: Crew;
  #description: NetworkDescription | undefined;
  #checker: Checker | null = null;
  #wide: boolean | undefined;
  #revectorized = false;
  #disposed = false;

  private constructor(
    network: Network,
    kernel: WebAssembly.Module,
    runtime: Runtime,
    options: SettledOptions,
    owned: boolean,
  ) {
    this.#runtime = runtime;
    this.#crew = new Crew(runtime, options.threads ?? runtime.threads);
    this.#network = network;
    this.#kernelModule = kernel;
    this.#options = options;
    this.#owned = owned;
  }

  /** @internal use `open` of the package */
  static async open(model: ModelSource, runtime: Runtime, given: OpenOptions): Promise<LocalEngine> {
    const options = settledOptions(given);
    await startTfjs(runtime);
    const revectorized = options.wide === true && runtime.revectorize?.() === true;
    const kernel = await runtime.kernel();
    const { live, owned } = await openModel(model, runtime);
    try {
      const engine = new LocalEngine(
        new Network(live, kernel, options.parameters, options.precision),
        kernel,
        runtime,
        options,
        owned,
      );
      engine.#revectorized = revectorized;
      if (options.check !== false) engine.#checker = await import('../network/check.js');
      const { inputs } = engine.#network;
      if (isFixed(inputs)) engine.#prepare(randomPair(inputs), 'output');
      return engine;
    } catch (error) {
      if (owned) live.dispose();
      throw error;
    }
  }

  get wide(): boolean {
    return this.#wide === true;
  }

  get network(): NetworkDescription {
    return (
      this.#description ??
      refuse('usage', 'This model takes inputs of any extent: hand over inputs to describe it.')
    );
  }

  /** Whether {@link network} is known. */
  get described(): boolean {
    return this.#description !== undefined;
  }

  get inputs(): readonly InputSpec[] {
    return this.#network.inputs;
  }

  async outputs(inputs: Inputs, watch: Watch = {}): Promise<NdArray<Float32Array>> {
    this.#assertOpen();
    const examples = examplesOf(inputs, this.#network.inputs);
    return run('outputs', this.#forward(examples), watch);
  }

  *#forward(examples: Examples): Work<NdArray<Float32Array>> {
    const { size } = examples;
    let data = new Float32Array(0);
    for (let first = 0; first < size; first += BATCH) {
      const last = Math.min(first + BATCH, size);
      this.#assertOpen();
      const part = this.#network.outputs(examples.slice(first, last));
      const width = part.length / (last - first);
      if (first === 0) data = new Float32Array(size * width);
      data.set(part, first * width);
      yield last / size;
    }
    return { shape: [size, data.length / size], data };
  }

  async perspective(inputs: Inputs, options: { labels?: Labels } & Watch = {}): Promise<LocalPerspective> {
    this.#assertOpen();
    const examples = examplesOf(inputs, this.#network.inputs);
    const objective = this.#objective(examples, options.labels);
    const description = this.#prepare(firstPair(examples), objective);
    const view = await this.#view(description, this.#demand(examples), this.#network.weightsVersion());
    try {
      const { source, outputs } = await view.see(examples, objective, options);
      const context = view.context(examples.arrays.map(({ shape }) => shape.slice(1)));
      return new LocalPerspective(source, outputs, context);
    } catch (error) {
      view.release();
      throw error;
    }
  }

  async reopen(bytes: Uint8Array, watch: Watch = {}): Promise<LocalPerspective> {
    this.#assertOpen();
    const weights = this.#network.weightsVersion();
    const { openIndex, readAttached, storedRows } = await import('./reopening.js');
    const work = openIndex(bytes, {
      network: this.#network,
      options: this.#options,
      describe: (specs) => (isFixed(this.#network.inputs) ? this.network : this.#prepareFor(specs)),
      assertOpen: () => this.#assertOpen(),
    });
    const { file, description, extents } = await run('index', work, watch);
    const { facts } = file;
    const demand = this.#demandOf(facts.size, file.bytes.length);
    const view = await this.#view(description, demand, weights);
    try {
      const { memory = DEFAULT_MEMORY } = this.#options;
      const rows = storedRows(file, view.site, demand, slotsOf(demand.workers), memory);
      const context = view.context(extents);
      const source = await run('rows', rows, watch);
      return new LocalPerspective(source, file.floats('logits'), context, {
        attached: readAttached(file),
        density: file.floats('density').slice(),
        rowError: facts.rowError,
        file: facts.rows === 'int8' || source.inputBytes > 0 ? file : null,
      });
    } catch (error) {
      view.release();
      throw error;
    }
  }

  /** @param weights of the network as it is to be seen */
  async #view(description: NetworkDescription, demand: Demand, weights: readonly object[]): Promise<View> {
    const { site, shared } = await this.#site(demand);
    const assertOpen = () => this.#assertOpen();
    const [network, options] = [this.#network, this.#options];
    return new View({ network, description, options, site, shared, weights, assertOpen });
  }

  /** Kernel memory for one perspective, the kernels on it, and the workers that share it. */
  async #site(demand: Demand): Promise<{ site: Site; shared: SharedWork | null }> {
    const { shares } = this.#crew;
    const module = shares ? await this.#runtime.sharedKernel!() : this.#kernelModule;
    const memory = new WebAssembly.Memory({ initial: 16, maximum: 65536, shared: shares });
    const limit = kernelMemory(this.#options.memory ?? DEFAULT_MEMORY, demand);
    const arena = new Arena(memory, undefined, limit);
    const plain = wasmKernel(module, memory);
    // One piece of scratch for this thread, and one for each worker.
    const wide = this.#usesWide(plain, arena)
      ? arena.allocate((1 + this.#crew.threads) * WIDE_SCRATCH_BYTES)
      : 0;
    const shared = shares
      ? new SharedWork(this.#crew, module, memory, wide && wide + WIDE_SCRATCH_BYTES)
      : null;
    const { screening = 'chosen' } = this.#options;
    const kernel = wide ? widened(plain, wide) : plain;
    return { site: { kernel, arena, executor: shared, screening }, shared };
  }

  async plan(inputs: Inputs, options: { labels?: Labels } = {}): Promise<Prediction> {
    this.#assertOpen();
    const examples = examplesOf(inputs, this.#network.inputs);
    const objective = this.#objective(examples, options.labels);
    this.#prepare(firstPair(examples), objective);
    const { PROBE, predict } = await import('./planning.js');
    this.#assertOpen();
    const { output, memory = DEFAULT_MEMORY } = this.#options;
    const few = examples.slice(0, Math.min(PROBE, examples.size));
    const probe = () => this.#network.capture(few, output, objective, 0).batch;
    probe(); // compiles and warms up
    const { threads } = this.#crew;
    const { network } = this;
    const demand = this.#demand(examples);
    const width = outputWidth(network.outputs);
    const { batch = batchSize(network) } = this.#options;
    const working =
      captureBytes({ examples, batch }, demand, width, demand.workers) + sweepBytes(slotsOf(demand.workers));
    const request = { network, kernelModule: this.#kernelModule, demand, memory, threads, working, probe };
    return run('plan', predict(request));
  }

  async rawNearestOthers(inputs: Inputs, k: number, watch: Watch = {}): Promise<Neighbours> {
    this.#assertOpen();
    const examples = examplesOf(inputs, this.#network.inputs);
    const { size } = examples;
    if (!Number.isInteger(k) || k < 1 || k >= size) {
      refuse('usage', `k is ${k}; with ${size} inputs it runs from 1 to ${size - 1}.`);
    }
    const [{ data }] = examples.arrays;
    const read = (first: number, last: number) => examples.slice(first, last)[0].data;
    const values = { size, width: data.length / size, read };
    const { rawNearestOthers } = await import('../similarity/raw.js');
    const limit = kernelMemory(
      this.#options.memory ?? DEFAULT_MEMORY,
      demandOf(examples, { terms: [], outputs: 1 }, 0),
    );
    return run('raw values', rawNearestOthers(this.#kernelModule, values, k, limit), watch);
  }

  async [asyncDispose](): Promise<void> {
    if (this.#disposed) return;
    this.#disposed = true;
    this.#crew.close();
    if (this.#owned) this.#network.model.dispose();
  }

  dispose(): Promise<void> {
    return this[asyncDispose]();
  }

  /** Whether 256-bit kernels were asked for and proved themselves; tried once. */
  #usesWide(kernel: Kernel, arena: Arena): boolean {
    this.#wide ??= this.#options.wide === true && this.#revectorized && fuses(kernel, arena);
    return this.#wide;
  }

  #demand({ size, arrays }: Examples): Demand {
    return this.#demandOf(
      size,
      arrays.reduce((sum, { data }) => sum + data.byteLength, 0),
    );
  }

  #demandOf(size: number, inputBytes: number): Demand {
    const { terms, compared: outputs } = this.network;
    return { terms, outputs, size, inputBytes, workers: this.#crew.shares ? this.#crew.threads : 0 };
  }

  #assertOpen(): void {
    if (this.#disposed) refuse('usage', 'This engine was disposed of; open the model again.');
  }

  #objective(examples: Examples, labels: Labels | undefined): Objective {
    if (this.#options.of !== 'loss') return 'output';
    if (!labels) refuse('usage', "of: 'loss' needs labels: the loss of an input depends on its label.");
    const { outputs } = this.#network.describe(examples.slice(0, 1), 'logits', 'output');
    const table = labelTable(labels, examples.size, outputs);
    // Rows may be captured again: what the caller does to the labels meanwhile must not count.
    return { lossOf: { ...table, data: Float64Array.from(table.data) } };
  }

  /** Describes and checks the network on the first inputs there are. */
  #prepare(pair: readonly NdArray<Float32Array>[], objective: Objective): NetworkDescription {
    const checked = this.#description?.check ?? null;
    const found = describeNetwork(this.#network, this.#options, pair, objective, checked, this.#checker);
    this.#description = found;
    return found;
  }

  /** The same for inputs of which only the extents are known. */
  #prepareFor(specs: readonly InputSpec[]): NetworkDescription {
    try {
      return this.#prepare(randomPair(specs), 'output');
    } catch (cause) {
      if (cause instanceof NetkinError) throw cause;
      return refuse(
        'input',
        `The network does not take the inputs of the index: ${(cause as Error).message}`,
        cause,
      );
    }
  }
}
