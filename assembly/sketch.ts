/**
 * Random projections of 16 inputs at once: a signed Walsh-Hadamard transform, and products of sampled elements.
 *
 *   transformLanes:      x_k ↦ Σ_k' (-1)^popcount(k & k') σ_k' x_k'
 *   addSampledProducts:  target_r += a_i(r) b_j(r)
 */
import { clear, STEP_SHIFT } from './layout';

/** Sums and differences of two runs of elements. */
function meet(first: usize, bytes: usize): void {
  for (const end = first + bytes; first != end; first += 16) {
    const a = v128.load(first);
    const b = v128.load(first + bytes);
    v128.store(first, f32x4.add(a, b));
    v128.store(first + bytes, f32x4.sub(a, b));
  }
}

/** The transform without signs, depth first: parts that fit a cache are finished in it. Four parts a pass. */
function transform(panel: usize, bytes: usize): void {
  if (bytes < 256) {
    if (bytes == 128) meet(panel, 64);
    return;
  }
  const part = bytes >> 2;
  if (part > 64) {
    for (let at = panel; at != panel + bytes; at += part) transform(at, part);
  }
  for (const end = panel + part; panel != end; panel += 16) {
    const third = panel + 2 * part;
    const a = v128.load(panel);
    const b = v128.load(panel + part);
    const c = v128.load(third);
    const d = v128.load(third + part);
    const ab = f32x4.add(a, b);
    const cd = f32x4.add(c, d);
    v128.store(panel, f32x4.add(ab, cd));
    v128.store(third, f32x4.sub(ab, cd));
    const less = f32x4.sub(a, b);
    const fewer = f32x4.sub(c, d);
    v128.store(panel + part, f32x4.add(less, fewer));
    v128.store(third + part, f32x4.sub(less, fewer));
  }
}

export function transformLanes(panel: usize, length: i32, size: i32, signs: usize): void {
  const end = panel + ((<usize>length) << STEP_SHIFT);
  for (let at = panel; at != end; at += 16) {
    v128.store(at, f32x4.mul(v128.load(at), v128.load32_splat(signs + (((at - panel) >> STEP_SHIFT) << 2))));
  }
  const bytes = (<usize>size) << STEP_SHIFT;
  clear(end, panel + bytes - end);
  transform(panel, bytes);
}

export function addSampledProducts(a: usize, b: usize, places: usize, count: i32, target: usize): void {
  for (let r = count; r != 0; r--) {
    const left = a + ((<usize>load<u32>(places)) << STEP_SHIFT);
    const right = b + ((<usize>load<u32>(places, 4)) << STEP_SHIFT);
    for (let lane: usize = 0; lane < 64; lane += 16) {
      const product = f32x4.mul(v128.load(left + lane), v128.load(right + lane));
      v128.store(target + lane, f32x4.add(v128.load(target + lane), product));
    }
    places += 8;
    target += 64;
  }
}
