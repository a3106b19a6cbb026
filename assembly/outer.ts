/**
 * Tiles of layers whose gradients are sums of outer products:
 *
 *   K_ij += Σ_t Σ_t' (a_ti · a'_t'j) (b_ti · b'_t'j)
 *
 * the inner product of the gradients Σ_t a_t b_tᵀ and Σ_t' a'_t' b'_t'ᵀ, never formed. Order and rounding are
 * those of gram.ts.
 */
import { ALL, addBlock, addGramParts } from './gram';
import { addGramWide, addWideBlock } from './gram-wide';
import { BLOCK, clear, STEP_SHIFT, TILE_BYTES, TILE_ROW } from './layout';

/** A block of float64 products, contiguous: four rows of 8, or of 16 for 256-bit registers. */
const PART_ROW: usize = 64;

/** target = the 4 × 8 Gram block of a and b over any length; 4 × 16 where there is scratch for wide sums. */
function partGram(a: usize, b: usize, length: i32, target: usize, sums: usize): void {
  if (length == 0) clear(target, sums == 0 ? 4 * PART_ROW : 4 * TILE_ROW);
  for (let done = 0; done < length; done += BLOCK) {
    const start = (<usize>done) << STEP_SHIFT;
    const count = min(BLOCK, length - done);
    if (sums == 0) addBlock(a + start, b + start, count, target, PART_ROW, done == 0);
    else addWideBlock(a + start, b + start, count, sums, target, done == 0);
  }
}

/** target += p ∘ q over one row of `bytes` bytes. */
export function addProducts(target: usize, p: usize, q: usize, bytes: usize): void {
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
  sums: usize,
): void {
  const rowBytes = sums == 0 ? PART_ROW : TILE_ROW;
  const aBytes = (<usize>aLength) << STEP_SHIFT;
  const bBytes = (<usize>bLength) << STEP_SHIFT;
  const p = scratch;
  const q = scratch + 4 * rowBytes;
  const r = scratch + 8 * rowBytes;
  const s = scratch + 12 * rowBytes;
  for (let t = 0; t < positions; t++) {
    const leftAt = leftA + <usize>t * aBytes;
    const leftBt = leftB + <usize>t * bBytes;
    const rightAt = rightA + <usize>t * aBytes;
    const rightBt = rightB + <usize>t * bBytes;
    partGram(leftAt, rightAt, aLength, p, sums);
    partGram(leftBt, rightBt, bLength, q, sums);
    for (let row: usize = 0; row < 4; row++) {
      addProducts(tile + row * TILE_ROW, p + row * rowBytes, q + row * rowBytes, rowBytes);
    }
    for (let other = t + 1; other < positions; other++) {
      const toA = <usize>other * aBytes;
      const toB = <usize>other * bBytes;
      partGram(leftAt, rightA + toA, aLength, p, sums);
      partGram(leftBt, rightB + toB, bLength, q, sums);
      partGram(leftA + toA, rightAt, aLength, r, sums);
      partGram(leftB + toB, rightBt, bLength, s, sums);
      for (let row: usize = 0; row < 4; row++) {
        const from = row * rowBytes;
        addProductPairs(tile + row * TILE_ROW, p + from, q + from, r + from, s + from, rowBytes);
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
  addOuterGramParts(leftA, rightA, aLength, leftB, rightB, bLength, positions, scratch, tile, ALL);
}

export function addOuterGramParts(
  leftA: usize,
  rightA: usize,
  aLength: i32,
  leftB: usize,
  rightB: usize,
  bLength: i32,
  positions: i32,
  scratch: usize,
  tile: usize,
  parts: i32,
): void {
  if (positions == 1) {
    // Whole tiles: long panels then pass through the first-level cache one k-block at a time.
    clear(scratch, 2 * TILE_BYTES);
    addGramParts(leftA, rightA, aLength, scratch, parts);
    addGramParts(leftB, rightB, bLength, scratch + TILE_BYTES, parts);
    addProducts(tile, scratch, scratch + TILE_BYTES, TILE_BYTES);
    return;
  }
  for (let part = 0; part < 8; part++) {
    if (((parts >> part) & 1) == 0) continue;
    const row = <usize>(part >> 1) * 4;
    const column = <usize>(part & 1) * 8;
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
      0,
    );
  }
}

/** addOuterGram with 256-bit registers where the engine fuses, to the same bits. */
export function addOuterGramWide(
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
  const sums = scratch + 2 * TILE_BYTES;
  if (positions == 1) {
    clear(scratch, 2 * TILE_BYTES);
    addGramWide(leftA, rightA, aLength, sums, scratch);
    addGramWide(leftB, rightB, bLength, sums, scratch + TILE_BYTES);
    addProducts(tile, scratch, scratch + TILE_BYTES, TILE_BYTES);
    return;
  }
  for (let row: usize = 0; row < 16; row += 4) {
    const target = tile + row * TILE_ROW;
    const a = leftA + row * 4;
    const b = leftB + row * 4;
    addOuterPart(a, rightA, aLength, b, rightB, bLength, positions, scratch, target, sums);
  }
}
