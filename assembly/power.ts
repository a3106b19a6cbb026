/**
 * Sums of powers: s_r += Σ_{c : v_rc > 0} v_rc^α.
 *
 * Small integers α by repeated squaring. Others by x^α = 2^(α log2 x), two float64 numbers at a time and
 * without tables (this module has no memory of its own):
 *   x = 2^n m with m in [√½, √2);  log2 m = (2 / ln 2) artanh s,  s = (m − 1)/(m + 1),  |s| < 0.172
 *   2^t = 2^round(t) · e^(f ln 2),  |f| ≤ ½
 * The series end where their next term is below 2^-56 of the value.
 */

/** Repeated squaring loses less than an ulp a step: 2·log2(64) steps at most. */
const LARGEST_INTEGER: f64 = 64;

function constant(value: f64): v128 {
  return f64x2.splat(value);
}

/** sum·x + term */
function step(sum: v128, x: v128, term: f64): v128 {
  return f64x2.add(f64x2.mul(sum, x), constant(term));
}

/** log2 of two positive normal numbers. */
function log2(x: v128): v128 {
  // Shifting the range by √½ makes the exponent field round to nearest: m lands in [√½, √2).
  const root = i64x2.splat(0x3fe6a09e667f3bcd);
  const shifted = i64x2.sub(x, root);
  const n = i64x2.shr_s(shifted, 52);
  const m = i64x2.sub(x, i64x2.shl(n, 52));
  // An integer n becomes a float64 as the last digits of 1.5·2^52.
  const anchor = constant(6755399441055744.0);
  const whole = f64x2.sub(i64x2.add(n, anchor), anchor);
  const s = f64x2.div(f64x2.sub(m, constant(1)), f64x2.add(m, constant(1)));
  const q = f64x2.mul(s, s);
  let sum = constant(1.0 / 23.0);
  sum = step(sum, q, 1.0 / 21.0);
  sum = step(sum, q, 1.0 / 19.0);
  sum = step(sum, q, 1.0 / 17.0);
  sum = step(sum, q, 1.0 / 15.0);
  sum = step(sum, q, 1.0 / 13.0);
  sum = step(sum, q, 1.0 / 11.0);
  sum = step(sum, q, 1.0 / 9.0);
  sum = step(sum, q, 1.0 / 7.0);
  sum = step(sum, q, 1.0 / 5.0);
  sum = step(sum, q, 1.0 / 3.0);
  sum = step(sum, q, 1.0);
  // 2 / ln 2
  return f64x2.add(whole, f64x2.mul(f64x2.mul(s, constant(2.885390081777926814)), sum));
}

/** 2^t for two numbers: 0 below 2^-1022, infinite from 2^1024 on. */
function exp2(t: v128): v128 {
  // At 1024 the exponent field is that of infinity, and f is 0.
  const kept = f64x2.max(f64x2.min(t, constant(1024)), constant(-1022));
  const n = f64x2.nearest(kept);
  const f = f64x2.mul(f64x2.sub(kept, n), constant(0.69314718055994530942));
  let sum = constant(1.0 / 6227020800.0);
  sum = step(sum, f, 1.0 / 479001600.0);
  sum = step(sum, f, 1.0 / 39916800.0);
  sum = step(sum, f, 1.0 / 3628800.0);
  sum = step(sum, f, 1.0 / 362880.0);
  sum = step(sum, f, 1.0 / 40320.0);
  sum = step(sum, f, 1.0 / 5040.0);
  sum = step(sum, f, 1.0 / 720.0);
  sum = step(sum, f, 1.0 / 120.0);
  sum = step(sum, f, 1.0 / 24.0);
  sum = step(sum, f, 1.0 / 6.0);
  sum = step(sum, f, 0.5);
  sum = step(sum, f, 1.0);
  sum = step(sum, f, 1.0);
  const anchor = constant(6755399441055744.0);
  const power = i64x2.add(sum, i64x2.shl(f64x2.add(n, anchor), 52));
  return v128.and(power, f64x2.ge(t, constant(-1022)));
}

function integerPower(x: v128, exponent: i32): v128 {
  let result = constant(1);
  let square = x;
  for (let left = exponent; left != 0; left >>= 1) {
    if (left & 1) result = f64x2.mul(result, square);
    square = f64x2.mul(square, square);
  }
  return result;
}

/** x^α where x > 0, else 0. */
function positivePower(x: v128, exponent: f64, integer: i32): v128 {
  const positive = f64x2.gt(x, constant(0));
  const power = integer ? integerPower(x, integer) : exp2(f64x2.mul(log2(x), constant(exponent)));
  return v128.and(power, positive);
}

export function addPowerSums(
  values: usize,
  rows: i32,
  columns: i32,
  stride: i32,
  exponent: f64,
  sums: usize,
): void {
  const integer = exponent <= LARGEST_INTEGER && floor(exponent) == exponent ? <i32>exponent : 0;
  for (let r = 0; r < rows; r++) {
    let at = values + ((<usize>r * <usize>stride) << 2);
    let sum = constant(0);
    for (let c = 0; c < columns; c += 2) {
      const pair = c + 1 < columns ? v128.load64_zero(at) : v128.load32_zero(at);
      const x = f64x2.promote_low_f32x4(pair);
      // Similarities are often mostly negative or zero: no power for a pair that has none.
      if (v128.any_true(f64x2.gt(x, constant(0)))) sum = f64x2.add(sum, positivePower(x, exponent, integer));
      at += 8;
    }
    const target = sums + ((<usize>r) << 3);
    store<f64>(target, load<f64>(target) + (f64x2.extract_lane(sum, 0) + f64x2.extract_lane(sum, 1)));
  }
}
