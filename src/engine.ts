/** The engine: a network opened for comparison. It captures data sets as perspectives. */

import { elements, type NdArray } from './array.js';
import { type CaptureRequest, capture } from './capturing.js';
import { Crew, SharedWork } from './crew.js';
import type { NetworkDescription } from './description.js';
import { outputWidth } from './ending.js';
import { refuse } from './errors.js';
import { type Examples, examplesOf, type Inputs, slice } from './inputs.js';
import { Arena } from './kernel/arena.js';
import { type Kernel, wasmKernel } from './kernel/kernel.js';
import { fuses, WIDE_SCRATCH_BYTES, widened } from './kernel/wide.js';
import { type Labels, labelTable } from './labels.js';
import type { CheckReport } from './network/check.js';
import { loadLayersModel } from './network/load.js';
import { type InputSpec, Network } from './network/network.js';
import type { Objective } from './network/selection.js';
import { startTfjs, type tf } from './network/tfjs.js';
import { assertOptions, type OpenOptions } from './options.js';
import { Perspective } from './perspective.js';
import { capturedLayout, inputValues, pairCost, type Term } from './plan.js';
import { PROBE, type Prediction, predict } from './planning.js';
import { deviation, formsOf, plannedTerms } from './precision.js';
import { uniform } from './random.js';
import type { Runtime } from './runtime.js';
import type { Neighbours } from './similarity/neighbours.js';
import { rawNearestOthers } from './similarity/raw.js';
import { Rows } from './similarity/rows.js';
import { run, type Watch } from './watch.js';

const DEFAULT_MEMORY = 2 ** 30;
const CHANGED = "The model's weights changed while the inputs were captured: capture them again.";

export class Engine {
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
  static async open(
    model: string | URL | tf.LayersModel,
    runtime: Runtime,
    options: OpenOptions,
  ): Promise<Engine> {
    assertOptions(options);
    await startTfjs(runtime);
    const revectorized = options.wide === true && runtime.revectorize?.() === true;
    const kernel = await runtime.kernel();
    const located = typeof model === 'string' || model instanceof URL;
    const live = located ? await loadFrom(model, runtime) : model;
    try {
      const engine = new Engine(
        new Network(live, kernel, options.parameters, options.precision),
        kernel,
        runtime,
        options,
        located,
      );
      engine.#revectorized = revectorized;
      if (engine.#network.inputs.every(({ shape }) => shape.every((extent) => extent !== null))) {
        engine.#prepare(randomPair(engine.#network.inputs), 'output');
      }
      return engine;
    } catch (error) {
      if (located) live.dispose();
      throw error;
    }
  }

  /** Whether 256-bit kernels are in use; known from the first perspective on. */
  get wide(): boolean {
    return this.#wide === true;
  }

  /** The network, its parameters and plan. Models with inputs of open extent are described once inputs are known. */
  get network(): NetworkDescription {
    return (
      this.#description ??
      refuse('usage', 'This model takes inputs of any extent: hand over inputs to describe it.')
    );
  }

  /** What the model takes; known even where the network is not yet described. */
  get inputs(): readonly InputSpec[] {
    return this.#network.inputs;
  }

  /** Runs the network forward only: n × outputs, logits where a final softmax is looked through. */
  outputs(inputs: Inputs): NdArray<Float32Array> {
    this.#assertOpen();
    const examples = examplesOf(inputs, this.#network.inputs);
    const data = this.#network.outputs(examples.arrays);
    return { shape: [examples.size, data.length / examples.size], data };
  }

  /**
   * Sees a data set through the network: one forward pass and d backward passes for each batch.
   * @param inputs n × input shape, taken as they are (no scaling)
   * @param options.labels for `of: 'loss'`
   * @throws NetkinError 'input' for wrong shapes, NaN, no examples; 'memory' when the rows do not fit `memory`
   */
  async perspective(inputs: Inputs, options: { labels?: Labels } & Watch = {}): Promise<Perspective> {
    this.#assertOpen();
    const examples = examplesOf(inputs, this.#network.inputs);
    const objective = this.#objective(examples, options.labels);
    this.#prepare(examples.arrays, objective);
    const { terms, compared, outputs } = this.network;
    this.#assertFits(rowBytes(terms, compared, examples.size), examples.size);
    const { shares } = this.#crew;
    const module = shares ? await this.#runtime.sharedKernel!() : this.#kernelModule;
    const memory = new WebAssembly.Memory({ initial: 16, maximum: 65536, shared: shares });
    const arena = new Arena(memory, undefined, this.#options.memory ?? DEFAULT_MEMORY);
    const plain = wasmKernel(module, memory);
    // One piece of scratch for this thread, and one for each worker.
    const wide = this.#usesWide(plain, arena)
      ? arena.allocate((1 + this.#crew.threads) * WIDE_SCRATCH_BYTES)
      : 0;
    const kernel = wide ? widened(plain, wide) : plain;
    const shared = shares
      ? new SharedWork(this.#crew, module, memory, wide && wide + WIDE_SCRATCH_BYTES)
      : null;
    const rows = new Rows(kernel, arena, terms, compared, examples.size, shared);
    const width = outputWidth(outputs);
    const logits = new Float32Array(examples.size * width);
    const weights = this.#network.weightsVersion();
    const isSame = () => this.#network.weightsVersion().every((version, i) => version === weights[i]);
    await run('gradients', capture(this.#request(examples, objective), rows, logits, shared), options);
    if (!isSame()) refuse('usage', CHANGED);
    const { output = 'logits', of = 'output' } = this.#options;
    const every = [...Array(width).keys()];
    const chosen = Array.isArray(output) ? output : output === 'logits' || output === 'all' ? every : null;
    return new Perspective(rows, logits, {
      compared: of === 'output' ? chosen : null,
      heads: outputs,
      capture: async (others, watch) => {
        this.#assertOpen();
        if (!isSame()) {
          refuse('usage', "The model's weights changed since this perspective was made: make another one.");
        }
        if (of === 'loss' || (typeof output === 'object' && 'contrast' in output)) {
          refuse(
            'usage',
            'Other inputs cannot be compared by loss or by given contrasts: their labels are not known.',
          );
        }
        const more = examplesOf(others, this.#network.inputs);
        const other = new Rows(kernel, arena, terms, compared, more.size, shared);
        await run('gradients', capture(this.#request(more, 'output'), other, null, null), watch);
        if (!isSame()) refuse('usage', CHANGED);
        return other;
      },
      release: () => shared?.release(),
    });
  }

  /**
   * What these inputs will cost: bytes, multiply-adds, and seconds after a short calibration (some 0.1 s). Nothing is
   * kept.
   */
  plan(inputs: Inputs, options: { labels?: Labels } = {}): Prediction {
    this.#assertOpen();
    const examples = examplesOf(inputs, this.#network.inputs);
    const objective = this.#objective(examples, options.labels);
    this.#prepare(examples.arrays, objective);
    const { output = 'logits', memory = DEFAULT_MEMORY } = this.#options;
    const few = slice(examples.arrays, 0, Math.min(PROBE, examples.size));
    const probe = () => this.#network.capture(few, output, objective, 0).batch;
    probe(); // compiles and warms up
    const { threads } = this.#crew;
    const { network } = this;
    return predict({
      network,
      kernelModule: this.#kernelModule,
      inputs: examples.size,
      memory,
      threads,
      probe,
    });
  }

  /** The baseline: the k nearest others of every input by the cosine of its raw values, without the network. */
  async rawNearestOthers(inputs: Inputs, k: number, watch: Watch = {}): Promise<Neighbours> {
    const { arrays } = examplesOf(inputs, this.#network.inputs);
    if (!Number.isInteger(k) || k < 1 || k >= arrays[0].shape[0]) {
      refuse(
        'usage',
        `k is ${k}; with ${arrays[0].shape[0]} inputs it runs from 1 to ${arrays[0].shape[0] - 1}.`,
      );
    }
    return run('raw values', rawNearestOthers(this.#kernelModule, arrays[0], k), watch);
  }

  /** Frees the model's weights if the engine loaded it; a live model stays the caller's. */
  async [Symbol.asyncDispose](): Promise<void> {
    if (this.#disposed) return;
    this.#disposed = true;
    this.#crew.close();
    if (this.#owned) this.#network.model.dispose();
  }

  /** The same for callers without `await using`. */
  dispose(): Promise<void> {
    return this[Symbol.asyncDispose]();
  }

  /** Whether 256-bit kernels were asked for and proved themselves; tried once. */
  #usesWide(kernel: Kernel, arena: Arena): boolean {
    this.#wide ??= this.#options.wide === true && this.#revectorized && fuses(kernel, arena);
    return this.#wide;
  }

  #assertOpen(): void {
    if (this.#disposed) refuse('usage', 'This engine was disposed of; open the model again.');
  }

  /** Refuses rows that cannot fit before anything is captured; copies of them are refused by the arena when needed. */
  #assertFits(bytes: number, inputs: number): void {
    const limit = this.#options.memory ?? DEFAULT_MEMORY;
    if (bytes <= limit) return;
    const shown = (value: number) =>
      value < 2 ** 20 ? `${Math.ceil(value / 2 ** 10)} KiB` : `${Math.ceil(value / 2 ** 20)} MiB`;
    refuse(
      'memory',
      `The gradient rows of ${inputs} inputs need ${shown(bytes)}, memory allows ${shown(limit)}. Use fewer inputs, fewer outputs (output: 'contrast'), fewer parameters, or a larger memory.`,
    );
  }

  #objective(examples: Examples, labels: Labels | undefined): Objective {
    if (this.#options.of !== 'loss') return 'output';
    if (!labels) refuse('usage', "of: 'loss' needs labels: the loss of an input depends on its label.");
    const { outputs } = this.#network.describe(slice(examples.arrays, 0, 1), 'logits', 'output');
    return { lossOf: labelTable(labels, examples.size, outputs) };
  }

  /** Describes and checks the network, once, on the first inputs there are. */
  #prepare(arrays: readonly NdArray<Float32Array>[], objective: Objective): void {
    const pair = arrays[0].shape[0] > 1 ? slice(arrays, 0, 2) : twice(arrays);
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

  #request(examples: Examples, objective: Objective): CaptureRequest {
    const { output = 'logits', batch = this.#batchSize() } = this.#options;
    return { network: this.#network, examples, output, objective, batch };
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

function rowBytes(terms: readonly Term[], outputs: number, size: number): number {
  const inputs = Math.ceil(size / 16) * 16 + 16;
  return terms.reduce((sum, term) => sum + inputs * inputValues(term, outputs) * 4, 0);
}

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

function twice(arrays: readonly NdArray<Float32Array>[]): NdArray<Float32Array>[] {
  return arrays.map(({ shape, data }) => ({
    shape: [2, ...shape.slice(1)],
    data: Float32Array.of(...data, ...data),
  }));
}

async function loadFrom(location: string | URL, runtime: Runtime): Promise<tf.LayersModel> {
  const name = String(location);
  if (/\.(h5|keras|onnx|safetensors)$/i.test(name)) {
    refuse(
      'unsupported',
      `'${name}': netkin reads tfjs model.json files so far; convert the model with tensorflowjs_converter.`,
    );
  }
  const bytes = await runtime.read(location);
  const folder = name.replace(/[^/\\]*$/, '');
  return loadLayersModel(bytes, name, (path) =>
    runtime.read(location instanceof URL ? new URL(path, location) : folder + path),
  );
}
