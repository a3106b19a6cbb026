/** The share of each layer in a similarity: k^C is a sum over terms, hence over layers (method, section 2). */
import { LANES } from '../kernel/kernel.js';
import type { Variant } from './rows.js';
import { Tiles } from './tiles.js';

export interface LayerShare {
  readonly layer: string;
  /** What the layer adds to the similarity; may be negative. */
  readonly share: number;
}

/** What the layers add to one similarity, which is their sum; in the order of the network's layers. */
export interface Explained {
  readonly similarity: number;
  readonly layers: LayerShare[];
}

/** The first input of `left` and each of `right`, which is one panel; both whitened. */
export function layerShares(left: Variant, right: Variant): Explained[] {
  const { terms, outputs } = left;
  const { arena } = left.site;
  const mark = arena.mark();
  try {
    const tiles = Tiles.of(left, right);
    const found = Array.from({ length: right.size }, () => new Map<string, number>());
    terms.forEach(({ layer }, index) => {
      tiles.trace(0, 0, index, index + 1);
      const row = arena.doubles(tiles.tile, LANES);
      found.forEach((shares, j) => {
        shares.set(layer, (shares.get(layer) ?? 0) + row[j] / outputs);
      });
    });
    return found.map((shares) => {
      const layers = [...shares].map(([layer, share]) => ({ layer, share }));
      return { similarity: layers.reduce((sum, { share }) => sum + share, 0), layers };
    });
  } finally {
    arena.release(mark);
  }
}
