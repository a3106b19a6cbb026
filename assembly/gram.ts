/**
 * Gram tiles.
 *
 *   addGram:       K_ij += Σ_k a_ki b_kj
 *   addOuterGram:  K_ij += Σ_t Σ_t' (a_ti · a'_t'j) (b_ti · b'_t'j)
 *
 * The second is the inner product of the layer gradients Σ_t a_t b_tᵀ and Σ_t' a'_t' b'_t'ᵀ, never formed.
 * Products are added in float32 over at most 256 steps from zero, then in float64. One fixed order of k for
 * every pair: a value does not depend on its lanes, and swapping left and right transposes the tile exactly.
 */
import { addPromoted, BLOCK, clear, STEP_SHIFT, storePromoted, TILE_BYTES, TILE_ROW } from './layout';

/**
 * 4 inputs of a times 8 of b over at most one k-block. Eight sums are what V8 keeps in 16 registers beside
 * their operands. Each of the four steps ends with an exit: V8 hoists all loads of a basic block and would
 * spill the sums, so every step has to be a block of its own. `fresh` overwrites the target.
 */
function addBlock(a: usize, b: usize, count: i32, target: usize, rowBytes: usize, fresh: bool): void {
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
  for (let done = 0; done < length; done += BLOCK) {
    const count = min(BLOCK, length - done);
    for (let row: usize = 0; row < 16; row += 4) {
      const target = tile + row * TILE_ROW;
      addBlock(a + row * 4, b, count, target, TILE_ROW, false);
      addBlock(a + row * 4, b + 32, count, target + 64, TILE_ROW, false);
    }
    a += (<usize>count) << STEP_SHIFT;
    b += (<usize>count) << STEP_SHIFT;
  }
}

/** A 4 × 8 block of float64 products, contiguous. */
const PART_ROW: usize = 64;
const PART_BYTES: usize = 256;

/** target = the 4 × 8 Gram block of a and b over any length. */
function partGram(a: usize, b: usize, length: i32, target: usize): void {
  if (length == 0) clear(target, PART_BYTES);
  for (let done = 0; done < length; done += BLOCK) {
    const start = (<usize>done) << STEP_SHIFT;
    addBlock(a + start, b + start, min(BLOCK, length - done), target, PART_ROW, done == 0);
  }
}

/** target += p ∘ q over one row of `bytes` bytes. */
function addProducts(target: usize, p: usize, q: usize, bytes: usize): void {
  for (let at: usize = 0; at < bytes; at += 16) {
    const product = f64x2.mul(v128.load(p + at), v128.load(q + at));
    v128.store(target + at, f64x2.add(v128.load(target + at), product));
  }
}

/** target += p ∘ q + r ∘ s: the two terms meet first, so that swapping them changes nothing. */
function addProductPairs(target: usize, p: usize, q: usize, r: usize, s: usize, bytes: usize): void {
  for (let at: usize = 0; at < bytes; at += 16) {
    const first = f64x2.mul(v128.load(p + at), v128.load(q + at));
    const second = f64x2.mul(v128.load(r + at), v128.load(s + at));
    v128.store(target + at, f64x2.add(v128.load(target + at), f64x2.add(first, second)));
  }
}

/** The block of rows and columns that starts at leftA, … and tile, over all pairs of positions. */
function addOuterPart(
  leftA: usize,
  rightA: usize,
  aLength: i32,
  leftB: usize,
  rightB: usize,
  bLength: i32,
  positions: i32,
  scratch: usize,
  tile: usize,
): void {
  const aBytes = (<usize>aLength) << STEP_SHIFT;
  const bBytes = (<usize>bLength) << STEP_SHIFT;
  const p = scratch;
  const q = scratch + PART_BYTES;
  const r = scratch + 2 * PART_BYTES;
  const s = scratch + 3 * PART_BYTES;
  for (let t = 0; t < positions; t++) {
    const leftAt = leftA + <usize>t * aBytes;
    const leftBt = leftB + <usize>t * bBytes;
    const rightAt = rightA + <usize>t * aBytes;
    const rightBt = rightB + <usize>t * bBytes;
    partGram(leftAt, rightAt, aLength, p);
    partGram(leftBt, rightBt, bLength, q);
    for (let row: usize = 0; row < 4; row++) {
      addProducts(tile + row * TILE_ROW, p + row * PART_ROW, q + row * PART_ROW, PART_ROW);
    }
    for (let other = t + 1; other < positions; other++) {
      const toA = <usize>other * aBytes;
      const toB = <usize>other * bBytes;
      partGram(leftAt, rightA + toA, aLength, p);
      partGram(leftBt, rightB + toB, bLength, q);
      partGram(leftA + toA, rightAt, aLength, r);
      partGram(leftB + toB, rightBt, bLength, s);
      for (let row: usize = 0; row < 4; row++) {
        const from = row * PART_ROW;
        addProductPairs(tile + row * TILE_ROW, p + from, q + from, r + from, s + from, PART_ROW);
      }
    }
  }
}

export function addOuterGram(
  leftA: usize,
  rightA: usize,
  aLength: i32,
  leftB: usize,
  rightB: usize,
  bLength: i32,
  positions: i32,
  scratch: usize,
  tile: usize,
): void {
  if (positions == 1) {
    // Whole tiles: long panels then pass through the first-level cache one k-block at a time.
    clear(scratch, 2 * TILE_BYTES);
    addGram(leftA, rightA, aLength, scratch);
    addGram(leftB, rightB, bLength, scratch + TILE_BYTES);
    addProducts(tile, scratch, scratch + TILE_BYTES, TILE_BYTES);
    return;
  }
  for (let row: usize = 0; row < 16; row += 4) {
    for (let column: usize = 0; column < 16; column += 8) {
      addOuterPart(
        leftA + row * 4,
        rightA + column * 4,
        aLength,
        leftB + row * 4,
        rightB + column * 4,
        bLength,
        positions,
        scratch,
        tile + row * TILE_ROW + column * 8,
      );
    }
  }
}
