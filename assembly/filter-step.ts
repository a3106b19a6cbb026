/**
 * Parts of a step of the filter gradient, for four channels in one vector.
 */

/** Longest chain of float32 sums, in positions. */
export const BLOCK: i32 = 256;

/** The number at an address in all lanes, or 0 without reading it. */
function openSplat(at: usize, open: bool): v128 {
  return open ? v128.load32_splat(at) : f32x4.splat(0);
}

/** 1 to 4 numbers, never reading beyond them. */
function readLanes(at: usize, width: i32): v128 {
  if (width == 4) return v128.load(at);
  if (width == 1) return v128.load32_zero(at);
  const two = v128.load64_zero(at);
  return width == 2 ? two : f32x4.replace_lane(two, 2, load<f32>(at, 8));
}

function addOne(target: usize, value: f32): void {
  store<f32>(target, load<f32>(target) + value);
}

/** Adds the first `width` (1 to 4) lanes to as many numbers. */
function addLanes(target: usize, sum: v128, width: i32): void {
  if (width == 4) {
    v128.store(target, f32x4.add(v128.load(target), sum));
    return;
  }
  addOne(target, f32x4.extract_lane(sum, 0));
  if (width > 1) addOne(target + 4, f32x4.extract_lane(sum, 1));
  if (width > 2) addOne(target + 8, f32x4.extract_lane(sum, 2));
}

export { addLanes, openSplat, readLanes };
