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

export function addBlockMoments(
  tiles: usize,
  outputs: i32,
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
        const entries = row + other * TILE_BYTES;
        let total = f64x2.splat(0);
        for (let j: usize = 0; j < TILE_ROW; j += 16) total = f64x2.add(total, v128.load(entries + j));
        addTotal(sum + (((i * d + c) * d + other) << 3), total);
      }
      for (let e: usize = 0; e <= c; e++) {
        const second = tiles + e * across + i * TILE_ROW;
        let total = f64x2.splat(0);
        for (let other: usize = 0; other < across; other += TILE_BYTES) {
          for (let j: usize = other; j < other + TILE_ROW; j += 16) {
            total = f64x2.add(total, f64x2.mul(v128.load(row + j), v128.load(second + j)));
          }
        }
        addTotal(square + (((i * d + c) * d + e) << 3), total);
        if (e != c) addTotal(square + (((i * d + e) * d + c) << 3), total);
      }
      for (let set: usize = 0; set < <usize>sets; set++) {
        let label = labels + set * d * TILE_ROW;
        let total = f64x2.splat(0);
        for (let other: usize = 0; other < across; other += TILE_BYTES) {
          for (let j: usize = 0; j < TILE_ROW; j += 16) {
            total = f64x2.add(total, f64x2.mul(v128.load(row + other + j), v128.load(label + j)));
          }
          label += TILE_ROW;
        }
        addTotal(weighted + (((i * <usize>sets + set) * d + c) << 3), total);
      }
    }
  }
}

export function addTileProduct(left: usize, right: usize, target: usize): void {
  for (let at: usize = 0; at < TILE_BYTES; at += 16) {
    const product = f64x2.mul(v128.load(left + at), v128.load(right + at));
    v128.store(target + at, f64x2.add(v128.load(target + at), product));
  }
}

export function transposeBlocks(tiles: usize, outputs: i32, target: usize): void {
  const d = <usize>outputs;
  for (let c: usize = 0; c < d; c++) {
    for (let other: usize = 0; other < d; other++) {
      let from = tiles + (c * d + other) * TILE_BYTES;
      const to = target + (other * d + c) * TILE_BYTES;
      for (let i: usize = 0; i < <usize>LANES; i++) {
        for (let j: usize = 0; j < <usize>LANES; j++) {
          store<f64>(to + j * TILE_ROW + (i << 3), load<f64>(from));
          from += 8;
        }
      }
    }
  }
}
