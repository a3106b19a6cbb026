/** The measures that look at the labels of the nearest others. */
import { outputWidth, predictions } from '../ending.js';
import { refuse } from '../errors.js';
import { targets } from '../labels.js';
import type { FitOptions, Perspective } from '../perspective.js';
import { type Fit, fitOf } from '../similarity/fit.js';
import type { Neighbours } from '../similarity/neighbours.js';
import { type Suspect, suspectClasses, suspectTargets, VOTERS } from '../similarity/suspects.js';
import type { Watch } from '../watch.js';
import { assertCount } from './arguments.js';
import type { Labelled } from './labelled.js';

type Seen = Pick<Perspective, 'size' | 'nearestOthers' | 'density'>;

export async function suspects(
  seen: Seen,
  { table, heads }: Labelled,
  count: number,
  options: { readonly neighbours?: Neighbours | undefined } & Watch,
): Promise<Suspect[]> {
  if (seen.size < 2) refuse('input', 'Suspects need at least 2 inputs: a label is judged by its neighbours.');
  assertCount(count, Infinity, 'the count of suspects');
  const given = ownNeighbours(options.neighbours, seen.size);
  const neighbours = await neighboursOf(seen, given, options);
  const found = table.classes
    ? suspectClasses(neighbours, table.data, outputWidth(heads))
    : suspectTargets(neighbours, table.data, table.width);
  return found.slice(0, count);
}

export async function fitted(
  seen: Seen,
  { table, heads, logits }: Labelled,
  { neighbours, density: counts, ...watch }: FitOptions,
): Promise<Fit> {
  if (seen.size < 2) refuse('input', 'Fit needs at least 2 inputs: it looks at the labels of the others.');
  const given = ownNeighbours(neighbours, seen.size);
  const known = counts === undefined ? null : ownDensity(counts, seen.size);
  const others = await neighboursOf(seen, given, watch);
  const density = known ?? (await seen.density('soft', watch));
  const width = outputWidth(heads);
  const labels = targets(table, width);
  return fitOf(others, density, labels, predictions(logits, heads), width);
}

type Given = Neighbours | number | undefined;

/** The nearest others that were given, or found now. */
async function neighboursOf(seen: Seen, given: Given, watch: Watch): Promise<Neighbours> {
  if (typeof given === 'object') return given;
  return seen.nearestOthers(given ?? Math.min(VOTERS, seen.size - 1), watch);
}

/** Checked, and copied before anything is awaited: what the caller does to the lists meanwhile must not count. */
function ownNeighbours(given: Given, size: number): Given {
  if (typeof given !== 'object') return given;
  const { count, indices, similarities } = given ?? {};
  const length = size * count;
  if (!(count >= 1) || indices?.length !== length || similarities?.length !== length)
    refuse('usage', `The neighbours are not those of ${size} inputs: take them from nearestOthers.`);
  for (let at = 0; at < length; at++) {
    const [index, similarity] = [indices[at], similarities[at]];
    if (!(Number.isInteger(index) && index >= 0 && index < size))
      refuse('usage', `Neighbour ${index} does not exist: take nearestOthers.`);
    if (!Number.isFinite(similarity))
      refuse('usage', `The similarity of neighbour ${index} is ${similarity}: take nearestOthers.`);
  }
  return { count, indices: Int32Array.from(indices), similarities: Float32Array.from(similarities) };
}

/** Checked and copied alike. */
function ownDensity(given: Float32Array, size: number): Float32Array {
  if (given?.length !== size)
    refuse('usage', `The density is not that of ${size} inputs: take it from density.`);
  const wrong = Array.prototype.findIndex.call(given, (value) => !Number.isFinite(value));
  if (wrong >= 0) refuse('usage', `The density of input ${wrong} is ${given[wrong]}: take it from density.`);
  return Float32Array.from(given);
}
