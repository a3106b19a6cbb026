/**
 * Gram tiles: K_ij += Σ_k a_ki b_kj.
 *
 * Products are added in float32 over at most 256 steps from zero, then in float64. One fixed order of k for
 * every pair: a value does not depend on its lanes, and swapping left and right transposes the tile exactly.
 */
import { addPromoted, BLOCK, STEP_SHIFT, storePromoted, TILE_ROW } from './layout';

/** Every part of a tile. */
export const ALL: i32 = 255;

/**
 * 4 inputs of a times 8 of b over at most one k-block. Eight sums are what V8 keeps in 16 registers beside
 * their operands. Each of the four steps ends with an exit: V8 hoists all loads of a basic block and would
 * spill the sums, so every step has to be a block of its own. `fresh` overwrites the target.
 */
export function addBlock(a: usize, b: usize, count: i32, target: usize, rowBytes: usize, fresh: bool): void {
  let s00 = f32x4.splat(0);
  let s01 = f32x4.splat(0);
  let s10 = f32x4.splat(0);
  let s11 = f32x4.splat(0);
  let s20 = f32x4.splat(0);
  let s21 = f32x4.splat(0);
  let s30 = f32x4.splat(0);
  let s31 = f32x4.splat(0);
  while (true) {
    let b0 = v128.load(b);
    let b1 = v128.load(b, 16);
    let x = v128.load32_splat(a);
    s00 = f32x4.add(s00, f32x4.mul(x, b0));
    s01 = f32x4.add(s01, f32x4.mul(x, b1));
    x = v128.load32_splat(a, 4);
    s10 = f32x4.add(s10, f32x4.mul(x, b0));
    s11 = f32x4.add(s11, f32x4.mul(x, b1));
    x = v128.load32_splat(a, 8);
    s20 = f32x4.add(s20, f32x4.mul(x, b0));
    s21 = f32x4.add(s21, f32x4.mul(x, b1));
    x = v128.load32_splat(a, 12);
    s30 = f32x4.add(s30, f32x4.mul(x, b0));
    s31 = f32x4.add(s31, f32x4.mul(x, b1));
    if (--count == 0) break;

    b0 = v128.load(b, 64);
    b1 = v128.load(b, 80);
    x = v128.load32_splat(a, 64);
    s00 = f32x4.add(s00, f32x4.mul(x, b0));
    s01 = f32x4.add(s01, f32x4.mul(x, b1));
    x = v128.load32_splat(a, 68);
    s10 = f32x4.add(s10, f32x4.mul(x, b0));
    s11 = f32x4.add(s11, f32x4.mul(x, b1));
    x = v128.load32_splat(a, 72);
    s20 = f32x4.add(s20, f32x4.mul(x, b0));
    s21 = f32x4.add(s21, f32x4.mul(x, b1));
    x = v128.load32_splat(a, 76);
    s30 = f32x4.add(s30, f32x4.mul(x, b0));
    s31 = f32x4.add(s31, f32x4.mul(x, b1));
    if (--count == 0) break;

    b0 = v128.load(b, 128);
    b1 = v128.load(b, 144);
    x = v128.load32_splat(a, 128);
    s00 = f32x4.add(s00, f32x4.mul(x, b0));
    s01 = f32x4.add(s01, f32x4.mul(x, b1));
    x = v128.load32_splat(a, 132);
    s10 = f32x4.add(s10, f32x4.mul(x, b0));
    s11 = f32x4.add(s11, f32x4.mul(x, b1));
    x = v128.load32_splat(a, 136);
    s20 = f32x4.add(s20, f32x4.mul(x, b0));
    s21 = f32x4.add(s21, f32x4.mul(x, b1));
    x = v128.load32_splat(a, 140);
    s30 = f32x4.add(s30, f32x4.mul(x, b0));
    s31 = f32x4.add(s31, f32x4.mul(x, b1));
    if (--count == 0) break;

    b0 = v128.load(b, 192);
    b1 = v128.load(b, 208);
    x = v128.load32_splat(a, 192);
    s00 = f32x4.add(s00, f32x4.mul(x, b0));
    s01 = f32x4.add(s01, f32x4.mul(x, b1));
    x = v128.load32_splat(a, 196);
    s10 = f32x4.add(s10, f32x4.mul(x, b0));
    s11 = f32x4.add(s11, f32x4.mul(x, b1));
    x = v128.load32_splat(a, 200);
    s20 = f32x4.add(s20, f32x4.mul(x, b0));
    s21 = f32x4.add(s21, f32x4.mul(x, b1));
    x = v128.load32_splat(a, 204);
    s30 = f32x4.add(s30, f32x4.mul(x, b0));
    s31 = f32x4.add(s31, f32x4.mul(x, b1));
    if (--count == 0) break;
    a += 256;
    b += 256;
  }
  if (fresh) {
    storePromoted(target, s00);
    storePromoted(target + 32, s01);
    target += rowBytes;
    storePromoted(target, s10);
    storePromoted(target + 32, s11);
    target += rowBytes;
    storePromoted(target, s20);
    storePromoted(target + 32, s21);
    target += rowBytes;
    storePromoted(target, s30);
    storePromoted(target + 32, s31);
    return;
  }
  addPromoted(target, s00);
  addPromoted(target + 32, s01);
  target += rowBytes;
  addPromoted(target, s10);
  addPromoted(target + 32, s11);
  target += rowBytes;
  addPromoted(target, s20);
  addPromoted(target + 32, s21);
  target += rowBytes;
  addPromoted(target, s30);
  addPromoted(target + 32, s31);
}

export function addGram(a: usize, b: usize, length: i32, tile: usize): void {
  addGramParts(a, b, length, tile, ALL);
}

/** addGram for the 4 × 8 blocks whose bit 2 (row / 4) + column / 8 is set. */
export function addGramParts(a: usize, b: usize, length: i32, tile: usize, parts: i32): void {
  for (let done = 0; done < length; done += BLOCK) {
    const count = min(BLOCK, length - done);
    for (let row: usize = 0; row < 16; row += 4) {
      const target = tile + row * TILE_ROW;
      const two = parts >> (<i32>row >> 1);
      if (two & 1) addBlock(a + row * 4, b, count, target, TILE_ROW, false);
      if (two & 2) addBlock(a + row * 4, b + 32, count, target + 64, TILE_ROW, false);
    }
    a += (<usize>count) << STEP_SHIFT;
    b += (<usize>count) << STEP_SHIFT;
  }
}
