/** Random projections of the 16 inputs of a panel; what they are for stands in similarity/sketch.ts. */
import type { Pointer } from './kernel.js';

export interface SketchKernel {
  /**
   * panel_k = Σ_k' (-1)^popcount(k & k') signs_k' panel_k', in place: a panel [size][16] whose first `length` elements
   * are given and whose others count as 0. size: a power of two; signs: float32 [length].
   */
  transformLanes(panel: Pointer, length: number, size: number, signs: Pointer): void;

  /** target_r (panel [count][16]) += a_i b_j, lane by lane, for the r-th pair (i, j) of elements of the panels a and
   *  b; places: int32 [count][2]. */
  addSampledProducts(a: Pointer, b: Pointer, places: Pointer, count: number, target: Pointer): void;
}
