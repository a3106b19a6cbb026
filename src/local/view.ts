/** One kernel memory in which sets of inputs are seen beside each other, through the network as it was at the start. */
import type { NetworkDescription } from '../description.js';
import { outputWidth } from '../ending.js';
import { refuse } from '../errors.js';
import { type Examples, examplesOf, type Inputs } from '../inputs.js';
import { assertEnough, knownOfOthers } from '../network/contrast.js';
import type { Network } from '../network/network.js';
import { isContrast, type Objective } from '../network/selection.js';
import type { SettledOptions } from '../options.js';
import { capturedLayout, inputValues } from '../plan.js';
import type { Shape, Site } from '../similarity/rows.js';
import type { RowSource } from '../similarity/source.js';
import { run, type Watch } from '../watch.js';
import { awaited, type Work } from '../work.js';
import type { SharedWork } from '../workers/crew.js';
import type { PerspectiveContext } from './context.js';
import type { Identity } from './identity.js';
import { DEFAULT_MEMORY } from './memory.js';
import { type Observed, observe } from './observing.js';

const CHANGED = "The model's weights changed since the inputs were captured: make another perspective.";

export interface ViewRequest {
  readonly network: Network;
  readonly description: NetworkDescription;
  readonly options: SettledOptions;
  readonly site: Site;
  readonly shared: SharedWork | null;
  /** The network's weights at the start, see `Network.weightsVersion`. */
  readonly weights: readonly object[];
  /** Throws where the engine is gone. */
  readonly assertOpen: () => void;
}

export class View {
  readonly site: Site;
  readonly shape: Shape;
  readonly #request: ViewRequest;

  constructor(request: ViewRequest) {
    const { description, site } = request;
    this.site = site;
    this.shape = { terms: description.terms, outputs: description.compared };
    this.#request = request;
  }

  /** Captures a set of inputs. */
  async see(examples: Examples, objective: Objective, watch: Watch): Promise<Observed> {
    const { network, description, options, shared } = this.#request;
    const { output, memory = DEFAULT_MEMORY, batch = batchSize(description) } = options;
    if (isContrast(output)) assertEnough(output, examples.size);
    const assertSame = () => this.#assertSame();
    const request = { network, examples, output, objective, batch, assertSame };
    const width = outputWidth(description.outputs);
    const work = observe(request, this.site, this.shape, width, shared, memory);
    const found = await run('gradients', work, watch);
    assertSame();
    return found;
  }

  /** @param extents of one example, for each model input */
  context(extents: readonly (readonly number[])[]): PerspectiveContext {
    const { description, options } = this.#request;
    const { output, of = 'output' } = options;
    const { outputs: heads, parameters } = description;
    const every = [...Array(outputWidth(heads)).keys()];
    const chosen = isContrast(output) ? null : typeof output === 'string' ? every : output;
    return {
      compared: of === 'output' ? chosen : null,
      heads,
      parameters,
      comparesOthers: this.#comparesOthers,
      capture: (inputs, watch) => this.#captureOthers(inputs, watch),
      identify: () => this.#identify(extents),
      release: () => this.release(),
    };
  }

  /** Lets workers forget the memory. */
  release(): void {
    this.#request.shared?.release();
  }

  get #comparesOthers(): boolean {
    const { output, of } = this.#request.options;
    return of !== 'loss' && (!isContrast(output) || knownOfOthers(output));
  }

  async #captureOthers(inputs: Inputs, watch: Watch): Promise<RowSource> {
    const { network } = this.#request;
    this.#assertSame();
    if (!this.#comparesOthers) {
      refuse(
        'usage',
        'Other inputs cannot be compared by loss, by given contrasts or by sampled adversaries: their labels are not known.',
      );
    }
    return (await this.see(examplesOf(inputs, network.inputs), 'output', watch)).source;
  }

  *#identify(extents: readonly (readonly number[])[]): Work<Identity> {
    const { network, description, options } = this.#request;
    const { fingerprint, plainTerm, rowOptions } = yield* awaited(import('./identity.js'));
    this.#assertSame();
    const model = yield* fingerprint(network.model);
    this.#assertSame();
    return {
      model,
      ...rowOptions(options),
      parameters: network.parameters.map(({ name }) => name),
      inputs: network.inputs.map(({ name }, i) => ({ name, shape: extents[i] })),
      heads: description.outputs,
      outputs: description.compared,
      terms: description.terms.map(plainTerm),
    };
  }

  /** Refuses where the engine is gone or the weights are others now. */
  #assertSame(): void {
    const { network, weights, assertOpen } = this.#request;
    assertOpen();
    if (network.weightsVersion().some((version, i) => version !== weights[i])) refuse('usage', CHANGED);
  }
}

/** Large enough to keep the matrix products busy, small enough that activations stay near the cache. */
export function batchSize({ terms, compared }: NetworkDescription): number {
  const values = terms.reduce((sum, term) => sum + inputValues(capturedLayout(term), compared), 0);
  return Math.min(512, Math.max(16, Math.floor(2 ** 16 / values) * 16));
}
