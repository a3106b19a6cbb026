/** An index into the rows of a perspective: into kernel memory where they fit with room to work, or block by block. */
import { elements } from '../array.js';
import { refuse } from '../errors.js';
import { assertContent } from '../format/index-content.js';
import { type IndexFile, readIndex } from '../format/index-file.js';
import { type Labels, labelTable } from '../labels.js';
import type { InputSpec } from '../network/network.js';
import { reserveRows, type Site } from '../similarity/rows.js';
import { HeldRows, type RowSource, StreamedRows } from '../similarity/source.js';
import { storedLoader } from '../similarity/stored.js';
import { sweepBytes } from '../similarity/strips.js';
import { part, type Work } from '../work.js';
import { assertFits, type Demand, holds } from './memory.js';
import { readSelf, storedTerms } from './stored-index.js';

export { readAttached } from './stored-index.js';

/** Opens an index whose every number has been checked. */
export function* openIndex(bytes: Uint8Array): Work<IndexFile> {
  const file = yield* part(readIndex(bytes), 0, 0.7);
  yield* part(assertContent(file), 0.7, 0.3);
  if (file.has('labels')) {
    const labels: Labels = { shape: file.shape('labels')!, data: file.doubles('labels') };
    labelTable(labels, file.facts.size, file.facts.heads);
  }
  return file;
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
export function fittedSpecs(
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
