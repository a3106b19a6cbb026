/**
 * Panels rounded to int8: element k of an input is q · s with q in −127 … 127 and a scale s for every run of
 * {@link ROUNDED_RUN} elements. A panel is float32 [length][16], its scales are float32 [runs][16].
 *
 * s = largest / 127.5, so that the largest element, which q = 127 stands for, is off by half a step like any other, and
 * nothing rounded leaves float32.
 */
import { LANES } from '../kernel/kernel.js';
import { ROUNDED_RUN } from '../precision.js';

/** Steps from 0 to the largest element. */
const STEPS = 127.5;

export function roundPanel(panel: Float32Array, rounded: Int8Array, scales: Float32Array): void {
  const length = panel.length / LANES;
  const largest = new Float32Array(LANES);
  for (let first = 0, run = 0; first < length; first += ROUNDED_RUN, run += LANES) {
    const last = Math.min(first + ROUNDED_RUN, length) * LANES;
    largest.fill(0);
    for (let at = first * LANES; at < last; at++) {
      const size = Math.abs(panel[at]);
      if (size > largest[at % LANES]) largest[at % LANES] = size;
    }
    for (let lane = 0; lane < LANES; lane++) scales[run + lane] = largest[lane] / STEPS;
    for (let at = first * LANES; at < last; at++) {
      const scale = scales[run + (at % LANES)];
      // Where the scale underflows, so does what it stands for.
      rounded[at] = scale > 0 ? Math.max(-127, Math.min(127, Math.round(panel[at] / scale))) : 0;
    }
  }
}

/** The panel that a rounded one stands for. */
export function restorePanel(rounded: Int8Array, scales: Float32Array, panel: Float32Array): void {
  const length = panel.length / LANES;
  for (let first = 0, run = 0; first < length; first += ROUNDED_RUN, run += LANES) {
    const last = Math.min(first + ROUNDED_RUN, length) * LANES;
    for (let at = first * LANES; at < last; at++) panel[at] = rounded[at] * scales[run + (at % LANES)];
  }
}
