/**
 * Panels: packing rows into them and mixing the outputs of one input.
 *
 *   pack:      panel_{k, lane} = row_lane[k], zero for missing rows
 *   mixLanes:  target_{c, k, lane} = Σ_c' W_{c c', lane} source_{c', k, lane}   (whitening, normalisation)
 */
import { high, LANES, low, STEP_SHIFT } from './layout';
import { transpose } from './transpose';

/** Bytes of a step. */
const STEP: usize = 1 << STEP_SHIFT;

export function pack(source: usize, rows: i32, length: i32, stride: i32, panel: usize): void {
  const rowBytes = (<usize>stride) << 2;
  const full = rows & ~3;
  const even = length & ~3;
  for (let k = 0; k < even; k += 4) {
    const step = panel + ((<usize>k) << STEP_SHIFT);
    for (let lane = 0; lane < full; lane += 4) {
      transpose(
        source + <usize>lane * rowBytes + ((<usize>k) << 2),
        rowBytes,
        step + ((<usize>lane) << 2),
        STEP,
      );
    }
  }
  for (let lane = 0; lane < LANES; lane++) {
    const row = source + <usize>lane * rowBytes;
    for (let k = lane < full ? even : 0; k < length; k++) {
      const value: f32 = lane < rows ? load<f32>(row + ((<usize>k) << 2)) : 0;
      store<f32>(panel + ((<usize>k) << STEP_SHIFT) + ((<usize>lane) << 2), value);
    }
  }
}

export function mixLanes(source: usize, target: usize, outputs: i32, length: i32, weights: usize): void {
  const plane = (<usize>length) << STEP_SHIFT;
  for (let c = 0; c < outputs; c++) {
    for (let at: usize = 0; at < plane; at += 16) {
      // Sixteen bytes hold four lanes, whose weights are two float64 pairs.
      const lanes = (at & 63) << 1;
      let sumLow = f64x2.splat(0);
      let sumHigh = f64x2.splat(0);
      let weight = weights + ((<usize>c * <usize>outputs) << 7) + lanes;
      let from = source + at;
      for (let other = 0; other < outputs; other++) {
        const four = v128.load(from);
        sumLow = f64x2.add(sumLow, f64x2.mul(v128.load(weight), low(four)));
        sumHigh = f64x2.add(sumHigh, f64x2.mul(v128.load(weight, 16), high(four)));
        weight += 128;
        from += plane;
      }
      v128.store(
        target + <usize>c * plane + at,
        v128.shuffle<f64>(f32x4.demote_f64x2_zero(sumLow), f32x4.demote_f64x2_zero(sumHigh), 0, 2),
      );
    }
  }
}
