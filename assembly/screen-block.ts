/**
 * One block of a product of quantised panels (quantize.ts): K_ij += s_i s_j Σ_k q_ki q_kj in int32.
 */
import { high, low, TILE_ROW } from './layout';

/** Steps that share a scale: the most whose products, 2047² each, int32 can hold. */
export const SCREEN_BLOCK: i32 = 512;
/** Bytes of the norms, and of the errors, before the first block of a quantised panel. */
export const STATISTIC: usize = 128;

/** Adds four sums, scaled, to four float64 numbers in memory. */
function addScaled(target: usize, four: v128, scale: v128, scaleLow: v128, scaleHigh: v128): void {
  const upper = v128.shuffle<u64>(four, four, 1, 1);
  const left = f64x2.mul(f64x2.convert_low_i32x4_s(four), f64x2.mul(scale, scaleLow));
  const right = f64x2.mul(f64x2.convert_low_i32x4_s(upper), f64x2.mul(scale, scaleHigh));
  v128.store(target, f64x2.add(v128.load(target), left));
  v128.store(target, f64x2.add(v128.load(target, 16), right), 16);
}

/** 4 inputs of a times 8 of b over the pairs of steps of one block, in registers as in gram.ts. */
export function addScreenedBlock(
  a: usize,
  b: usize,
  count: i32,
  leftScales: usize,
  rightScales: usize,
  target: usize,
): void {
  let s00 = i32x4.splat(0);
  let s01 = i32x4.splat(0);
  let s10 = i32x4.splat(0);
  let s11 = i32x4.splat(0);
  let s20 = i32x4.splat(0);
  let s21 = i32x4.splat(0);
  let s30 = i32x4.splat(0);
  let s31 = i32x4.splat(0);
  while (true) {
    let b0 = v128.load(b);
    let b1 = v128.load(b, 16);
    let x = v128.load32_splat(a);
    s00 = i32x4.add(s00, i32x4.dot_i16x8_s(x, b0));
    s01 = i32x4.add(s01, i32x4.dot_i16x8_s(x, b1));
    x = v128.load32_splat(a, 4);
    s10 = i32x4.add(s10, i32x4.dot_i16x8_s(x, b0));
    s11 = i32x4.add(s11, i32x4.dot_i16x8_s(x, b1));
    x = v128.load32_splat(a, 8);
    s20 = i32x4.add(s20, i32x4.dot_i16x8_s(x, b0));
    s21 = i32x4.add(s21, i32x4.dot_i16x8_s(x, b1));
    x = v128.load32_splat(a, 12);
    s30 = i32x4.add(s30, i32x4.dot_i16x8_s(x, b0));
    s31 = i32x4.add(s31, i32x4.dot_i16x8_s(x, b1));
    if (--count == 0) break;

    b0 = v128.load(b, 64);
    b1 = v128.load(b, 80);
    x = v128.load32_splat(a, 64);
    s00 = i32x4.add(s00, i32x4.dot_i16x8_s(x, b0));
    s01 = i32x4.add(s01, i32x4.dot_i16x8_s(x, b1));
    x = v128.load32_splat(a, 68);
    s10 = i32x4.add(s10, i32x4.dot_i16x8_s(x, b0));
    s11 = i32x4.add(s11, i32x4.dot_i16x8_s(x, b1));
    x = v128.load32_splat(a, 72);
    s20 = i32x4.add(s20, i32x4.dot_i16x8_s(x, b0));
    s21 = i32x4.add(s21, i32x4.dot_i16x8_s(x, b1));
    x = v128.load32_splat(a, 76);
    s30 = i32x4.add(s30, i32x4.dot_i16x8_s(x, b0));
    s31 = i32x4.add(s31, i32x4.dot_i16x8_s(x, b1));
    if (--count == 0) break;

    b0 = v128.load(b, 128);
    b1 = v128.load(b, 144);
    x = v128.load32_splat(a, 128);
    s00 = i32x4.add(s00, i32x4.dot_i16x8_s(x, b0));
    s01 = i32x4.add(s01, i32x4.dot_i16x8_s(x, b1));
    x = v128.load32_splat(a, 132);
    s10 = i32x4.add(s10, i32x4.dot_i16x8_s(x, b0));
    s11 = i32x4.add(s11, i32x4.dot_i16x8_s(x, b1));
    x = v128.load32_splat(a, 136);
    s20 = i32x4.add(s20, i32x4.dot_i16x8_s(x, b0));
    s21 = i32x4.add(s21, i32x4.dot_i16x8_s(x, b1));
    x = v128.load32_splat(a, 140);
    s30 = i32x4.add(s30, i32x4.dot_i16x8_s(x, b0));
    s31 = i32x4.add(s31, i32x4.dot_i16x8_s(x, b1));
    if (--count == 0) break;

    b0 = v128.load(b, 192);
    b1 = v128.load(b, 208);
    x = v128.load32_splat(a, 192);
    s00 = i32x4.add(s00, i32x4.dot_i16x8_s(x, b0));
    s01 = i32x4.add(s01, i32x4.dot_i16x8_s(x, b1));
    x = v128.load32_splat(a, 196);
    s10 = i32x4.add(s10, i32x4.dot_i16x8_s(x, b0));
    s11 = i32x4.add(s11, i32x4.dot_i16x8_s(x, b1));
    x = v128.load32_splat(a, 200);
    s20 = i32x4.add(s20, i32x4.dot_i16x8_s(x, b0));
    s21 = i32x4.add(s21, i32x4.dot_i16x8_s(x, b1));
    x = v128.load32_splat(a, 204);
    s30 = i32x4.add(s30, i32x4.dot_i16x8_s(x, b0));
    s31 = i32x4.add(s31, i32x4.dot_i16x8_s(x, b1));
    if (--count == 0) break;
    a += 256;
    b += 256;
  }
  const first = v128.load(rightScales);
  const second = v128.load(rightScales, 16);
  const low0 = low(first);
  const high0 = high(first);
  const low1 = low(second);
  const high1 = high(second);
  let scale = f64x2.splat(<f64>load<f32>(leftScales));
  addScaled(target, s00, scale, low0, high0);
  addScaled(target + 32, s01, scale, low1, high1);
  target += TILE_ROW;
  scale = f64x2.splat(<f64>load<f32>(leftScales, 4));
  addScaled(target, s10, scale, low0, high0);
  addScaled(target + 32, s11, scale, low1, high1);
  target += TILE_ROW;
  scale = f64x2.splat(<f64>load<f32>(leftScales, 8));
  addScaled(target, s20, scale, low0, high0);
  addScaled(target + 32, s21, scale, low1, high1);
  target += TILE_ROW;
  scale = f64x2.splat(<f64>load<f32>(leftScales, 12));
  addScaled(target, s30, scale, low0, high0);
  addScaled(target + 32, s31, scale, low1, high1);
}

export { addScaled };
