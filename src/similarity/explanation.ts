/** The share of each layer in a similarity: k^C is a sum over terms, hence over layers (method, section 2). */
import { LANES } from '../kernel/kernel.js';
import type { Variant } from './rows.js';
import { Tiles } from './tiles.js';

export interface LayerShare {
  readonly layer: string;
  /** What the layer adds to the similarity; may be negative. */
  readonly share: number;
  /**
   * If asked for: k^C through this layer's compared parameters alone, in [-1, 1]; 0 where their gradient is zero. Of a
   * sketched layer an estimate.
   */
  readonly similarity?: number;
  /** If asked for: what adds most to the share, or takes most of it away, largest first; null in a sketched layer. */
  readonly activities?: readonly ActivityShare[] | null;
}

/**
 * What one incoming activity, that is one row i of a layer's kernel, adds to the layer's share (the link with the
 * perceptual loss, method, section 2): all of them together are the share, sum_i λ_i a_i(x) a_i(x').
 */
export interface ActivityShare {
  /** The name of the parameter, `layer/weight`. */
  readonly parameter: string;
  /** The row of the kernel: the incoming activity, from 0; null for a parameter as a whole: bias, scale, slopes. */
  readonly index: number | null;
  /** The same in a convolution, in the filter: from 0; over a series `row` is 0. Null elsewhere. */
  readonly tap: { readonly row: number; readonly column: number; readonly channel: number } | null;
  /** Summed over positions and outputs; may be negative. */
  readonly share: number;
  /**
   * a_i(x) and a_i(x'), 1 for a bias, where the weight is used at one position and kept as factors (see `network.terms`);
   * null elsewhere. Without a bias, activities beyond 2^±30 are given up to a power of two, which `weight` makes good.
   */
  readonly values: readonly [number, number] | null;
  /** λ_i = b(x) · b(x') / d of whitened backpropagated values b; share = weight · values[0] · values[1]. */
  readonly weight: number | null;
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
