/**
 * Inner products of quantised panels (quantize.ts), with a bound that no pair can exceed:
 *
 *   K̂_ij = Σ_β s_i s_j Σ_k q_ki q_kj
 *   |K_ij − K̂_ij| ≤ ‖ε_i‖ ‖x_j‖ + ‖x_i‖ ‖ε_j‖ + ‖ε_i‖ ‖ε_j‖ + γ ‖x_i‖ ‖x_j‖
 *
 * by Cauchy and Schwarz on ⟨x, x'⟩ − ⟨x − ε, x' − ε'⟩. K may be the true value or what addGram computes: a
 * chain of 256 float32 products and sums errs by at most 256 · 2⁻²⁴ / (1 − 256 · 2⁻²⁴) of Σ |x_k x'_k|, and γ
 * is a little more, which covers all rounding in float64 here and in sums over blocks and terms. Outer terms
 * K = P ∘ Q: |P Q − P̂ Q̂| ≤ |P̂| δ_Q + δ_P |Q̂| + δ_P δ_Q.
 *
 * Values that are not finite make a bound that is infinite or NaN: a pair may be left out only if
 * K̂ + bound < limit. Norms whose product exceeds float32 are not covered: there K itself is infinite.
 */
import { clear, STEP_SHIFT, TILE_BYTES, TILE_ROW } from './layout';
import { addProducts } from './outer';
import { addScreenedBlock, SCREEN_BLOCK, STATISTIC } from './screen-block';
import { addScreenedWideBlock } from './screen-wide-block';

/** 256 · 2⁻²⁴ / (1 − 256 · 2⁻²⁴) = 1.526e-5, and room for float64. */
const CHAIN: f64 = 1.6e-5;

/** bounds_ij += (‖ε_i‖ + γ ‖x_i‖) ‖x_j‖ + (‖x_i‖ + ‖ε_i‖) ‖ε_j‖ */
function addBounds(a: usize, b: usize, bounds: usize): void {
  const chain = f64x2.splat(CHAIN);
  for (let i: usize = 0; i < 16; i++) {
    const norm = v128.load64_splat(a + i * 8);
    const error = v128.load64_splat(a + STATISTIC + i * 8);
    const ofNorm = f64x2.add(error, f64x2.mul(chain, norm));
    const ofError = f64x2.add(error, norm);
    for (let j: usize = 0; j < 128; j += 16) {
      const first = f64x2.mul(ofNorm, v128.load(b + j));
      const second = f64x2.mul(ofError, v128.load(b + STATISTIC + j));
      v128.store(bounds + j, f64x2.add(v128.load(bounds + j), f64x2.add(first, second)));
    }
    bounds += TILE_ROW;
  }
}

/** With scratch for wide sums in blocks of 4 × 16, else of 4 × 8. */
function addEstimate(a: usize, b: usize, length: i32, sums: usize, tile: usize, bounds: usize): void {
  if (bounds != 0) addBounds(a, b, bounds);
  a += 2 * STATISTIC;
  b += 2 * STATISTIC;
  for (let done = 0; done < length; done += SCREEN_BLOCK) {
    const pairs = (min(SCREEN_BLOCK, length - done) + 1) >> 1;
    for (let row: usize = 0; row < 16; row += 4) {
      const target = tile + row * TILE_ROW;
      const left = a + row * 4;
      if (sums == 0) {
        addScreenedBlock(left + 64, b + 64, pairs, left, b, target);
        addScreenedBlock(left + 64, b + 96, pairs, left, b + 32, target + 64);
      } else {
        addScreenedWideBlock(left + 64, b + 64, pairs, left, b, sums, target);
      }
    }
    a += 64 + ((<usize>pairs) << STEP_SHIFT);
    b += 64 + ((<usize>pairs) << STEP_SHIFT);
  }
}

export function addScreenedGram(a: usize, b: usize, length: i32, tile: usize, bounds: usize): void {
  addEstimate(a, b, length, 0, tile, bounds);
}

/** sums: scratch of 256 bytes. */
export function addScreenedGramWide(
  a: usize,
  b: usize,
  length: i32,
  sums: usize,
  tile: usize,
  bounds: usize,
): void {
  addEstimate(a, b, length, sums, tile, bounds);
}

function addOuterEstimate(
  leftA: usize,
  rightA: usize,
  aLength: i32,
  leftB: usize,
  rightB: usize,
  bLength: i32,
  scratch: usize,
  sums: usize,
  tile: usize,
  bounds: usize,
): void {
  clear(scratch, bounds == 0 ? 2 * TILE_BYTES : 4 * TILE_BYTES);
  const q = scratch + TILE_BYTES;
  const pBounds = q + TILE_BYTES;
  const qBounds = pBounds + TILE_BYTES;
  addEstimate(leftA, rightA, aLength, sums, scratch, bounds == 0 ? 0 : pBounds);
  addEstimate(leftB, rightB, bLength, sums, q, bounds == 0 ? 0 : qBounds);
  if (bounds == 0) {
    addProducts(tile, scratch, q, TILE_BYTES);
    return;
  }
  for (let at: usize = 0; at < TILE_BYTES; at += 16) {
    const first = v128.load(scratch + at);
    const second = v128.load(q + at);
    const firstBound = v128.load(pBounds + at);
    const secondBound = v128.load(qBounds + at);
    v128.store(tile + at, f64x2.add(v128.load(tile + at), f64x2.mul(first, second)));
    const most = f64x2.add(f64x2.abs(first), firstBound);
    const bound = f64x2.add(f64x2.mul(most, secondBound), f64x2.mul(firstBound, f64x2.abs(second)));
    v128.store(bounds + at, f64x2.add(v128.load(bounds + at), bound));
  }
}

export function addScreenedOuterGram(
  leftA: usize,
  rightA: usize,
  aLength: i32,
  leftB: usize,
  rightB: usize,
  bLength: i32,
  scratch: usize,
  tile: usize,
  bounds: usize,
): void {
  addOuterEstimate(leftA, rightA, aLength, leftB, rightB, bLength, scratch, 0, tile, bounds);
}

export function addScreenedOuterGramWide(
  leftA: usize,
  rightA: usize,
  aLength: i32,
  leftB: usize,
  rightB: usize,
  bLength: i32,
  scratch: usize,
  tile: usize,
  bounds: usize,
): void {
  const sums = scratch + 4 * TILE_BYTES;
  addOuterEstimate(leftA, rightA, aLength, leftB, rightB, bLength, scratch, sums, tile, bounds);
}
