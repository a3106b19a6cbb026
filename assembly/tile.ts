/**
 * Leaving a tile: target_ij = float32(scale · K_ij) for the rows and columns that exist,
 * and its transpose for the other half of a symmetric matrix.
 */
import { LANES, TILE_ROW } from './layout';
import { transpose } from './transpose';

export function storeTile(
  tile: usize,
  scale: f64,
  target: usize,
  stride: i32,
  rows: i32,
  columns: i32,
  transposed: usize,
  transposedStride: i32,
): void {
  const rowBytes = (<usize>stride) << 2;
  const transposedBytes = (<usize>transposedStride) << 2;
  const factor = f64x2.splat(scale);
  for (let i = 0; i < rows; i++) {
    const from = tile + <usize>i * TILE_ROW;
    const to = target + <usize>i * rowBytes;
    if (columns == LANES) {
      for (let j: usize = 0; j < 16; j += 4) {
        const first = f32x4.demote_f64x2_zero(f64x2.mul(v128.load(from + j * 8), factor));
        const second = f32x4.demote_f64x2_zero(f64x2.mul(v128.load(from + j * 8, 16), factor));
        v128.store(to + j * 4, v128.shuffle<f64>(first, second, 0, 2));
      }
    } else {
      for (let j = 0; j < columns; j++) {
        store<f32>(to + ((<usize>j) << 2), <f32>(load<f64>(from + ((<usize>j) << 3)) * scale));
      }
    }
  }
  if (transposed == 0) return;
  if (rows == LANES && columns == LANES) {
    // From the numbers just written: they are in the first cache, and already float32.
    for (let j: usize = 0; j < 16; j += 4) {
      for (let i: usize = 0; i < 16; i += 4) {
        const from = target + i * rowBytes + j * 4;
        transpose(from, rowBytes, transposed + j * transposedBytes + i * 4, transposedBytes);
      }
    }
    return;
  }
  for (let j = 0; j < columns; j++) {
    const to = transposed + <usize>j * transposedBytes;
    const from = tile + ((<usize>j) << 3);
    for (let i = 0; i < rows; i++) {
      store<f32>(to + ((<usize>i) << 2), <f32>(load<f64>(from + <usize>i * TILE_ROW) * scale));
    }
  }
}
