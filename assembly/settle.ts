/** Values that leave a block: all finite, none beyond ±most. Nearly always nothing has to be done. */

/** Returns the place r · stride + c of the first value that is not finite, or -1; cuts off what lies beyond ±most. */
export function settle(values: usize, rows: i32, columns: i32, stride: i32, most: f32): i32 {
  const largest = min(most, f32.MAX_VALUE);
  const limit = f32x4.splat(largest);
  for (let r = 0; r < rows; r++) {
    const row = values + ((<usize>r * <usize>stride) << 2);
    let c = 0;
    while (c < columns) {
      while (
        c + 4 <= columns &&
        i32x4.all_true(f32x4.le(f32x4.abs(v128.load(row + ((<usize>c) << 2))), limit))
      )
        c += 4;
      for (const end = min(c + 4, columns); c < end; c++) {
        const at = row + ((<usize>c) << 2);
        const value = load<f32>(at);
        if (!(abs(value) <= f32.MAX_VALUE)) return r * stride + c;
        if (abs(value) > largest) store<f32>(at, copysign(largest, value));
      }
    }
  }
  return -1;
}
