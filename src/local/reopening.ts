/** An index into the rows of a perspective: into kernel memory where they fit with room to work, or block by block. */
import { elements } from '../array.js';
import type { NetworkDescription } from '../description.js';
import { refuse } from '../errors.js';
import { assertContent, storedIds } from '../format/index-content.js';
import { type IndexFile, readIndex } from '../format/index-file.js';
import { type Labels, labelTable } from '../labels.js';
import type { InputSpec, Network } from '../network/network.js';
import type { SettledOptions } from '../options.js';
import { reserveRows, type Site } from '../similarity/rows.js';
import { HeldRows, type RowSource, StreamedRows } from '../similarity/source.js';
import { storedLoader } from '../similarity/stored.js';
import { sweepBytes } from '../similarity/strips.js';
import { part, type Work } from '../work.js';
import { assertModel, assertOptionsOf, assertParameters, assertPlan, fingerprint } from './identity.js';
import { assertFits, type Demand, holds } from './memory.js';
import { readSelf, storedTerms } from './stored-index.js';

export { readAttached } from './stored-index.js';

/** The engine that an index has to belong to. */
export interface Owner {
  readonly network: Network;
  readonly options: SettledOptions;
  /** What the network is for inputs of these extents. */
  describe(specs: readonly InputSpec[]): NetworkDescription;
  /** Throws where the engine is gone. */
  assertOpen(): void;
}

export interface OpenedIndex {
  readonly file: IndexFile;
  readonly description: NetworkDescription;
  /** Of one input, for each of the model. */
  readonly extents: readonly (readonly number[])[];
}

/**
 * Opens an index whose every number has been checked. Its numbers come last: what says that it belongs to the engine
 * also bounds the work that it can ask for.
 */
export function* openIndex(bytes: Uint8Array, owner: Owner): Work<OpenedIndex> {
  const file = yield* part(readIndex(bytes), 0, 0.6);
  const { facts } = file;
  const { network, options } = owner;
  owner.assertOpen();
  assertModel(facts, yield* part(fingerprint(network.model), 0.6, 0.1));
  owner.assertOpen();
  assertOptionsOf(facts, storedIds(file), options);
  assertParameters(facts, network.parameters);
  const specs = fittedSpecs(network.inputs, facts.inputs);
  const description = owner.describe(specs);
  assertPlan(facts, description);
  yield* part(assertContent(file), 0.7, 0.3);
  if (file.has('labels')) {
    const labels: Labels = { shape: file.shape('labels')!, data: file.doubles('labels') };
    labelTable(labels, facts.size, facts.heads);
  }
  owner.assertOpen();
  return { file, description, extents: specs.map(({ shape }) => shape) };
}

/**
 * @param demand of the index, its own bytes being its inputs
 * @param slots strips under way at once
 * @throws NetkinError 'memory' where not even two strips of rows fit
 */
export function* storedRows(
  file: IndexFile,
  site: Site,
  demand: Demand,
  slots: number,
  memory: number,
): Work<RowSource> {
  const { size } = file.facts;
  const self = readSelf(file);
  const loader = storedLoader(storedTerms(file));
  const working = site.arena.used + sweepBytes(slots);
  assertFits(demand, memory, working);
  if (!holds(demand, size, site.arena.limit - working))
    return new StreamedRows(site, demand, size, self, loader);
  const rows = reserveRows(site, demand, 0, size);
  yield* loader.range(rows);
  return new HeldRows(rows, self);
}

/** Numbers of one input that a header may ask for where the model takes any extent: a picture of 16 megapixels. */
const LARGEST_INPUT = 2 ** 24;

/**
 * The model's inputs with the extents of an index.
 * @throws NetkinError 'input' where the model does not take them
 */
function fittedSpecs(
  specs: readonly InputSpec[],
  stored: readonly { readonly name: string; readonly shape: readonly number[] }[],
): { readonly name: string; readonly shape: readonly number[] }[] {
  const fits = specs.every(({ shape }, i) => {
    const own = stored[i]?.shape ?? [];
    return own.length === shape.length && shape.every((extent, axis) => (extent ?? own[axis]) === own[axis]);
  });
  const modest = stored.every(({ shape }) => elements(shape) >= 1 && elements(shape) <= LARGEST_INPUT);
  if (fits && modest && specs.length === stored.length)
    return specs.map(({ name }, i) => ({ name, shape: stored[i].shape }));
  const shown = stored.map(({ shape }) => `[${shape}]`).join(', ');
  return refuse(
    'input',
    `The index was made from inputs of the shapes ${shown.slice(0, 80)}, which this model does not take.`,
  );
}
