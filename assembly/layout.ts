/**
 * The shapes that every kernel shares.
 *
 * A panel holds 16 inputs interleaved, float32: element k of input `lane` is number k·16 + lane.
 * A tile holds 16 × 16 float64 values, row-major: row i is an input of the left panel, column j of the right.
 */

/** Inputs of a panel: four 128-bit vectors a step, and one 64-byte cache line. */
export const LANES: i32 = 16;
/** Bytes of one step k of a panel, as a shift: 16 lanes × 4 bytes. */
export const STEP_SHIFT: i32 = 6;
/** Elements added in float32 before the sum moves to float64: short chains keep the rounding small. */
export const BLOCK: i32 = 256;
/** Bytes of a tile row, 16 × 8. */
export const TILE_ROW: usize = 128;
export const TILE_BYTES: usize = 2048;

/** The float32 lanes 0 and 1 as float64. */
function low(four: v128): v128 {
  return f64x2.promote_low_f32x4(four);
}

/** The float32 lanes 2 and 3 as float64. */
function high(four: v128): v128 {
  return f64x2.promote_low_f32x4(v128.shuffle<u64>(four, four, 1, 1));
}

/** Adds four float32 sums to four float64 numbers in memory. */
function addPromoted(target: usize, four: v128): void {
  v128.store(target, f64x2.add(v128.load(target), low(four)));
  v128.store(target, f64x2.add(v128.load(target, 16), high(four)), 16);
}

/** Writes four float32 sums as float64 numbers. */
function storePromoted(target: usize, four: v128): void {
  v128.store(target, low(four));
  v128.store(target, high(four), 16);
}

/** Writes zeros without a call into the engine's memory.fill, which costs more than it writes here. */
function clear(target: usize, bytes: usize): void {
  const zero = f64x2.splat(0);
  for (const end = target + bytes; target != end; target += 64) {
    v128.store(target, zero);
    v128.store(target, zero, 16);
    v128.store(target, zero, 32);
    v128.store(target, zero, 48);
  }
}

export { addPromoted, clear, high, low, storePromoted };
