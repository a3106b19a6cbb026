/** What `explain` tells of each layer beside its share. */
import { LANES } from '../kernel/kernel.js';
import type { Work } from '../work.js';
import { activityShares, type ParameterShapes } from './activity-shares.js';
import type { Explained } from './explanation.js';
import { layerSimilarities } from './layer-similarity.js';
import type { RowSource } from './source.js';

export interface DetailOptions {
  /** Whether k^C through each layer alone is wanted. */
  readonly similarities: boolean;
  /** How many activities of each layer are; 0: none. */
  readonly activities: number;
  readonly shapes: ParameterShapes;
}

/**
 * Adds details to what was found of input i, or the only input of another set, and each of `others`.
 * Kernel memory is used for a while; the whitened rows, which stay, must be there.
 */
export function* detailed(
  source: RowSource,
  i: number | RowSource,
  others: readonly number[],
  found: readonly Explained[],
  { similarities, activities, shapes }: DetailOptions,
): Work<Explained[]> {
  const { arena } = source.site;
  const own = (kind: 'raw' | 'white') => (typeof i === 'number' ? source.few(kind, [i]) : i.few(kind, [0]));
  const result: Explained[] = [];
  for (let first = 0; first < others.length; first += LANES) {
    const panel = others.slice(first, first + LANES);
    const mark = arena.mark();
    try {
      const alone = similarities
        ? yield* layerSimilarities(yield* own('raw'), yield* source.few('raw', panel))
        : null;
      const [left, right] =
        activities > 0 ? [yield* own('white'), yield* source.few('white', panel)] : [null, null];
      for (let lane = 0; lane < panel.length; lane++) {
        const { similarity, layers } = found[first + lane];
        const tops = left && right && activityShares(left, right, lane, activities, shapes);
        result.push({
          similarity,
          layers: layers.map(({ layer, share }) => ({
            layer,
            share,
            ...(alone && { similarity: alone.get(layer)![lane] }),
            ...(tops && { activities: tops.get(layer)! }),
          })),
        });
        yield (first + lane + 1) / others.length;
      }
    } finally {
      arena.release(mark);
    }
  }
  return result;
}
