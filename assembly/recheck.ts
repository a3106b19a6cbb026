/**
 * Which parts of a screened tile (screen.ts) need exact values. A part is 4 × 8 pairs, what addGramParts
 * computes at once; its bit is 2 (row / 4) + column / 8. With u = float32(scale (K̂ + bound)) and
 * l = float32(scale (K̂ − bound)), as storeTile rounds, and rounding being monotone:
 *
 *   reachingParts:   some u_ij ≥ limit_i, or ≥ columnLimit_j
 *   undecidedParts:  some l_ij < limit ≤ u_ij
 *
 * Everywhere else K̂ stands on the side of the limit where K stands. The parts found are cleared, for the
 * exact kernels to add to.
 */
import { clear, TILE_ROW } from './layout';

/** scale · x as storeTile leaves it. */
function rounded(x: v128, scale: v128): v128 {
  return f64x2.promote_low_f32x4(f32x4.demote_f64x2_zero(f64x2.mul(x, scale)));
}

/** Zeros for a part, if it is found. */
function open(tile: usize): void {
  for (let row: usize = 0; row < 4; row++) clear(tile + row * TILE_ROW, 64);
}

export function reachingParts(
  tile: usize,
  bounds: usize,
  scale: f64,
  limits: usize,
  columnLimits: usize,
): i32 {
  const factor = f64x2.splat(scale);
  let parts = 0;
  for (let part = 0; part < 8; part++) {
    const row = <usize>(part >> 1) * 4;
    const columns = <usize>(part & 1) * 64;
    const start = row * TILE_ROW + columns;
    let below = i64x2.splat(-1);
    for (let i: usize = 0; i < 4; i++) {
      const limit = v128.load64_splat(limits + (row + i) * 8);
      for (let j: usize = 0; j < 64; j += 16) {
        const at = start + i * TILE_ROW + j;
        const most = rounded(f64x2.add(v128.load(tile + at), v128.load(bounds + at)), factor);
        below = v128.and(below, f64x2.lt(most, limit));
        if (columnLimits != 0) {
          below = v128.and(below, f64x2.lt(most, v128.load(columnLimits + columns + j)));
        }
      }
    }
    if (i64x2.all_true(below)) continue;
    parts |= 1 << part;
    open(tile + start);
  }
  return parts;
}

export function undecidedParts(tile: usize, bounds: usize, scale: f64, limit: f64): i32 {
  const factor = f64x2.splat(scale);
  const threshold = f64x2.splat(limit);
  let parts = 0;
  for (let part = 0; part < 8; part++) {
    const start = <usize>(part >> 1) * 4 * TILE_ROW + <usize>(part & 1) * 64;
    let decided = i64x2.splat(-1);
    for (let i: usize = 0; i < 4; i++) {
      for (let j: usize = 0; j < 64; j += 16) {
        const at = start + i * TILE_ROW + j;
        const value = v128.load(tile + at);
        const bound = v128.load(bounds + at);
        const below = f64x2.lt(rounded(f64x2.add(value, bound), factor), threshold);
        const above = f64x2.ge(rounded(f64x2.sub(value, bound), factor), threshold);
        decided = v128.and(decided, v128.or(below, above));
      }
    }
    if (i64x2.all_true(decided)) continue;
    parts |= 1 << part;
    open(tile + start);
  }
  return parts;
}
