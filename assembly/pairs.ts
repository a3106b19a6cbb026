/**
 * Single pairs of a tile, listed as numbers 16 i + j: their sums in the order and with the rounding of gram.ts.
 * Four at a time: a sum waits for itself at each step, so that one alone takes as long.
 */
import { BLOCK, clear, STEP_SHIFT, TILE_BYTES } from './layout';

function place(sums: usize, at: i32): usize {
  return sums + ((<usize>at) << 3);
}

export function addGramPairs(a: usize, b: usize, length: i32, pairs: usize, count: i32, sums: usize): void {
  const last = count - 1;
  for (let m = 0; m < count; m += 4) {
    // Where fewer are left, the last pair stands in for the others.
    const pair0 = load<u32>(pairs + ((<usize>m) << 2));
    const pair1 = load<u32>(pairs + ((<usize>min(m + 1, last)) << 2));
    const pair2 = load<u32>(pairs + ((<usize>min(m + 2, last)) << 2));
    const pair3 = load<u32>(pairs + ((<usize>min(m + 3, last)) << 2));
    let a0 = a + ((pair0 >> 4) << 2);
    let a1 = a + ((pair1 >> 4) << 2);
    let a2 = a + ((pair2 >> 4) << 2);
    let a3 = a + ((pair3 >> 4) << 2);
    let b0 = b + ((pair0 & 15) << 2);
    let b1 = b + ((pair1 & 15) << 2);
    let b2 = b + ((pair2 & 15) << 2);
    let b3 = b + ((pair3 & 15) << 2);
    let sum0 = load<f64>(place(sums, m));
    let sum1 = load<f64>(place(sums, min(m + 1, last)));
    let sum2 = load<f64>(place(sums, min(m + 2, last)));
    let sum3 = load<f64>(place(sums, min(m + 3, last)));
    for (let done = 0; done < length; done += BLOCK) {
      let s0: f32 = 0;
      let s1: f32 = 0;
      let s2: f32 = 0;
      let s3: f32 = 0;
      const end = (<usize>min(BLOCK, length - done)) << STEP_SHIFT;
      for (let at: usize = 0; at < end; at += 64) {
        s0 += load<f32>(a0 + at) * load<f32>(b0 + at);
        s1 += load<f32>(a1 + at) * load<f32>(b1 + at);
        s2 += load<f32>(a2 + at) * load<f32>(b2 + at);
        s3 += load<f32>(a3 + at) * load<f32>(b3 + at);
      }
      sum0 += <f64>s0;
      sum1 += <f64>s1;
      sum2 += <f64>s2;
      sum3 += <f64>s3;
      a0 += end;
      a1 += end;
      a2 += end;
      a3 += end;
      b0 += end;
      b1 += end;
      b2 += end;
      b3 += end;
    }
    store<f64>(place(sums, m), sum0);
    if (m + 1 < count) store<f64>(place(sums, m + 1), sum1);
    if (m + 2 < count) store<f64>(place(sums, m + 2), sum2);
    if (m + 3 < count) store<f64>(place(sums, m + 3), sum3);
  }
}

/** addOuterGram at one position. scratch: two tiles, overwritten. */
export function addOuterGramPairs(
  leftA: usize,
  rightA: usize,
  aLength: i32,
  leftB: usize,
  rightB: usize,
  bLength: i32,
  pairs: usize,
  count: i32,
  scratch: usize,
  sums: usize,
): void {
  const q = scratch + TILE_BYTES;
  clear(scratch, 2 * TILE_BYTES);
  addGramPairs(leftA, rightA, aLength, pairs, count, scratch);
  addGramPairs(leftB, rightB, bLength, pairs, count, q);
  for (let m = 0; m < count; m++) {
    const target = place(sums, m);
    store<f64>(target, load<f64>(target) + load<f64>(place(scratch, m)) * load<f64>(place(q, m)));
  }
}
