/**
 * What the registers alone can do: 128-bit multiply and add without memory, the bound of every kernel here.
 *
 * A module of its own: only the benchmark loads it. Thirteen chains hide the latency of a multiplication and an
 * addition (some eight cycles) and, with their two constants, still fit the sixteen registers of x64. Two steps a round hide the loop itself.
 */

/** Operations of one round: two steps of 13 chains × 4 numbers × (multiply, add). */
export const FLOPS: i32 = 208;

/** `rounds`: at least 1. Every chain tends to shift / (1 - factor): nothing overflows, nothing becomes subnormal. */
export function peak(rounds: i32, factor: f32, shift: f32): f32 {
  const m = f32x4.splat(factor);
  const c = f32x4.splat(shift);
  let s0 = f32x4.splat(1);
  let s1 = f32x4.splat(2);
  let s2 = f32x4.splat(3);
  let s3 = f32x4.splat(4);
  let s4 = f32x4.splat(5);
  let s5 = f32x4.splat(6);
  let s6 = f32x4.splat(7);
  let s7 = f32x4.splat(8);
  let s8 = f32x4.splat(9);
  let s9 = f32x4.splat(10);
  let sA = f32x4.splat(11);
  let sB = f32x4.splat(12);
  let sC = f32x4.splat(13);
  // The test stands at the end: the other way round V8 of Node 20 moves registers and loses 5 %.
  do {
    s0 = f32x4.add(f32x4.mul(s0, m), c);
    s1 = f32x4.add(f32x4.mul(s1, m), c);
    s2 = f32x4.add(f32x4.mul(s2, m), c);
    s3 = f32x4.add(f32x4.mul(s3, m), c);
    s4 = f32x4.add(f32x4.mul(s4, m), c);
    s5 = f32x4.add(f32x4.mul(s5, m), c);
    s6 = f32x4.add(f32x4.mul(s6, m), c);
    s7 = f32x4.add(f32x4.mul(s7, m), c);
    s8 = f32x4.add(f32x4.mul(s8, m), c);
    s9 = f32x4.add(f32x4.mul(s9, m), c);
    sA = f32x4.add(f32x4.mul(sA, m), c);
    sB = f32x4.add(f32x4.mul(sB, m), c);
    sC = f32x4.add(f32x4.mul(sC, m), c);

    s0 = f32x4.add(f32x4.mul(s0, m), c);
    s1 = f32x4.add(f32x4.mul(s1, m), c);
    s2 = f32x4.add(f32x4.mul(s2, m), c);
    s3 = f32x4.add(f32x4.mul(s3, m), c);
    s4 = f32x4.add(f32x4.mul(s4, m), c);
    s5 = f32x4.add(f32x4.mul(s5, m), c);
    s6 = f32x4.add(f32x4.mul(s6, m), c);
    s7 = f32x4.add(f32x4.mul(s7, m), c);
    s8 = f32x4.add(f32x4.mul(s8, m), c);
    s9 = f32x4.add(f32x4.mul(s9, m), c);
    sA = f32x4.add(f32x4.mul(sA, m), c);
    sB = f32x4.add(f32x4.mul(sB, m), c);
    sC = f32x4.add(f32x4.mul(sC, m), c);
  } while (--rounds != 0);
  // The result depends on every chain, so that none is left out.
  s0 = f32x4.add(f32x4.add(f32x4.add(s0, s1), f32x4.add(s2, s3)), f32x4.add(f32x4.add(s4, s5), s6));
  s0 = f32x4.add(f32x4.add(f32x4.add(s0, s7), f32x4.add(s8, s9)), f32x4.add(f32x4.add(sA, sB), sC));
  return f32x4.extract_lane(s0, 0);
}
