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
  options: { readonly neighbours?: Neighbours } & Watch,
): Promise<Suspect[]> {
  if (seen.size < 2) refuse('input', 'Suspects need at least 2 inputs: a label is judged by its neighbours.');
  assertCount(count, Infinity, 'the count of suspects');
  const neighbours = await neighboursOf(seen, options.neighbours, options);
  const found = table.classes
    ? suspectClasses(neighbours, table.data, outputWidth(heads))
    : suspectTargets(neighbours, table.data, table.width);
  return found.slice(0, count);
}

export async function fitted(
  seen: Seen,
  { table, heads, logits }: Labelled,
  { neighbours, ...watch }: FitOptions,
): Promise<Fit> {
  if (seen.size < 2) refuse('input', 'Fit needs at least 2 inputs: it looks at the labels of the others.');
  const others = await neighboursOf(seen, neighbours, watch);
  const density = await seen.density('soft', watch);
  const width = outputWidth(heads);
  const labels = targets(table, width);
  return fitOf(others, density, labels, predictions(logits, heads), width);
}

/** The nearest others that were given, or found now. */
async function neighboursOf(
  seen: Seen,
  given: Neighbours | number | undefined,
  watch: Watch,
): Promise<Neighbours> {
  if (typeof given !== 'object') return seen.nearestOthers(given ?? Math.min(VOTERS, seen.size - 1), watch);
  const { count, indices, similarities } = given;
  const length = seen.size * count;
  if (indices?.length !== length || similarities?.length !== length)
    refuse('usage', `The neighbours are not those of ${seen.size} inputs: take them from nearestOthers.`);
  const stranger = indices.find((index) => !(index >= 0 && index < seen.size));
  if (stranger !== undefined) refuse('usage', `Neighbour ${stranger} does not exist: take nearestOthers.`);
  return given;
}
