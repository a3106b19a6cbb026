/**
 * The inner loops: everything netkin computes per pair of inputs, on numbers in one WebAssembly memory.
 *
 * Two implementations share this face: {@link wasmKernel} (float32 in short chains, then float64) and
 * `plainKernel` in plain.ts (float64 throughout: the oracle of the tests). Names of matrices and indices:
 * i and j are inputs, k and m elements of a factor, t a position of a layer that is applied at several.
 *
 * - **panel**: 16 inputs interleaved, float32 [length][16]: element k of input `lane` is number k·16 + lane.
 *   One cache line a step, and the same panel serves left and right. Missing inputs are zeros.
 * - **tile**: float64 [16][16], row-major: row i is an input of the left panel, column j of the right.
 * - **block**: float32 [rows][columns], row-major, rows `stride` elements apart.
 *
 * Panels and tiles start at multiples of 4 and 8 bytes. Names that begin with `add` accumulate; a caller
 * clears the target first. Nothing allocates, nothing fails, and no length but those given is checked.
 */

import type { ScreenKernel } from './screen.js';
import type { SketchKernel } from './sketch.js';
import type { WideKernel } from './wide.js';

/** A byte address in the kernel's memory. */
export type Pointer = number;

/** Inputs of a panel. */
export const LANES = 16;
/** Bytes of a tile: 16 · 16 · 8. */
export const TILE_BYTES = 2048;
/** Bytes of scratch that {@link Kernel.addOuterGram} wants: two tiles, and float32 sums of its wide form. */
export const OUTER_SCRATCH_BYTES = 2 * TILE_BYTES + 256;

/** Bytes of a panel of `length` elements. */
export function panelBytes(length: number): number {
  return length * LANES * 4;
}

export interface GramKernel {
  /** Packs `rows` (0 to 16) float32 rows of `length` elements, `stride` elements apart, into a panel
   *  [length][16]; missing rows become zeros. */
  pack(source: Pointer, rows: number, length: number, stride: number, panel: Pointer): void;

  /** tile_ij += Σ_k a_ki b_kj for two panels [length][16]. The value of a pair does not depend on its lanes,
   *  and swapping a and b transposes the tile bit for bit: symmetric matrices need half the work. */
  addGram(a: Pointer, b: Pointer, length: number, tile: Pointer): void;

  /**
   * tile_ij += Σ_t Σ_t' (a_ti · a'_t'j)(b_ti · b'_t'j): the inner product of two layer gradients
   * Σ_t a_t b_tᵀ that are never formed. a: activities [positions][aLength][16] (append a constant 1 for
   * the bias), b: backpropagated factors [positions][bLength][16]. `scratch`: {@link OUTER_SCRATCH_BYTES},
   * overwritten. Symmetric like addGram, bit for bit.
   */
  addOuterGram(
    leftA: Pointer,
    rightA: Pointer,
    aLength: number,
    leftB: Pointer,
    rightB: Pointer,
    bLength: number,
    positions: number,
    scratch: Pointer,
    tile: Pointer,
  ): void;

  /** out_lane (float64 [16]) += Σ_k left_k,lane right_k,lane, in float64 throughout: norms and K(x, x). */
  laneDots(left: Pointer, right: Pointer, length: number, out: Pointer): void;

  /** target_c,k,lane = Σ_c' weights_c,c',lane source_c',k,lane. source and target: float32
   *  [outputs][length][16], not overlapping unless outputs is 1; weights: float64 [outputs][outputs][16]. */
  mixLanes(source: Pointer, target: Pointer, outputs: number, length: number, weights: Pointer): void;

  /** Writes float32(scale · tile) for the rows and columns (≤ 16) that exist into a block, and its transpose
   *  into the block `transposed` [columns][rows] unless that is 0. */
  storeTile(
    tile: Pointer,
    scale: number,
    target: Pointer,
    stride: number,
    rows: number,
    columns: number,
    transposed: Pointer,
    transposedStride: number,
  ): void;

  /** Cuts off what lies beyond ±most in a block, and returns the place r · stride + c of the first value that is
   *  not finite, or -1. */
  settle(values: Pointer, rows: number, columns: number, stride: number, most: number): number;
}

export interface LinearKernel {
  /** sum_km (float64 [aLength][bLength]) += Σ a_k,lane b_m,lane over the first `lanes` lanes of two panels. */
  addOuterSum(a: Pointer, aLength: number, b: Pointer, bLength: number, lanes: number, sum: Pointer): void;

  /** out_lane (float64 [16]) += Σ_k Σ_m a_k,lane sum_km b_m,lane, with sum from addOuterSum. */
  outerSumDots(a: Pointer, aLength: number, b: Pointer, bLength: number, sum: Pointer, out: Pointer): void;

  /** sum_k (float64 [length]) += Σ_lane row_k,lane over all 16 lanes of a panel. */
  addRowSum(row: Pointer, length: number, sum: Pointer): void;

  /** out_lane (float64 [16]) += Σ_k row_k,lane sum_k. */
  rowSumDots(row: Pointer, length: number, sum: Pointer, out: Pointer): void;
}

/** Reductions of a block along its rows. A call sums its own columns first and adds that to the running
 *  value once, so a result depends on the caller's strip length and order but on nothing else. */
export interface ReductionKernel {
  /** sums_r (float64 [rows]) += Σ_c values_rc. */
  addRowSums(values: Pointer, rows: number, columns: number, stride: number, sums: Pointer): void;

  /** counts_r (float64 [rows]) += the number of values_rc ≥ threshold, compared as float64. */
  countAtLeast(
    values: Pointer,
    rows: number,
    columns: number,
    stride: number,
    threshold: number,
    counts: Pointer,
  ): void;

  /** sums_r (float64 [rows]) += Σ_c values_rc^exponent over the positive values; exponent > 0, values finite.
   *  Powers below 2^-1022 count as 0. */
  addPowerSums(
    values: Pointer,
    rows: number,
    columns: number,
    stride: number,
    exponent: number,
    sums: Pointer,
  ): void;

  /**
   * Merges a strip of columns into each row's best k: larger values first, ties by smaller index. Column c
   * has the index firstColumn + c. Row r leaves out the index ownFirst + r; ownFirst = -1 leaves out none.
   * topValues: float32 [rows][k], topIndices: int32 [rows][k], topCounts: int32 [rows], 0 at the start: the
   * number of entries in use. The result does not depend on the order in which strips arrive. NaN is never
   * kept.
   */
  keepTop(
    values: Pointer,
    rows: number,
    columns: number,
    stride: number,
    firstColumn: number,
    k: number,
    topValues: Pointer,
    topIndices: Pointer,
    topCounts: Pointer,
    ownFirst: number,
  ): void;

  /**
   * Sums of the d × d kernel blocks K_ij for self-denoising, d = outputs. tiles: float64 [d][d][16][16], the
   * tile of outputs (c, c') at number (c·d + c')·256; i the left lane, j the right, missing inputs are zeros:
   * - sum [16][d][d] += Σ_j K_ij
   * - square [16][d][d] += Σ_j K_ij K_ijᵀ
   * - weighted [16][sets][d] += Σ_j K_ij label_j for each of `sets` label sets, labels [sets][d][16]
   *
   * All float64.
   */
  addBlockMoments(
    tiles: Pointer,
    outputs: number,
    labels: Pointer,
    sets: number,
    sum: Pointer,
    square: Pointer,
    weighted: Pointer,
  ): void;

  /** target_ij += left_ij right_ij for tiles. */
  addTileProduct(left: Pointer, right: Pointer, target: Pointer): void;

  /** The blocks of the exchanged panels, K_ji = K_ijᵀ: tiles as in {@link addBlockMoments}, not overlapping. */
  transposeBlocks(tiles: Pointer, outputs: number, target: Pointer): void;
}

/** Gradients that tfjs's wasm backend lacks or gets wrong, on tfjs's own heap: contiguous NHWC float32. */
export interface GradientKernel {
  /** dx [batch][inHeight][inWidth][channels] = the gradient of max pooling: each window gives its dy to the
   *  first of its largest cells, in row-major order, among those inside the image. */
  maxPoolGrad(
    x: Pointer,
    dy: Pointer,
    dx: Pointer,
    batch: number,
    inHeight: number,
    inWidth: number,
    channels: number,
    outHeight: number,
    outWidth: number,
    filterHeight: number,
    filterWidth: number,
    strideHeight: number,
    strideWidth: number,
    padTop: number,
    padLeft: number,
  ): void;

  /** dx = the gradient of average pooling over the cells of each window that lie inside the image. */
  avgPoolGrad(
    dy: Pointer,
    dx: Pointer,
    batch: number,
    inHeight: number,
    inWidth: number,
    channels: number,
    outHeight: number,
    outWidth: number,
    filterHeight: number,
    filterWidth: number,
    strideHeight: number,
    strideWidth: number,
    padTop: number,
    padLeft: number,
  ): void;

  /** dw [filterHeight][filterWidth][inChannels][outChannels] = Σ over examples and positions of x · dy for
   *  x [batch][inHeight][inWidth][inChannels] and dy [batch][outHeight][outWidth][outChannels]. Overwrites. */
  convolutionFilterGradient(
    x: Pointer,
    dy: Pointer,
    dw: Pointer,
    batch: number,
    inHeight: number,
    inWidth: number,
    inChannels: number,
    outHeight: number,
    outWidth: number,
    outChannels: number,
    filterHeight: number,
    filterWidth: number,
    strideHeight: number,
    strideWidth: number,
    dilationHeight: number,
    dilationWidth: number,
    padTop: number,
    padLeft: number,
  ): void;

  /** target_km (float32 [aLength][bLength]) = Σ_t a_tk b_tm for a [positions][aLength] and
   *  b [positions][bLength]: the gradient of a dense layer applied at several positions. Overwrites. */
  outerSum(
    a: Pointer,
    b: Pointer,
    positions: number,
    aLength: number,
    bLength: number,
    target: Pointer,
  ): void;
}

type PairKernel = GramKernel & WideKernel & ScreenKernel & SketchKernel;
export interface Kernel extends PairKernel, LinearKernel, ReductionKernel, GradientKernel {}

/** The compiled kernels of assembly/, instantiated on `memory`: ours, or tfjs's wasm heap. The module owns
 *  no data in that memory, so several instances can share it with whoever else lives there. */
export function wasmKernel(module: WebAssembly.Module, memory: WebAssembly.Memory): Kernel {
  const instance = new WebAssembly.Instance(module, { env: { memory } });
  return instance.exports as unknown as Kernel;
}
