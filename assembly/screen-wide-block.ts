/**
 * addScreenedBlock of screen-block.ts for 256-bit registers, shaped as wide-block.ts is and for its reasons.
 */
import { high, low, TILE_ROW } from './layout';
import { addScaled } from './screen-block';

/** sums: int32 [4][16], overwritten. */
function sumPairs(a: usize, b: usize, count: i32, sums: usize): void {
  let s00 = i32x4.splat(0);
  let s01 = i32x4.splat(0);
  let s02 = i32x4.splat(0);
  let s03 = i32x4.splat(0);
  let s10 = i32x4.splat(0);
  let s11 = i32x4.splat(0);
  let s12 = i32x4.splat(0);
  let s13 = i32x4.splat(0);
  let s20 = i32x4.splat(0);
  let s21 = i32x4.splat(0);
  let s22 = i32x4.splat(0);
  let s23 = i32x4.splat(0);
  let s30 = i32x4.splat(0);
  let s31 = i32x4.splat(0);
  let s32 = i32x4.splat(0);
  let s33 = i32x4.splat(0);
  while (true) {
    let b0 = v128.load(b);
    let b1 = v128.load(b, 16);
    let b2 = v128.load(b, 32);
    let b3 = v128.load(b, 48);
    let x = v128.load32_splat(a);
    s00 = i32x4.add(s00, i32x4.dot_i16x8_s(x, b0));
    s01 = i32x4.add(s01, i32x4.dot_i16x8_s(x, b1));
    s02 = i32x4.add(s02, i32x4.dot_i16x8_s(x, b2));
    s03 = i32x4.add(s03, i32x4.dot_i16x8_s(x, b3));
    x = v128.load32_splat(a, 4);
    s10 = i32x4.add(s10, i32x4.dot_i16x8_s(x, b0));
    s11 = i32x4.add(s11, i32x4.dot_i16x8_s(x, b1));
    s12 = i32x4.add(s12, i32x4.dot_i16x8_s(x, b2));
    s13 = i32x4.add(s13, i32x4.dot_i16x8_s(x, b3));
    x = v128.load32_splat(a, 8);
    s20 = i32x4.add(s20, i32x4.dot_i16x8_s(x, b0));
    s21 = i32x4.add(s21, i32x4.dot_i16x8_s(x, b1));
    s22 = i32x4.add(s22, i32x4.dot_i16x8_s(x, b2));
    s23 = i32x4.add(s23, i32x4.dot_i16x8_s(x, b3));
    x = v128.load32_splat(a, 12);
    s30 = i32x4.add(s30, i32x4.dot_i16x8_s(x, b0));
    s31 = i32x4.add(s31, i32x4.dot_i16x8_s(x, b1));
    s32 = i32x4.add(s32, i32x4.dot_i16x8_s(x, b2));
    s33 = i32x4.add(s33, i32x4.dot_i16x8_s(x, b3));
    if (--count == 0) break;

    b0 = v128.load(b, 64);
    b1 = v128.load(b, 80);
    b2 = v128.load(b, 96);
    b3 = v128.load(b, 112);
    x = v128.load32_splat(a, 64);
    s00 = i32x4.add(s00, i32x4.dot_i16x8_s(x, b0));
    s01 = i32x4.add(s01, i32x4.dot_i16x8_s(x, b1));
    s02 = i32x4.add(s02, i32x4.dot_i16x8_s(x, b2));
    s03 = i32x4.add(s03, i32x4.dot_i16x8_s(x, b3));
    x = v128.load32_splat(a, 68);
    s10 = i32x4.add(s10, i32x4.dot_i16x8_s(x, b0));
    s11 = i32x4.add(s11, i32x4.dot_i16x8_s(x, b1));
    s12 = i32x4.add(s12, i32x4.dot_i16x8_s(x, b2));
    s13 = i32x4.add(s13, i32x4.dot_i16x8_s(x, b3));
    x = v128.load32_splat(a, 72);
    s20 = i32x4.add(s20, i32x4.dot_i16x8_s(x, b0));
    s21 = i32x4.add(s21, i32x4.dot_i16x8_s(x, b1));
    s22 = i32x4.add(s22, i32x4.dot_i16x8_s(x, b2));
    s23 = i32x4.add(s23, i32x4.dot_i16x8_s(x, b3));
    x = v128.load32_splat(a, 76);
    s30 = i32x4.add(s30, i32x4.dot_i16x8_s(x, b0));
    s31 = i32x4.add(s31, i32x4.dot_i16x8_s(x, b1));
    s32 = i32x4.add(s32, i32x4.dot_i16x8_s(x, b2));
    s33 = i32x4.add(s33, i32x4.dot_i16x8_s(x, b3));
    if (--count == 0) break;

    b0 = v128.load(b, 128);
    b1 = v128.load(b, 144);
    b2 = v128.load(b, 160);
    b3 = v128.load(b, 176);
    x = v128.load32_splat(a, 128);
    s00 = i32x4.add(s00, i32x4.dot_i16x8_s(x, b0));
    s01 = i32x4.add(s01, i32x4.dot_i16x8_s(x, b1));
    s02 = i32x4.add(s02, i32x4.dot_i16x8_s(x, b2));
    s03 = i32x4.add(s03, i32x4.dot_i16x8_s(x, b3));
    x = v128.load32_splat(a, 132);
    s10 = i32x4.add(s10, i32x4.dot_i16x8_s(x, b0));
    s11 = i32x4.add(s11, i32x4.dot_i16x8_s(x, b1));
    s12 = i32x4.add(s12, i32x4.dot_i16x8_s(x, b2));
    s13 = i32x4.add(s13, i32x4.dot_i16x8_s(x, b3));
    x = v128.load32_splat(a, 136);
    s20 = i32x4.add(s20, i32x4.dot_i16x8_s(x, b0));
    s21 = i32x4.add(s21, i32x4.dot_i16x8_s(x, b1));
    s22 = i32x4.add(s22, i32x4.dot_i16x8_s(x, b2));
    s23 = i32x4.add(s23, i32x4.dot_i16x8_s(x, b3));
    x = v128.load32_splat(a, 140);
    s30 = i32x4.add(s30, i32x4.dot_i16x8_s(x, b0));
    s31 = i32x4.add(s31, i32x4.dot_i16x8_s(x, b1));
    s32 = i32x4.add(s32, i32x4.dot_i16x8_s(x, b2));
    s33 = i32x4.add(s33, i32x4.dot_i16x8_s(x, b3));
    if (--count == 0) break;

    b0 = v128.load(b, 192);
    b1 = v128.load(b, 208);
    b2 = v128.load(b, 224);
    b3 = v128.load(b, 240);
    x = v128.load32_splat(a, 192);
    s00 = i32x4.add(s00, i32x4.dot_i16x8_s(x, b0));
    s01 = i32x4.add(s01, i32x4.dot_i16x8_s(x, b1));
    s02 = i32x4.add(s02, i32x4.dot_i16x8_s(x, b2));
    s03 = i32x4.add(s03, i32x4.dot_i16x8_s(x, b3));
    x = v128.load32_splat(a, 196);
    s10 = i32x4.add(s10, i32x4.dot_i16x8_s(x, b0));
    s11 = i32x4.add(s11, i32x4.dot_i16x8_s(x, b1));
    s12 = i32x4.add(s12, i32x4.dot_i16x8_s(x, b2));
    s13 = i32x4.add(s13, i32x4.dot_i16x8_s(x, b3));
    x = v128.load32_splat(a, 200);
    s20 = i32x4.add(s20, i32x4.dot_i16x8_s(x, b0));
    s21 = i32x4.add(s21, i32x4.dot_i16x8_s(x, b1));
    s22 = i32x4.add(s22, i32x4.dot_i16x8_s(x, b2));
    s23 = i32x4.add(s23, i32x4.dot_i16x8_s(x, b3));
    x = v128.load32_splat(a, 204);
    s30 = i32x4.add(s30, i32x4.dot_i16x8_s(x, b0));
    s31 = i32x4.add(s31, i32x4.dot_i16x8_s(x, b1));
    s32 = i32x4.add(s32, i32x4.dot_i16x8_s(x, b2));
    s33 = i32x4.add(s33, i32x4.dot_i16x8_s(x, b3));
    if (--count == 0) break;
    a += 256;
    b += 256;
  }
  v128.store(sums, s00);
  v128.store(sums, s01, 16);
  v128.store(sums, s02, 32);
  v128.store(sums, s03, 48);
  v128.store(sums, s10, 64);
  v128.store(sums, s11, 80);
  v128.store(sums, s12, 96);
  v128.store(sums, s13, 112);
  v128.store(sums, s20, 128);
  v128.store(sums, s21, 144);
  v128.store(sums, s22, 160);
  v128.store(sums, s23, 176);
  v128.store(sums, s30, 192);
  v128.store(sums, s31, 208);
  v128.store(sums, s32, 224);
  v128.store(sums, s33, 240);
}

/** Four inputs of a times sixteen of b: four rows of a tile. */
export function addScreenedWideBlock(
  a: usize,
  b: usize,
  count: i32,
  leftScales: usize,
  rightScales: usize,
  sums: usize,
  target: usize,
): void {
  sumPairs(a, b, count, sums);
  for (let column: usize = 0; column < 16; column += 4) {
    const scales = v128.load(rightScales + column * 4);
    const scaleLow = low(scales);
    const scaleHigh = high(scales);
    for (let row: usize = 0; row < 4; row++) {
      const four = v128.load(sums + row * 64 + column * 4);
      const scale = f64x2.splat(<f64>load<f32>(leftScales + row * 4));
      addScaled(target + row * TILE_ROW + column * 8, four, scale, scaleLow, scaleHigh);
    }
  }
}
