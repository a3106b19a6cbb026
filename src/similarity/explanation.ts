/** The share of each layer in a similarity: k^C is a sum over terms, hence over layers (method, section 2). */
import { LANES } from '../kernel/kernel.js';
import type { Variant } from './rows.js';
import { Tiles } from './tiles.js';

export interface LayerShare {
  readonly layer: string;
  /** What the layer adds to the similarity; may be negative. */
  readonly share: number;
}

/**
 * Shares for the input at place i of `left` and that at place j of `right`, both whitened, in the order of the network's
 * layers; `similarity` is their sum.
 */
export function layerShares(
  left: Variant,
  i: number,
  right: Variant,
  j: number,
): { similarity: number; layers: LayerShare[] } {
  const { terms, outputs } = left;
  const { arena } = left.site;
  const mark = arena.mark();
  try {
    const tiles = Tiles.of(left, right);
    const shares = new Map<string, number>();
    terms.forEach((term, index) => {
      tiles.trace(Math.floor(i / LANES), Math.floor(j / LANES), index, index + 1);
      const value = arena.doubles(tiles.tile, LANES * LANES)[(i % LANES) * LANES + (j % LANES)] / outputs;
      shares.set(term.layer, (shares.get(term.layer) ?? 0) + value);
    });
    const layers = [...shares].map(([layer, share]) => ({ layer, share }));
    return { similarity: layers.reduce((sum, { share }) => sum + share, 0), layers };
  } finally {
    arena.release(mark);
  }
}
