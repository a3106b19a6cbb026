/** An engine that lives in a worker: the caller's thread only sends and receives. */
import type { NdArray } from '../array.js';
import type { NetworkDescription } from '../description.js';
import { asyncDispose } from '../disposal.js';
import type { Engine } from '../engine.js';
import { refuse } from '../errors.js';
import type { Inputs } from '../inputs.js';
import type { Labels } from '../labels.js';
import { artifactsOf } from '../network/artifacts.js';
import type { ModelSource } from '../network/model.js';
import type { InputSpec } from '../network/network.js';
import type { tf } from '../network/tfjs.js';
import { assertOptions, type OpenOptions } from '../options.js';
import type { Prediction } from '../prediction.js';
import type { RemoteWorker } from '../runtime.js';
import type { Neighbours } from '../similarity/neighbours.js';
import type { Watch } from '../watch.js';
import { Calls } from './calls.js';
import type { EngineFacts, EngineMethod, PerspectiveFacts, PortableModel } from './messages.js';
import { RemotePerspective } from './perspective.js';

export class RemoteEngine implements Engine {
  readonly #calls: Calls;
  #facts: EngineFacts;

  private constructor(calls: Calls, facts: EngineFacts) {
    this.#calls = calls;
    this.#facts = facts;
  }

  /**
   * Opens a network in a worker of its own, which ends with the engine.
   * @param model its location, its files, or a live model: a copy of it travels, so that later changes do not count
   */
  static async open(
    model: ModelSource,
    spawn: () => Promise<RemoteWorker>,
    options: OpenOptions,
  ): Promise<RemoteEngine> {
    assertOptions(options);
    const source = await portable(model);
    const calls = new Calls(await spawn());
    try {
      const specs = await calls.ask((host) => host.load(calls.moved(source)));
      const { parameters: choose, worker: _, ...rest } = options;
      const names = specs.filter(({ name, shape }) => !choose || choose(name, shape)).map(({ name }) => name);
      const facts = await calls.ask((host) =>
        host.open(calls.moved({ ...rest, ...(choose && { parameters: names }) })),
      );
      return new RemoteEngine(calls, facts);
    } catch (error) {
      await calls.end();
      throw error;
    }
  }

  get network(): NetworkDescription {
    return (
      this.#facts.network ??
      refuse('usage', 'This model takes inputs of any extent: hand over inputs to describe it.')
    );
  }

  get inputs(): readonly InputSpec[] {
    return this.#facts.inputs;
  }

  get wide(): boolean {
    return this.#facts.wide;
  }

  async perspective(
    inputs: Inputs,
    options: { readonly labels?: Labels } & Watch = {},
  ): Promise<RemotePerspective> {
    const facts = await this.#call<PerspectiveFacts>('perspective', [inputs], options);
    return new RemotePerspective(this.#calls, facts);
  }

  async reopen(bytes: Uint8Array, watch: Watch = {}): Promise<RemotePerspective> {
    return new RemotePerspective(this.#calls, await this.#call('reopen', [bytes], watch));
  }

  outputs(inputs: Inputs, watch: Watch = {}): Promise<NdArray<Float32Array>> {
    return this.#call('outputs', [inputs], watch);
  }

  plan(inputs: Inputs, options: { readonly labels?: Labels } = {}): Promise<Prediction> {
    return this.#call('plan', [inputs, options]);
  }

  rawNearestOthers(inputs: Inputs, k: number, watch: Watch = {}): Promise<Neighbours> {
    return this.#call('rawNearestOthers', [inputs, k], watch);
  }

  async dispose(): Promise<void> {
    await this.#calls.end();
  }

  [asyncDispose](): Promise<void> {
    return this.dispose();
  }

  async #call<Result>(
    method: EngineMethod,
    parameters: readonly unknown[],
    options?: Watch,
  ): Promise<Result> {
    const { value, facts } = await this.#calls.call(
      (host, request) => host.engine(request),
      method,
      parameters,
      options,
    );
    this.#facts = facts;
    return value as Result;
  }
}

async function portable(source: ModelSource): Promise<PortableModel> {
  if (typeof source === 'string' || source instanceof URL) {
    return { location: String(source), isUrl: source instanceof URL };
  }
  if (source instanceof Map) return { files: source };
  const model = source as tf.LayersModel;
  if (typeof model?.save !== 'function' || !Array.isArray(model.layers)) {
    refuse('unsupported', 'Only tfjs layers models are supported so far; graph models have no rules yet.');
  }
  const artifacts = await artifactsOf(model);
  return artifacts
    ? { artifacts }
    : refuse(
        'unsupported',
        'tfjs cannot save this model, so that no worker can get it: open it with { worker: false }.',
      );
}
