/**
 * How far k^C of rounded rows is from that of the rows themselves. With whitened rows Ĝ, ‖Ĝ‖² = rank of K(x,x), and
 * δ(x) = ‖Ĝ(x) − Ĝ'(x)‖, by Cauchy and Schwarz
 *
 *     |k^C(x,y) − k^C'(x,y)| = |⟨Ĝ(x) − Ĝ'(x), Ĝ(y)⟩ + ⟨Ĝ'(x), Ĝ(y) − Ĝ'(y)⟩| / d ≤ (δ(x) + δ(y)) / √d,
 *     δ² = rank + rank' − 2 Tr(K(x,x)^-½ G(x)ᵀ G'(x) K'(x,x)^-½).
 *
 * That holds for every pair. What usually happens is much less, and is measured on a sample.
 */
import { LANES } from '../kernel/kernel.js';
import { stream, uniform } from '../random.js';
import { part, type Work } from '../work.js';
import { panelCount, panelLanes } from './operand.js';
import type { RowSource } from './source.js';
import { Tiles } from './tiles.js';
import type { SelfKernels } from './whitening.js';

/** Inputs whose pairs are compared: as many as may always be in memory at once. */
const SAMPLE = 256;
const KEY = stream(0, 0x726f756e);

export interface SampledError {
  readonly pairs: number;
  readonly rootMeanSquare: number;
  readonly largest: number;
}

/** Compares all pairs of up to 256 inputs, drawn at random from a larger set; the same ones for the same size. */
export function* sampledError(exact: RowSource, rounded: RowSource): Work<SampledError> {
  const chosen = sample(exact.size);
  const wanted = yield* part(similarities(exact, chosen), 0, 0.5);
  const found = yield* part(similarities(rounded, chosen), 0.5, 0.5);
  const pairs = (chosen.length * (chosen.length - 1)) / 2;
  let squares = 0;
  let largest = 0;
  for (let i = 0; i < chosen.length; i++) {
    for (let j = 0; j < i; j++) {
      const error = Math.abs(found[i * chosen.length + j] - wanted[i * chosen.length + j]);
      squares += error ** 2;
      largest = Math.max(largest, error);
    }
  }
  return { pairs, rootMeanSquare: pairs > 0 ? Math.sqrt(squares / pairs) : 0, largest };
}

/** One input out of each of as many equal parts of the set. */
function sample(size: number): Int32Array {
  if (size <= SAMPLE) return Int32Array.from({ length: size }, (_, input) => input);
  return Int32Array.from({ length: SAMPLE }, (_, i) => Math.floor(((i + uniform(KEY, i)) * size) / SAMPLE));
}

/** k^C of some inputs with each other; entries (i, j) with j ≤ i count. */
function* similarities(source: RowSource, chosen: Int32Array): Work<Float64Array> {
  const { site, outputs } = source;
  const width = chosen.length;
  const result = new Float64Array(width * width);
  source.prepare('white');
  const mark = site.arena.mark();
  try {
    const rows = yield* source.few('white', chosen);
    const tiles = Tiles.of(rows, rows);
    for (let row = 0; row < panelCount(width); row++) {
      for (let column = 0; column <= row; column++) {
        tiles.trace(row, column);
        const tile = site.arena.doubles(tiles.tile, LANES * LANES);
        for (let i = 0; i < panelLanes(width, row); i++) {
          for (let j = 0; j < panelLanes(width, column); j++) {
            const place = (row * LANES + i) * width + column * LANES + j;
            result[place] = tile[i * LANES + j] / outputs;
          }
        }
      }
      yield (row + 1) / panelCount(width);
    }
  } finally {
    site.arena.release(mark);
  }
  return result;
}

/**
 * What no pair of the set exceeds, at most 2.
 * @param between G(x)ᵀ G'(x), n × d × d
 */
export function errorBound(
  exact: SelfKernels,
  rounded: SelfKernels,
  between: Float64Array,
  d: number,
): number {
  let [first, second] = [0, 0];
  for (let input = 0; input < exact.rank.length; input++) {
    const range = [input * d * d, (input + 1) * d * d] as const;
    const kept = productTrace(
      exact.inverseRoots.subarray(...range),
      between.subarray(...range),
      rounded.inverseRoots.subarray(...range),
      d,
    );
    const squared = exact.rank[input] + rounded.rank[input] - 2 * kept;
    const distance = Math.sqrt(Math.max(0, squared));
    if (distance > first) [first, second] = [distance, first];
    else if (distance > second) second = distance;
  }
  return Math.min(2, (first + second) / Math.sqrt(d));
}

/** Tr A B C of d × d matrices, C symmetric. */
function productTrace(a: Float64Array, b: Float64Array, c: Float64Array, d: number): number {
  let trace = 0;
  for (let i = 0; i < d; i++) {
    for (let j = 0; j < d; j++) {
      let sum = 0;
      for (let v = 0; v < d; v++) sum += a[i * d + v] * b[v * d + j];
      trace += sum * c[i * d + j];
    }
  }
  return trace;
}
