/**
 * Sums over inputs in linear time, and their inner product with every input.
 *
 *   addOuterSum:   S_km += Σ_lane a_k,lane b_m,lane
 *   outerSumDots:  out_lane += Σ_k Σ_m a_k,lane S_km b_m,lane
 *   addRowSum:     s_k += Σ_lane row_k,lane
 *   rowSumDots:    out_lane += Σ_k row_k,lane s_k
 *
 * Products are added in float32 over 16 lanes or 64 elements, and in float64 from there on.
 */
import { addPromoted, high, LANES, low, STEP_SHIFT } from './layout';

/** Elements m added in float32: a short chain keeps a density of thousands of inputs within 1e-6. */
const CHAIN: i32 = 64;

/** All ones in the first `lanes` lanes of the four that start at `first`. */
function maskOf(first: i32, lanes: i32): v128 {
  return i32x4.lt_s(i32x4.add(i32x4.splat(first), i32x4(0, 1, 2, 3)), i32x4.splat(lanes));
}

/** Lane-wise products of one a (a0 … a3) with one b, 16 lanes folded to 4. */
function fold(a0: v128, a1: v128, a2: v128, a3: v128, b: usize): v128 {
  return f32x4.add(
    f32x4.add(f32x4.mul(a0, v128.load(b)), f32x4.mul(a1, v128.load(b, 16))),
    f32x4.add(f32x4.mul(a2, v128.load(b, 32)), f32x4.mul(a3, v128.load(b, 48))),
  );
}

/** Halves (x, y): the sums of lanes 0 and 2, and of 1 and 3, of two folds. */
function meet(x: v128, y: v128): v128 {
  return f32x4.add(v128.shuffle<f32>(x, y, 0, 4, 1, 5), v128.shuffle<f32>(x, y, 2, 6, 3, 7));
}

export function addOuterSum(a: usize, aLength: i32, b: usize, bLength: i32, lanes: i32, sum: usize): void {
  const m0 = maskOf(0, lanes);
  const m1 = maskOf(4, lanes);
  const m2 = maskOf(8, lanes);
  const m3 = maskOf(12, lanes);
  const fours = bLength & ~3;
  for (let k = 0; k < aLength; k++) {
    const a0 = v128.and(v128.load(a), m0);
    const a1 = v128.and(v128.load(a, 16), m1);
    const a2 = v128.and(v128.load(a, 32), m2);
    const a3 = v128.and(v128.load(a, 48), m3);
    let from = b;
    let m = 0;
    for (; m < fours; m += 4) {
      const first = meet(fold(a0, a1, a2, a3, from), fold(a0, a1, a2, a3, from + 64));
      const second = meet(fold(a0, a1, a2, a3, from + 128), fold(a0, a1, a2, a3, from + 192));
      const even = v128.shuffle<f64>(first, second, 0, 2);
      const odd = v128.shuffle<f64>(first, second, 1, 3);
      addPromoted(sum, f32x4.add(even, odd));
      sum += 32;
      from += 256;
    }
    for (; m < bLength; m++) {
      const one = fold(a0, a1, a2, a3, from);
      const half = meet(one, one);
      store<f64>(sum, load<f64>(sum) + <f64>(f32x4.extract_lane(half, 0) + f32x4.extract_lane(half, 2)));
      sum += 8;
      from += 64;
    }
    a += 64;
  }
}

/** out += a ∘ chain for four lanes, in float64. */
function addWeighted(out: usize, a: v128, chain: v128): void {
  v128.store(out, f64x2.add(v128.load(out), f64x2.mul(low(a), low(chain))));
  v128.store(out, f64x2.add(v128.load(out, 16), f64x2.mul(high(a), high(chain))), 16);
}

export function outerSumDots(a: usize, aLength: i32, b: usize, bLength: i32, sum: usize, out: usize): void {
  const rowBytes = (<usize>bLength) << 3;
  for (let start = 0; start < bLength; start += CHAIN) {
    const count = min(CHAIN, bLength - start);
    const chainB = b + ((<usize>start) << STEP_SHIFT);
    for (let k = 0; k < aLength; k += 2) {
      // Two rows share each load of b; an odd last row meets itself and counts once.
      const pair = k + 1 < aLength;
      let row = sum + <usize>k * rowBytes + ((<usize>start) << 3);
      let next = pair ? row + rowBytes : row;
      let from = chainB;
      let s0 = f32x4.splat(0);
      let s1 = f32x4.splat(0);
      let s2 = f32x4.splat(0);
      let s3 = f32x4.splat(0);
      let t0 = f32x4.splat(0);
      let t1 = f32x4.splat(0);
      let t2 = f32x4.splat(0);
      let t3 = f32x4.splat(0);
      for (let m = count; m != 0; m--) {
        const s = f32x4.splat(<f32>load<f64>(row));
        const t = f32x4.splat(<f32>load<f64>(next));
        let four = v128.load(from);
        s0 = f32x4.add(s0, f32x4.mul(s, four));
        t0 = f32x4.add(t0, f32x4.mul(t, four));
        four = v128.load(from, 16);
        s1 = f32x4.add(s1, f32x4.mul(s, four));
        t1 = f32x4.add(t1, f32x4.mul(t, four));
        four = v128.load(from, 32);
        s2 = f32x4.add(s2, f32x4.mul(s, four));
        t2 = f32x4.add(t2, f32x4.mul(t, four));
        four = v128.load(from, 48);
        s3 = f32x4.add(s3, f32x4.mul(s, four));
        t3 = f32x4.add(t3, f32x4.mul(t, four));
        row += 8;
        next += 8;
        from += 64;
      }
      const step = a + ((<usize>k) << STEP_SHIFT);
      addWeighted(out, v128.load(step), s0);
      addWeighted(out + 32, v128.load(step, 16), s1);
      addWeighted(out + 64, v128.load(step, 32), s2);
      addWeighted(out + 96, v128.load(step, 48), s3);
      if (pair) {
        addWeighted(out, v128.load(step, 64), t0);
        addWeighted(out + 32, v128.load(step, 80), t1);
        addWeighted(out + 64, v128.load(step, 96), t2);
        addWeighted(out + 96, v128.load(step, 112), t3);
      }
    }
  }
}

export function addRowSum(row: usize, length: i32, sum: usize): void {
  for (let k = 0; k < length; k++) {
    let total = f64x2.splat(0);
    for (let lane = 0; lane < LANES; lane += 4) {
      const four = v128.load(row);
      total = f64x2.add(total, f64x2.add(low(four), high(four)));
      row += 16;
    }
    store<f64>(sum, load<f64>(sum) + (f64x2.extract_lane(total, 0) + f64x2.extract_lane(total, 1)));
    sum += 8;
  }
}

export function rowSumDots(row: usize, length: i32, sum: usize, out: usize): void {
  for (let lane: usize = 0; lane < 64; lane += 16) {
    let sumLow = v128.load(out);
    let sumHigh = v128.load(out, 16);
    let from = row + lane;
    for (let k = 0; k < length; k++) {
      const weight = v128.load64_splat(sum + ((<usize>k) << 3));
      const four = v128.load(from);
      sumLow = f64x2.add(sumLow, f64x2.mul(weight, low(four)));
      sumHigh = f64x2.add(sumHigh, f64x2.mul(weight, high(four)));
      from += 64;
    }
    v128.store(out, sumLow);
    v128.store(out, sumHigh, 16);
    out += 32;
  }
}
