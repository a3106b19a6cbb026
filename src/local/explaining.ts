/** What makes two inputs alike, from the shares of the layers to single activities. */
import { refuse } from '../errors.js';
import type { ExplainOptions } from '../perspective.js';
import type { Comparison } from '../similarity/comparison.js';
import type { Explained } from '../similarity/explanation.js';
import type { RowSource } from '../similarity/source.js';
import { awaited, type Work } from '../work.js';
import type { PerspectiveContext } from './context.js';

/** @param of an input of the set, or the only one of another set; beside each of `others` */
export function* explained(
  comparison: Comparison,
  { parameters }: PerspectiveContext,
  of: number | RowSource,
  others: readonly number[],
  { similarities = false, activities = 0 }: ExplainOptions,
): Work<Explained[]> {
  if (typeof of !== 'number' && of.size > 1)
    refuse('usage', `One input can be explained at a time; these are ${of.size}.`);
  const found = yield* comparison.shares(of, others);
  if (!similarities && activities === 0) return found;
  const { detailed } = yield* awaited(import('../similarity/details.js'));
  const shapes = new Map(parameters.map(({ name, shape }) => [name, shape]));
  return yield* detailed(comparison.source, of, others, found, { similarities, activities, shapes });
}
