/** The share of each layer in a similarity: k^C is a sum over terms, hence over layers (method, section 2). */
import { LANES } from '../kernel/kernel.js';
import type { Variant } from './rows.js';
import { Tiles } from './tiles.js';

export interface LayerShare {
  readonly layer: string;
  /** What the layer adds to the similarity; may be negative. */
  readonly share: number;
}

/** Shares for the inputs at places i and j of `white`, in the order of the network's layers; `similarity` is their sum. */
export function layerShares(
  white: Variant,
  i: number,
  j: number,
): { similarity: number; layers: LayerShare[] } {
  const { terms, outputs } = white;
  const { arena } = white.site;
  const mark = arena.mark();
  try {
    const tiles = Tiles.of(white, white);
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
