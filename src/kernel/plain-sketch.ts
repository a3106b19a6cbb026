/** Random projections as plain loops. Formulas stand in sketch.ts. */
import { LANES } from './kernel.js';
import type { SketchKernel } from './sketch.js';
import { Views } from './views.js';

export function plainSketch(memory: WebAssembly.Memory): SketchKernel {
  const views = new Views(memory);

  return {
    transformLanes(panel, length, size, signs) {
      const values = views.floats(panel, size * LANES);
      const signOf = views.floats(signs, length);
      const sums = Float64Array.from(values, (value, at) =>
        at < length * LANES ? value * signOf[Math.floor(at / LANES)]! : 0,
      );
      for (let half = LANES; half < sums.length; half *= 2) {
        for (let at = 0; at < sums.length; at++) {
          if ((at & half) !== 0) continue;
          const [first, second] = [sums[at]!, sums[at + half]!];
          sums[at] = first + second;
          sums[at + half] = first - second;
        }
      }
      values.set(sums);
    },

    addSampledProducts(a, b, places, count, target) {
      const pairs = views.integers(places, 2 * count);
      const sums = views.floats(target, count * LANES);
      for (let r = 0; r < count; r++) {
        const left = views.floats(a + pairs[2 * r]! * LANES * 4, LANES);
        const right = views.floats(b + pairs[2 * r + 1]! * LANES * 4, LANES);
        for (let lane = 0; lane < LANES; lane++) sums[r * LANES + lane]! += left[lane]! * right[lane]!;
      }
    },
  };
}
