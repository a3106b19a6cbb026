/**
 * Screening: inner products in 12 bits with a bound on their error, at nearly twice the speed of float32, and
 * the exact values only where the bound leaves a question open. Results are then those of the exact kernels,
 * bit for bit: a value that was not computed exactly stands on the same side of the limit as the exact one.
 *
 * Flow for a pair of panels: clear a tile and its bounds; add every term, screened where it is long and exact
 * where it is not (exact terms add nothing to the bounds); ask for the pairs that are open; add every term exactly
 * to those, in the usual order; store the tile and reduce it as ever.
 *
 * `bounds` is shaped like a tile: float64 [16][16]. **Pairs** are listed as int32 numbers 16 i + j. A **part** is
 * 4 × 8 pairs of a tile: part `2·(i >> 2) + (j >> 3)` holds the pair (i, j), and has that bit.
 */
import { LANES, type Pointer, TILE_BYTES } from './kernel.js';

/** Steps k that share a scale: with 12 bits the most whose products cannot overflow int32. */
export const SCREEN_BLOCK = 512;
/** More than the relative error of 256 float32 products and sums, 1.526e-5, and of float64 beside it. */
export const CHAIN = 1.6e-5;
/** Bytes of scratch that {@link ScreenKernel.addScreenedOuterGram} wants: four tiles, and sums of its wide form. */
export const SCREENED_OUTER_SCRATCH_BYTES = 4 * TILE_BYTES + 256;

/** Bytes of a quantised panel of `length` elements: norms, errors, scales, and two bytes an element. */
export function quantizedBytes(length: number): number {
  return LANES * (16 + Math.ceil(length / SCREEN_BLOCK) * 4 + Math.ceil(length / 2) * 4);
}

export interface ScreenKernel {
  /** Rounds a panel [length][16] to 12 bits, one scale for each input and 512 elements. `target`:
   *  {@link quantizedBytes}, not overlapping. */
  quantize(panel: Pointer, length: number, target: Pointer): void;

  /** tile_ij += K̂_ij, near Σ_k a_ki b_kj, for two quantised panels of `length`; bounds_ij += a bound on how far
   *  that is from what addGram adds, and from the true sum. Never an estimate. Not finite where inputs are not.
   *  With `bounds` 0 the caller keeps account: panels begin with norms ‖x‖ and errors ‖ε‖, float64 [16] each, and
   *  a length of 0 adds nothing but the bound, (‖ε_i‖ + γ ‖x_i‖) ‖x_j‖ + (‖x_i‖ + ‖ε_i‖) ‖ε_j‖ with γ = CHAIN. */
  addScreenedGram(a: Pointer, b: Pointer, length: number, tile: Pointer, bounds: Pointer): void;

  /** The same for (a_i · a'_j)(b_i · b'_j): addOuterGram at one position, all panels quantised. `scratch`:
   *  {@link SCREENED_OUTER_SCRATCH_BYTES}, overwritten. `bounds` may be 0. */
  addScreenedOuterGram(
    leftA: Pointer,
    rightA: Pointer,
    aLength: number,
    leftB: Pointer,
    rightB: Pointer,
    bLength: number,
    scratch: Pointer,
    tile: Pointer,
    bounds: Pointer,
  ): void;

  /**
   * Lists the pairs for which float32(scale·K_ij), scale > 0, could be ≥ limits_i, or ≥ columnLimits_j unless that
   * is 0, in ascending order; limits are float64 [16]. Returns how many. `pairs`: int32 [256].
   */
  reachingPairs(
    tile: Pointer,
    bounds: Pointer,
    scale: number,
    limits: Pointer,
    columnLimits: Pointer,
    pairs: Pointer,
  ): number;

  /** The same for the pairs where it is open whether float32(scale·K_ij) ≥ limit, scale > 0. */
  undecidedPairs(tile: Pointer, bounds: Pointer, scale: number, limit: number, pairs: Pointer): number;

  /** sums_m (float64 [count]) += what addGram adds for pair m of a list, the same bits. */
  addGramPairs(a: Pointer, b: Pointer, length: number, pairs: Pointer, count: number, sums: Pointer): void;

  /** The same for addOuterGram at one position. `scratch`: two tiles, overwritten. */
  addOuterGramPairs(
    leftA: Pointer,
    rightA: Pointer,
    aLength: number,
    leftB: Pointer,
    rightB: Pointer,
    bLength: number,
    pairs: Pointer,
    count: number,
    scratch: Pointer,
    sums: Pointer,
  ): void;

  /** addGram for the parts whose bits are set: the same bits there, nothing elsewhere. */
  addGramParts(a: Pointer, b: Pointer, length: number, tile: Pointer, parts: number): void;

  /** addOuterGram for the parts whose bits are set: the same bits there, nothing elsewhere. */
  addOuterGramParts(
    leftA: Pointer,
    rightA: Pointer,
    aLength: number,
    leftB: Pointer,
    rightB: Pointer,
    bLength: number,
    positions: number,
    scratch: Pointer,
    tile: Pointer,
    parts: number,
  ): void;
}
