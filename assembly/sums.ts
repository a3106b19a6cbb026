/**
 * Sums along the rows of a float32 block, in float64.
 *
 *   addRowSums:    s_r += Σ_c v_rc
 *   countAtLeast:  n_r += #{c : v_rc ≥ τ}
 *
 * Columns of a call go to eight partial sums by c mod 8, which meet in one fixed order; the call's total is
 * added to the running value once.
 */
import { high, low } from './layout';

export function addRowSums(values: usize, rows: i32, columns: i32, stride: i32, sums: usize): void {
  const eights = columns & ~7;
  for (let r = 0; r < rows; r++) {
    let at = values + ((<usize>r * <usize>stride) << 2);
    let s0 = f64x2.splat(0);
    let s1 = f64x2.splat(0);
    let s2 = f64x2.splat(0);
    let s3 = f64x2.splat(0);
    for (let c = 0; c < eights; c += 8) {
      const first = v128.load(at);
      const second = v128.load(at, 16);
      s0 = f64x2.add(s0, low(first));
      s1 = f64x2.add(s1, high(first));
      s2 = f64x2.add(s2, low(second));
      s3 = f64x2.add(s3, high(second));
      at += 32;
    }
    const all = f64x2.add(f64x2.add(s0, s1), f64x2.add(s2, s3));
    let total = f64x2.extract_lane(all, 0) + f64x2.extract_lane(all, 1);
    for (let c = eights; c < columns; c++) {
      total += <f64>load<f32>(at);
      at += 4;
    }
    const target = sums + ((<usize>r) << 3);
    store<f64>(target, load<f64>(target) + total);
  }
}

/** The smallest float32 not below the threshold: comparing with it in float32 is exact. */
function ceiling(threshold: f64): f32 {
  const near = <f32>threshold;
  if (!(<f64>near < threshold)) return near;
  const bits = reinterpret<i32>(near);
  // A zero below the threshold is +0, and so is handled by the first case.
  return reinterpret<f32>(bits >= 0 ? bits + 1 : bits - 1);
}

export function countAtLeast(
  values: usize,
  rows: i32,
  columns: i32,
  stride: i32,
  threshold: f64,
  counts: usize,
): void {
  const least = ceiling(threshold);
  const four = f32x4.splat(least);
  const fours = columns & ~3;
  for (let r = 0; r < rows; r++) {
    let at = values + ((<usize>r * <usize>stride) << 2);
    let found = i32x4.splat(0);
    for (let c = 0; c < fours; c += 4) {
      // A true comparison is -1.
      found = i32x4.sub(found, f32x4.ge(v128.load(at), four));
      at += 16;
    }
    let count =
      i32x4.extract_lane(found, 0) +
      i32x4.extract_lane(found, 1) +
      i32x4.extract_lane(found, 2) +
      i32x4.extract_lane(found, 3);
    for (let c = fours; c < columns; c++) {
      count += i32(load<f32>(at) >= least);
      at += 4;
    }
    const target = counts + ((<usize>r) << 3);
    store<f64>(target, load<f64>(target) + <f64>count);
  }
}
