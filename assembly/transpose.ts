/** Four rows of four float32 numbers become four rows of the target, whose rows are `targetBytes` apart. */
export function transpose(source: usize, rowBytes: usize, target: usize, targetBytes: usize): void {
  const r0 = v128.load(source);
  const r1 = v128.load(source + rowBytes);
  const r2 = v128.load(source + 2 * rowBytes);
  const r3 = v128.load(source + 3 * rowBytes);
  const left01 = v128.shuffle<f32>(r0, r1, 0, 4, 1, 5);
  const left23 = v128.shuffle<f32>(r2, r3, 0, 4, 1, 5);
  const right01 = v128.shuffle<f32>(r0, r1, 2, 6, 3, 7);
  const right23 = v128.shuffle<f32>(r2, r3, 2, 6, 3, 7);
  v128.store(target, v128.shuffle<f64>(left01, left23, 0, 2));
  v128.store(target + targetBytes, v128.shuffle<f64>(left01, left23, 1, 3));
  v128.store(target + 2 * targetBytes, v128.shuffle<f64>(right01, right23, 0, 2));
  v128.store(target + 3 * targetBytes, v128.shuffle<f64>(right01, right23, 1, 3));
}
