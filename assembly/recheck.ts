/**
 * Which pairs of a screened tile (screen.ts) need exact values. With u = float32(scale (K̂ + bound)) and
 * l = float32(scale (K̂ − bound)), as storeTile rounds, and rounding being monotone:
 *
 *   reachingPairs:   u_ij ≥ limit_i, or ≥ columnLimit_j
 *   undecidedPairs:  l_ij < limit ≤ u_ij
 *
 * Everywhere else K̂ stands on the side of the limit where K stands. Pairs are listed as numbers 16 i + j.
 */
import { TILE_ROW } from './layout';

/** scale · x as storeTile leaves it. */
function rounded(x: v128, scale: v128): v128 {
  return f64x2.promote_low_f32x4(f32x4.demote_f64x2_zero(f64x2.mul(x, scale)));
}

/** Appends the two pairs from `pair` on where their lanes are not set; returns the new count. */
function list(settled: v128, pair: i32, pairs: usize, count: i32): i32 {
  const lanes = i64x2.bitmask(settled);
  store<i32>(pairs + ((<usize>count) << 2), lanes & 1 ? pair + 1 : pair);
  if (lanes != 0) return count + 1;
  store<i32>(pairs + ((<usize>count) << 2), pair + 1, 4);
  return count + 2;
}

export function reachingPairs(
  tile: usize,
  bounds: usize,
  scale: f64,
  limits: usize,
  columnLimits: usize,
  pairs: usize,
): i32 {
  const factor = f64x2.splat(scale);
  let count = 0;
  for (let i: usize = 0; i < 16; i++) {
    const limit = v128.load64_splat(limits + i * 8);
    for (let j: usize = 0; j < TILE_ROW; j += 16) {
      const at = i * TILE_ROW + j;
      const most = rounded(f64x2.add(v128.load(tile + at), v128.load(bounds + at)), factor);
      let below = f64x2.lt(most, limit);
      if (columnLimits != 0) below = v128.and(below, f64x2.lt(most, v128.load(columnLimits + j)));
      if (!i64x2.all_true(below)) count = list(below, <i32>(at >> 3), pairs, count);
    }
  }
  return count;
}

export function undecidedPairs(tile: usize, bounds: usize, scale: f64, limit: f64, pairs: usize): i32 {
  const factor = f64x2.splat(scale);
  const threshold = f64x2.splat(limit);
  let count = 0;
  for (let at: usize = 0; at < 16 * TILE_ROW; at += 16) {
    const value = v128.load(tile + at);
    const bound = v128.load(bounds + at);
    const below = f64x2.lt(rounded(f64x2.add(value, bound), factor), threshold);
    const above = f64x2.ge(rounded(f64x2.sub(value, bound), factor), threshold);
    const decided = v128.or(below, above);
    if (!i64x2.all_true(decided)) count = list(decided, <i32>(at >> 3), pairs, count);
  }
  return count;
}
