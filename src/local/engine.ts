/** An engine that computes in this thread, with workers for what is worth it. */

import { elements, type NdArray } from '../array.js';
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
import type { CheckReport } from '../network/check.js';
import { fingerprint } from '../network/fingerprint.js';
import { type ModelSource, openModel } from '../network/model.js';
import { type InputSpec, Network } from '../network/network.js';
import type { Objective } from '../network/selection.js';
import { startTfjs } from '../network/tfjs.js';
import { assertOptions, type OpenOptions } from '../options.js';
import { capturedLayout, inputValues, pairCost } from '../plan.js';
import { deviation, formsOf, plannedTerms } from '../precision.js';
import { uniform } from '../random.js';
import type { Runtime } from '../runtime.js';
import type { Neighbours } from '../similarity/neighbours.js';
import { rawNearestOthers } from '../similarity/raw.js';
import type { Site } from '../similarity/rows.js';
import { sweepBytes } from '../similarity/strips.js';
import { run, type Watch } from '../watch.js';
import type { Work } from '../work.js';
import { Crew, SharedWork, slotsOf } from '../workers/crew.js';
import { type CaptureRequest, captureBytes } from './capturing.js';
import {
  assertModel,
  assertOptionsOf,
  assertParameters,
  assertPlan,
  plainTerm,
  rowOptions,
} from './identity.js';
import { DEFAULT_MEMORY, type Demand, kernelMemory } from './memory.js';
import { demandOf, type Observed, observe } from './observing.js';
import { LocalPerspective, type PerspectiveContext } from './perspective.js';
import { PROBE, type Prediction, predict } from './planning.js';
import { extentsOf, fittedSpecs, openIndex, storedRows } from './reopening.js';
import { readAttached } from './stored-index.js';

/** Inputs per forward pass without gradients. */
const BATCH = 512;
const CHANGED = "The model's weights changed since the inputs were captured: make another perspective.";

interface View {
  readonly site: Site;
  see(examples: Examples, objective: Objective, watch: Watch): Promise<Observed>;
  /** Refuses where the engine is gone or the weights are others now. */
  assertSame(): void;
  /** Lets workers forget the memory. */
  release(): void;
}

export class LocalEngine implements Engine {
  readonly #network: Network;
  readonly #kernelModule: WebAssembly.Module;
  readonly #options: OpenOptions;
  /** Whether the engine loaded the model itself, and so frees it. */
  readonly #owned: boolean;
  readonly #runtime: Runtime;
  readonly #crew: Crew;
  #description: NetworkDescription | undefined;
  #check: CheckReport | null = null;
  #wide: boolean | undefined;
  #revectorized = false;
  #disposed = false;

  private constructor(
    network: Network,
    kernel: WebAssembly.Module,
    runtime: Runtime,
    options: OpenOptions,
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
  static async open(model: ModelSource, runtime: Runtime, options: OpenOptions): Promise<LocalEngine> {
    assertOptions(options);
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
      if (engine.#network.inputs.every(({ shape }) => shape.every((extent) => extent !== null))) {
        engine.#prepare(randomPair(engine.#network.inputs), 'output');
      }
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
    this.#prepare(firstPair(examples), objective);
    const view = await this.#view(this.#demand(examples));
    const { source, outputs } = await view.see(examples, objective, options).catch((error) => {
      view.release();
      throw error;
    });
    return new LocalPerspective(source, outputs, this.#context(view, extentsOf(examples.arrays)));
  }

  async reopen(bytes: Uint8Array, watch: Watch = {}): Promise<LocalPerspective> {
    this.#assertOpen();
    const file = await run('index', openIndex(bytes), watch);
    this.#assertOpen();
    const { facts } = file;
    assertModel(facts, await run('index', fingerprint(this.#network.model), watch));
    const contrasts = file.has('contrasts') ? file.integers('contrasts') : null;
    assertOptionsOf(facts, contrasts, this.#options);
    assertParameters(
      facts,
      this.#network.parameters.map(({ name }) => name),
    );
    const specs = fittedSpecs(this.#network.inputs, facts.inputs);
    this.#prepareFor(specs);
    const demand = this.#demandOf(facts.size, file.bytes.length);
    const view = await this.#view(demand);
    const context = this.#context(
      view,
      specs.map(({ shape }) => shape),
    );
    try {
      assertPlan(facts, await run('index', context.identify(), watch));
      const { memory = DEFAULT_MEMORY } = this.#options;
      const shape = { terms: demand.terms, outputs: demand.outputs };
      const rows = storedRows(file, view.site, shape, demand, slotsOf(demand.workers), memory);
      const source = await run('rows', rows, watch);
      return new LocalPerspective(source, file.floats('logits'), context, {
        attached: readAttached(file),
        density: file.floats('density').slice(),
        rowError: facts.rowError,
        rounded: facts.rows === 'int8' ? file : null,
      });
    } catch (error) {
      view.release();
      throw error;
    }
  }

  /** Where sets of inputs are seen beside each other, through the network as it is now. */
  async #view(demand: Demand): Promise<View> {
    const { site, shared } = await this.#site(demand);
    const { memory = DEFAULT_MEMORY } = this.#options;
    const shape = { terms: demand.terms, outputs: demand.outputs };
    const width = outputWidth(this.network.outputs);
    const weights = this.#network.weightsVersion();
    const assertSame = () => {
      this.#assertOpen();
      if (this.#network.weightsVersion().some((version, i) => version !== weights[i]))
        refuse('usage', CHANGED);
    };
    const see = async (examples: Examples, objective: Objective, watch: Watch) => {
      const request = this.#request(examples, objective, assertSame);
      const found = await run('gradients', observe(request, site, shape, width, shared, memory), watch);
      assertSame();
      return found;
    };
    return { site, see, assertSame, release: () => shared?.release() };
  }

  /** @param extents of one example, for each model input */
  #context({ see, assertSame, release }: View, extents: readonly (readonly number[])[]): PerspectiveContext {
    const { outputs: heads, compared: outputs, terms } = this.network;
    const { output = 'logits', of = 'output' } = this.#options;
    const every = [...Array(outputWidth(heads)).keys()];
    const chosen = Array.isArray(output) ? output : output === 'logits' || output === 'all' ? every : null;
    const engine = this;
    return {
      compared: of === 'output' ? chosen : null,
      heads,
      capture: async (others, watch) => {
        assertSame();
        if (of === 'loss' || (typeof output === 'object' && 'contrast' in output)) {
          refuse(
            'usage',
            'Other inputs cannot be compared by loss or by given contrasts: their labels are not known.',
          );
        }
        return (await see(examplesOf(others, this.#network.inputs), 'output', watch)).source;
      },
      *identify() {
        assertSame();
        const model = yield* fingerprint(engine.#network.model);
        assertSame();
        return {
          model,
          ...rowOptions(engine.#options),
          parameters: engine.#network.parameters.map(({ name }) => name),
          inputs: engine.#network.inputs.map(({ name }, i) => ({ name, shape: extents[i] })),
          heads,
          outputs,
          terms: terms.map(plainTerm),
        };
      },
      release,
    };
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
    const { output = 'logits', memory = DEFAULT_MEMORY } = this.#options;
    const few = examples.slice(0, Math.min(PROBE, examples.size));
    const probe = () => this.#network.capture(few, output, objective, 0).batch;
    probe(); // compiles and warms up
    const { threads } = this.#crew;
    const { network } = this;
    const demand = this.#demand(examples);
    const width = outputWidth(network.outputs);
    const { batch = this.#batchSize() } = this.#options;
    const working =
      captureBytes({ examples, batch }, demand, width, demand.workers) + sweepBytes(slotsOf(demand.workers));
    return predict({ network, kernelModule: this.#kernelModule, demand, memory, threads, working, probe });
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

  /** Describes and checks the network, once, on the first inputs there are. */
  #prepare(pair: readonly NdArray<Float32Array>[], objective: Objective): void {
    const { output = 'logits', check = true, of = 'output' } = this.#options;
    const choice = of === 'loss' ? 'logits' : output;
    const found = this.#network.describe(
      pair,
      choice,
      of === 'loss' && objective === 'output' ? noLabels : objective,
    );
    if (check && !this.#check) this.#check = this.#network.check(pair);
    const { precision = 'exact', seed = 0 } = this.#options;
    const terms = plannedTerms(found.terms, found.functions, precision, seed);
    this.#description = {
      inputs: this.#network.inputs,
      layers: this.#network.model.layers.map((layer) => ({ name: layer.name, kind: layer.getClassName() })),
      outputs: found.outputs,
      compared: found.functions,
      parameters: this.#network.parameters.map(({ name, layer, shape, size }) => ({
        name,
        layer,
        shape,
        size,
      })),
      terms: terms.map((term) => ({
        ...term,
        multiplyAddsPerPair: pairCost(term, found.functions),
        bytesPerInput: inputValues(term, found.functions) * 4,
        forms: formsOf(term, found.functions, precision),
      })),
      precision,
      deviation: deviation(terms, found.functions),
      unused: found.unused,
      check: this.#check,
    };
  }

  /** The same for inputs of given extents, of which there are none: models of fixed extent are described already. */
  #prepareFor(specs: readonly InputSpec[]): void {
    if (this.#network.inputs.every(({ shape }) => !shape.includes(null))) return;
    try {
      this.#prepare(randomPair(specs), 'output');
    } catch (cause) {
      if (cause instanceof NetkinError) throw cause;
      refuse('input', `The network does not take inputs of the index: ${(cause as Error).message}`, cause);
    }
  }

  #request(examples: Examples, objective: Objective, assertSame: () => void): CaptureRequest {
    const { output = 'logits', batch = this.#batchSize() } = this.#options;
    return { network: this.#network, examples, output, objective, batch, assertSame };
  }

  /** Large enough to keep the matrix products busy, small enough that activations stay near the cache. */
  #batchSize(): number {
    const { terms, compared } = this.network;
    const values = terms.reduce((sum, term) => sum + inputValues(capturedLayout(term), compared), 0);
    return Math.min(512, Math.max(16, Math.floor(2 ** 16 / values) * 16));
  }
}

/** Stands for labels where only the shapes matter. */
const noLabels: Objective = { lossOf: { width: 1, data: new Int32Array(2), classes: true } };

/** Two inputs to describe and check a network with before any are given: uniform in [0, 1). */
function randomPair(specs: readonly InputSpec[]): NdArray<Float32Array>[] {
  return specs.map(({ shape }, input) => {
    const extents = [2, ...(shape as number[])];
    return {
      shape: extents,
      data: Float32Array.from({ length: elements(extents) }, (_, i) => uniform(100 + input, i)),
    };
  });
}

/** The first two inputs; the only one twice. */
function firstPair(examples: Examples): NdArray<Float32Array>[] {
  if (examples.size > 1) return examples.slice(0, 2);
  return examples.slice(0, 1).map(({ shape, data }) => {
    const both = new Float32Array(2 * data.length);
    both.set(data);
    both.set(data, data.length);
    return { shape: [2, ...shape.slice(1)], data: both };
  });
}
