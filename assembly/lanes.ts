/**
 * One inner product a lane: input `lane` of the left panel with input `lane` of the right.
 *
 *   laneDots:  out_lane += Σ_k left_k,lane · right_k,lane
 *
 * Float64 throughout: from these come norms and K(x, x), whose smallest eigenvalues decide the rank. Products of
 * float32 numbers are exact in float64, and neither underflow nor overflow there.
 */
import { high, low } from './layout';

export function laneDots(left: usize, right: usize, length: i32, out: usize): void {
  let s0 = v128.load(out);
  let s1 = v128.load(out, 16);
  let s2 = v128.load(out, 32);
  let s3 = v128.load(out, 48);
  let s4 = v128.load(out, 64);
  let s5 = v128.load(out, 80);
  let s6 = v128.load(out, 96);
  let s7 = v128.load(out, 112);
  for (let count = length; count != 0; count--) {
    const a0 = v128.load(left);
    const b0 = v128.load(right);
    s0 = f64x2.add(s0, f64x2.mul(low(a0), low(b0)));
    s1 = f64x2.add(s1, f64x2.mul(high(a0), high(b0)));
    const a1 = v128.load(left, 16);
    const b1 = v128.load(right, 16);
    s2 = f64x2.add(s2, f64x2.mul(low(a1), low(b1)));
    s3 = f64x2.add(s3, f64x2.mul(high(a1), high(b1)));
    const a2 = v128.load(left, 32);
    const b2 = v128.load(right, 32);
    s4 = f64x2.add(s4, f64x2.mul(low(a2), low(b2)));
    s5 = f64x2.add(s5, f64x2.mul(high(a2), high(b2)));
    const a3 = v128.load(left, 48);
    const b3 = v128.load(right, 48);
    s6 = f64x2.add(s6, f64x2.mul(low(a3), low(b3)));
    s7 = f64x2.add(s7, f64x2.mul(high(a3), high(b3)));
    left += 64;
    right += 64;
  }
  v128.store(out, s0);
  v128.store(out, s1, 16);
  v128.store(out, s2, 32);
  v128.store(out, s3, 48);
  v128.store(out, s4, 64);
  v128.store(out, s5, 80);
  v128.store(out, s6, 96);
  v128.store(out, s7, 112);
}
