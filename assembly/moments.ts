/**
 * Moments of d × d kernel blocks for self-denoising of vector outputs:
 *
 *   sum_i += Σ_j K_ij      square_i += Σ_j K_ij K_ijᵀ      weighted_i += Σ_j K_ij y_j
 *
 * Two right inputs j at a time in float64; the row of a left input i is contiguous in each tile.
 */
import { LANES, TILE_BYTES, TILE_ROW } from './layout';

function addTotal(target: usize, pair: v128): void {
  store<f64>(target, load<f64>(target) + (f64x2.extract_lane(pair, 0) + f64x2.extract_lane(pair, 1)));
}

/** The entries j and j + 1 of a tile row; the second is 0 beyond the last column. */
function pairAt(row: usize, j: i32, columns: i32): v128 {
  const at = row + ((<usize>j) << 3);
  return j + 1 < columns ? v128.load(at) : v128.load64_zero(at);
}

export function addBlockMoments(
  tiles: usize,
  outputs: i32,
  columns: i32,
  labels: usize,
  sets: i32,
  sum: usize,
  square: usize,
  weighted: usize,
): void {
  const d = <usize>outputs;
  const across = d * TILE_BYTES;
  for (let i: usize = 0; i < 16; i++) {
    for (let c: usize = 0; c < d; c++) {
      const row = tiles + c * across + i * TILE_ROW;
      for (let other: usize = 0; other < d; other++) {
        let total = f64x2.splat(0);
        for (let j = 0; j < columns; j += 2) {
          total = f64x2.add(total, pairAt(row + other * TILE_BYTES, j, columns));
        }
        addTotal(sum + (((i * d + c) * d + other) << 3), total);
      }
      for (let e: usize = 0; e <= c; e++) {
        const second = tiles + e * across + i * TILE_ROW;
        let total = f64x2.splat(0);
        for (let other: usize = 0; other < across; other += TILE_BYTES) {
          for (let j = 0; j < columns; j += 2) {
            const product = f64x2.mul(pairAt(row + other, j, columns), pairAt(second + other, j, columns));
            total = f64x2.add(total, product);
          }
        }
        addTotal(square + (((i * d + c) * d + e) << 3), total);
        if (e != c) addTotal(square + (((i * d + e) * d + c) << 3), total);
      }
      for (let set: usize = 0; set < <usize>sets; set++) {
        const label = labels + ((set * <usize>LANES * d) << 3);
        let total: f64 = 0;
        for (let other: usize = 0; other < d; other++) {
          const entries = row + other * TILE_BYTES;
          for (let j: usize = 0; j < <usize>columns; j++) {
            total += load<f64>(entries + (j << 3)) * load<f64>(label + ((j * d + other) << 3));
          }
        }
        const target = weighted + (((i * <usize>sets + set) * d + c) << 3);
        store<f64>(target, load<f64>(target) + total);
      }
    }
  }
}
