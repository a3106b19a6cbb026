/**
 * Similarities output by output: of the blocks K(x,x') only the diagonal, each output compared as if it were the only
 * one. K_cc(x,x') / sqrt(K_cc(x,x) K_cc(x',x')) is a cosine of gradients (method, section 1).
 */
import { refuse } from '../errors.js';
import type { Work } from '../work.js';
import { ENTRY, eachPair } from './block-pairs.js';
import type { OutputKernel } from './kernels.js';
import type { RowSource } from './source.js';
import { refuseValue } from './strips.js';

/** All pairs of a set, or of it (rows) and another (columns), into n × m × d values; yields the share done. */
export function* perOutput(
  kernel: OutputKernel,
  source: RowSource,
  other: RowSource | null,
  target: Float32Array,
): Work<void> {
  const { outputs: d } = source;
  const right = other ?? source;
  const norms = normsOf(source, kernel);
  const others = other ? normsOf(other, kernel) : norms;
  const sides = [
    { source, kind: 'raw' },
    { source: right, kind: 'raw' },
  ] as const;
  const pairs = { mirrored: !other, once: !other, diagonal: true };
  yield* eachPair(...sides, pairs, (i, j, values, place) => {
    for (let c = 0; c < d; c++) {
      const [own, its] = [norms[i * d + c], others[j * d + c]];
      let value = values[place + c * ENTRY];
      if (kernel === 'correlation') {
        if (own === 0 || its === 0) value = 0;
        else if (!other && i === j) value = 1;
        else value = Math.max(-1, Math.min(1, value / (own * its)));
      }
      // Rounded to float32 here, so that what it cannot hold is seen.
      const rounded = Math.fround(value);
      if (!Number.isFinite(rounded)) refuseValue(i, j);
      target[(i * right.size + j) * d + c] = rounded;
      if (!other) target[(j * right.size + i) * d + c] = rounded;
    }
  });
}

/** sqrt K_cc(x,x), n × d. */
function normsOf({ outputs: d, self, size }: RowSource, kernel: OutputKernel): Float64Array {
  return Float64Array.from({ length: size * d }, (_, at) => {
    const [input, c] = [Math.floor(at / d), at % d];
    const own = self.blocks[(input * d + c) * d + c];
    if (kernel === 'inner' && own > 0 && !(own > 1e-30 && own < 1e37)) {
      refuse(
        'input',
        `The inner product of input ${input} with itself is ${own.toExponential(1)} in output ${c}, outside what float32 results hold; correlations have no scale.`,
      );
    }
    return Math.sqrt(own);
  });
}
