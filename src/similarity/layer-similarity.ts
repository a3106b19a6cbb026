/**
 * k^C seen through one layer alone: with K_l(x,x') = G_l(x)^T G_l(x') over the parameters of layer l,
 *     k_l(x,x') = Tr(K_l(x,x)^-½ K_l(x,x') K_l(x',x')^-½) / d,
 * pseudo-inverses where K_l(x,x) is singular. All in float64 from the float32 factors.
 */
import type { Work } from '../work.js';
import { gathered, type Variant } from './rows.js';
import { decompose, selfBlocks } from './whitening.js';

/** K_l(x,x)^-½ of one input, d × d, by layer. */
export type LayerRoots = ReadonlyMap<string, Float64Array>;

/**
 * @param rows one input, as captured
 * @param input its number, for a refusal
 */
export function* layerRoots(rows: Variant, input: number): Work<LayerRoots> {
  const found = new Map<string, Float64Array>();
  for (const { layer } of rows.terms) {
    if (!found.has(layer)) found.set(layer, yield* roots(only(rows, layer), [input]));
  }
  return found;
}

/**
 * One number for each input of `right`, by layer.
 * @param left one input, as captured; the caller releases what this takes
 * @param own of the same input
 * @param numbers of the inputs of `right`, for a refusal
 */
export function* layerSimilarities(
  left: Variant,
  own: LayerRoots,
  right: Variant,
  numbers: readonly number[],
): Work<Map<string, Float64Array>> {
  const found = new Map<string, Float64Array>();
  // The same input in every lane.
  const repeated = gathered(left, new Int32Array(right.size).fill(left.first));
  for (const [layer, root] of own) {
    found.set(layer, yield* similarities(only(repeated, layer), root, only(right, layer), numbers));
  }
  return found;
}

/** The terms of one layer. */
function only(rows: Variant, layer: string): Variant {
  const own = (_: unknown, i: number) => rows.terms[i].layer === layer;
  return {
    ...rows,
    terms: rows.terms.filter(own),
    activities: rows.activities.filter(own),
    values: rows.values.filter(own),
  };
}

function* roots(rows: Variant, numbers: readonly number[]): Work<Float64Array> {
  return (yield* decompose(yield* selfBlocks(rows, rows, numbers), rows.outputs)).inverseRoots;
}

function* similarities(
  left: Variant,
  own: Float64Array,
  right: Variant,
  numbers: readonly number[],
): Work<Float64Array> {
  const { outputs: d } = left;
  const between = yield* selfBlocks(left, right, numbers);
  const others = yield* roots(right, numbers);
  return Float64Array.from({ length: right.size }, (_, input) => {
    const from = input * d * d;
    let trace = 0;
    for (let c = 0; c < d; c++) {
      for (let e = 0; e < d; e++) {
        for (let f = 0; f < d; f++)
          trace += own[c * d + e] * between[from + e * d + f] * others[from + f * d + c];
      }
    }
    return Math.min(1, Math.max(-1, trace / d));
  });
}
