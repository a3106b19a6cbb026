/**
 * Panels in 12 bits, for screening (screen.ts). In each block β of 512 steps and for each input
 *
 *   s = max_k |x_k| / 2047,   q_k = round(x_k / s),   ε_k = x_k − s q_k
 *
 * Target: ‖x‖ and ‖ε‖ over all blocks (float64 [16] each), then for each block its scales s (float32 [16]) and
 * its q (int16 [⌈steps / 2⌉][16][2]): neighbours in k lie side by side, as dot_i16x8 wants them.
 *
 * 2047² · 512 < 2³¹: the products of a block cannot overflow int32. ε is taken from what was stored, so bounds
 * made of it hold whatever the rounding of s and q.
 */
import { high, low, STEP_SHIFT } from './layout';
import { SCREEN_BLOCK, STATISTIC } from './screen-block';

const LEVELS: i32 = 2047;
/** Below it the division by s could overflow: q = 0, and all of x counts as error. */
const TINY: f32 = 1e-30;
/** Norms grow by this times √length: times γ (screen.ts), 2⁻¹⁵⁰ for each product that underflows. */
const UNDERFLOW: f64 = 1e-20;

/** Largest |x| of four lanes over some steps. */
function largest(panel: usize, count: i32): v128 {
  let most = f32x4.splat(0);
  for (; count != 0; count--) {
    most = f32x4.max(most, f32x4.abs(v128.load(panel)));
    panel += 64;
  }
  return most;
}

/** Four lanes of one block, and of their norms and errors as squares. */
function quantizeFour(panel: usize, count: i32, scales: usize, target: usize, squares: usize): void {
  const most = largest(panel, count);
  const scale = f32x4.div(most, f32x4.splat(<f32>LEVELS));
  const inverse = v128.and(f32x4.div(f32x4.splat(<f32>LEVELS), most), f32x4.ge(most, f32x4.splat(TINY)));
  v128.store(scales, scale);
  const scaleLow = low(scale);
  const scaleHigh = high(scale);
  let normLow = v128.load(squares);
  let normHigh = v128.load(squares, 16);
  let errorLow = v128.load(squares, STATISTIC);
  let errorHigh = v128.load(squares, STATISTIC + 16);
  for (let k = 0; k < count; k++) {
    const x = v128.load(panel);
    let q = i32x4.trunc_sat_f32x4_s(f32x4.nearest(f32x4.mul(x, inverse)));
    q = i32x4.min_s(i32x4.max_s(q, i32x4.splat(-LEVELS)), i32x4.splat(LEVELS));
    const at = target + ((<usize>(k >> 1)) << STEP_SHIFT);
    // Even steps fill both halves of each int32, the other with 0; odd steps add theirs.
    if ((k & 1) == 0) v128.store(at, v128.and(q, i32x4.splat(0xffff)));
    else v128.store(at, v128.or(v128.load(at), i32x4.shl(q, 16)));
    const xLow = low(x);
    const xHigh = high(x);
    const gapLow = f64x2.sub(xLow, f64x2.mul(scaleLow, f64x2.convert_low_i32x4_s(q)));
    const upper = v128.shuffle<u64>(q, q, 1, 1);
    const gapHigh = f64x2.sub(xHigh, f64x2.mul(scaleHigh, f64x2.convert_low_i32x4_s(upper)));
    normLow = f64x2.add(normLow, f64x2.mul(xLow, xLow));
    normHigh = f64x2.add(normHigh, f64x2.mul(xHigh, xHigh));
    errorLow = f64x2.add(errorLow, f64x2.mul(gapLow, gapLow));
    errorHigh = f64x2.add(errorHigh, f64x2.mul(gapHigh, gapHigh));
    panel += 64;
  }
  v128.store(squares, normLow);
  v128.store(squares, normHigh, 16);
  v128.store(squares, errorLow, STATISTIC);
  v128.store(squares, errorHigh, STATISTIC + 16);
}

export function quantize(panel: usize, length: i32, target: usize): void {
  const blocks = target + 2 * STATISTIC;
  for (let at = target; at != blocks; at += 16) v128.store(at, f64x2.splat(0));
  let scales = blocks;
  for (let done = 0; done < length; done += SCREEN_BLOCK) {
    const count = min(SCREEN_BLOCK, length - done);
    const values = scales + 64;
    for (let lane: usize = 0; lane < 16; lane += 4) {
      quantizeFour(panel + lane * 4, count, scales + lane * 4, values + lane * 4, target + lane * 8);
    }
    panel += (<usize>count) << STEP_SHIFT;
    scales = values + ((<usize>((count + 1) >> 1)) << STEP_SHIFT);
  }
  for (let at = target; at != blocks; at += 16) v128.store(at, f64x2.sqrt(v128.load(at)));
  const underflow = f64x2.splat(UNDERFLOW * Math.sqrt(<f64>length));
  for (let at = target; at != target + STATISTIC; at += 16) {
    v128.store(at, f64x2.add(v128.load(at), underflow));
  }
}
