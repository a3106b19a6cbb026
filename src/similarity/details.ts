/** What `explain` tells of each layer beside its share. */
import { LANES } from '../kernel/kernel.js';
import { part, type Work } from '../work.js';
import { activityShares, type ParameterShapes } from './activity-shares.js';
import type { Explained } from './explanation.js';
import { type LayerRoots, layerRoots, layerSimilarities } from './layer-similarity.js';
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
  let roots: LayerRoots | null = null;
  for (let first = 0; first < others.length; first += LANES) {
    const panel = others.slice(first, first + LANES);
    const mark = arena.mark();
    try {
      const done = [first / others.length, panel.length / others.length] as const;
      let alone: ReadonlyMap<string, Float64Array> | null = null;
      if (similarities) {
        const left = yield* own('raw');
        roots ??= yield* part(layerRoots(left, typeof i === 'number' ? i : 0), done[0], 0);
        const right = yield* source.few('raw', panel);
        alone = yield* part(layerSimilarities(left, roots, right, panel), done[0], 0);
      }
      const tops =
        activities > 0
          ? yield* part(
              activityShares(yield* own('white'), yield* source.few('white', panel), activities, shapes),
              ...done,
            )
          : null;
      for (let lane = 0; lane < panel.length; lane++) {
        const { similarity, layers } = found[first + lane];
        result.push({
          similarity,
          layers: layers.map(({ layer, share }) => ({
            layer,
            share,
            ...(alone && { similarity: alone.get(layer)![lane] }),
            ...(tops && { activities: tops[lane].get(layer)! }),
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
