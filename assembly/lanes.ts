/**
 * One inner product a lane: input `lane` of the left panel with input `lane` of the right, for norms and pairs.
 *
 *   laneDots:       out_lane += Σ_k left_k,lane · right_k,lane
 *   laneOuterDots:  out_lane += Σ_t Σ_t' (a_t · a'_t') (b_t · b'_t')
 *
 * Blocks, orders and roundings are those of gram.ts, so that K(x, x) has the same bits on either road.
 */
import { addPromoted, BLOCK, high, low, STEP_SHIFT } from './layout';

export function laneDots(left: usize, right: usize, length: i32, out: usize): void {
  for (let done = 0; done < length; done += BLOCK) {
    let s0 = f32x4.splat(0);
    let s1 = f32x4.splat(0);
    let s2 = f32x4.splat(0);
    let s3 = f32x4.splat(0);
    for (let count = min(BLOCK, length - done); count != 0; count--) {
      s0 = f32x4.add(s0, f32x4.mul(v128.load(left), v128.load(right)));
      s1 = f32x4.add(s1, f32x4.mul(v128.load(left, 16), v128.load(right, 16)));
      s2 = f32x4.add(s2, f32x4.mul(v128.load(left, 32), v128.load(right, 32)));
      s3 = f32x4.add(s3, f32x4.mul(v128.load(left, 48), v128.load(right, 48)));
      left += 64;
      right += 64;
    }
    addPromoted(out, s0);
    addPromoted(out + 32, s1);
    addPromoted(out + 64, s2);
    addPromoted(out + 96, s3);
  }
}

/** What dotFour returns: four float64 numbers do not fit one vector. Globals, because a module without
 *  memory of its own has nowhere else to put them. */
let dotLow = f64x2.splat(0);
let dotHigh = f64x2.splat(0);

/** The inner products of four lanes. */
function dotFour(left: usize, right: usize, length: i32): void {
  let sumLow = f64x2.splat(0);
  let sumHigh = f64x2.splat(0);
  for (let done = 0; done < length; done += BLOCK) {
    let sum = f32x4.splat(0);
    for (let count = min(BLOCK, length - done); count != 0; count--) {
      sum = f32x4.add(sum, f32x4.mul(v128.load(left), v128.load(right)));
      left += 64;
      right += 64;
    }
    sumLow = f64x2.add(sumLow, low(sum));
    sumHigh = f64x2.add(sumHigh, high(sum));
  }
  dotLow = sumLow;
  dotHigh = sumHigh;
}

/** (a · a') (b · b') of four lanes, left in dotLow and dotHigh. */
function outerFour(a: usize, otherA: usize, aLength: i32, b: usize, otherB: usize, bLength: i32): void {
  dotFour(a, otherA, aLength);
  const aLow = dotLow;
  const aHigh = dotHigh;
  dotFour(b, otherB, bLength);
  dotLow = f64x2.mul(aLow, dotLow);
  dotHigh = f64x2.mul(aHigh, dotHigh);
}

export function laneOuterDots(
  leftA: usize,
  rightA: usize,
  aLength: i32,
  leftB: usize,
  rightB: usize,
  bLength: i32,
  positions: i32,
  out: usize,
): void {
  const aBytes = (<usize>aLength) << STEP_SHIFT;
  const bBytes = (<usize>bLength) << STEP_SHIFT;
  const same = leftA == rightA && leftB == rightB;
  for (let lane: usize = 0; lane < 64; lane += 16) {
    let sumLow = v128.load(out);
    let sumHigh = v128.load(out, 16);
    for (let t = 0; t < positions; t++) {
      const toA = <usize>t * aBytes + lane;
      const toB = <usize>t * bBytes + lane;
      outerFour(leftA + toA, rightA + toA, aLength, leftB + toB, rightB + toB, bLength);
      sumLow = f64x2.add(sumLow, dotLow);
      sumHigh = f64x2.add(sumHigh, dotHigh);
      for (let other = t + 1; other < positions; other++) {
        const otherA = <usize>other * aBytes + lane;
        const otherB = <usize>other * bBytes + lane;
        outerFour(leftA + toA, rightA + otherA, aLength, leftB + toB, rightB + otherB, bLength);
        const pairLow = dotLow;
        const pairHigh = dotHigh;
        // A norm has (t, t') and (t', t) equal to the last bit: half the work.
        if (!same) outerFour(leftA + otherA, rightA + toA, aLength, leftB + otherB, rightB + toB, bLength);
        sumLow = f64x2.add(sumLow, f64x2.add(pairLow, dotLow));
        sumHigh = f64x2.add(sumHigh, f64x2.add(pairHigh, dotHigh));
      }
    }
    v128.store(out, sumLow);
    v128.store(out, sumHigh, 16);
    out += 32;
  }
}
