/**
 * What each incoming activity adds to k^C (method, section 2). Row i of a kernel takes part in the gradient of output c
 * as G_i,c = sum_t a_i,t b_t,c over its positions t, b being whitened, so that
 *     k^C(x,x') = sum over rows i of (1/d) sum_c G_i,c(x) · G_i,c(x'),
 * which at one position is λ a_i(x) a_i(x') with λ = (1/d) sum_c b_c(x) · b_c(x'). A bias is a row of its own, with the
 * activity 1; scales and slopes are taken whole.
 */
import { LANES } from '../kernel/kernel.js';
import type { Term } from '../plan.js';
import type { Work } from '../work.js';
import type { ActivityShare } from './explanation.js';
import { activityAddress, leftBytes, rightBytes, valueAddress } from './operand.js';
import type { Variant } from './rows.js';

/** The shape of a parameter by its name. */
export type ParameterShapes = ReadonlyMap<string, readonly number[]>;

/** The rows with the largest |share|, by layer; null where a layer is sketched. */
export type LayerActivities = ReadonlyMap<string, ActivityShare[] | null>;

/**
 * At most `most` rows of each layer, for each input of `right`.
 * @param left whitened rows of one input
 * @param right whitened rows of one panel
 */
export function* activityShares(
  left: Variant,
  right: Variant,
  most: number,
  shapes: ParameterShapes,
): Work<LayerActivities[]> {
  const found = Array.from({ length: right.size }, () => new Map<string, ActivityShare[] | null>());
  for (const [i, term] of left.terms.entries()) {
    if (term.kind === 'sketched' || found[0].get(term.layer) === null) {
      for (const layers of found) layers.set(term.layer, null);
      continue;
    }
    const own = factorsOf(left, i, 0);
    for (const [lane, layers] of found.entries()) {
      const rows = rowsOf(term, own, factorsOf(right, i, lane), left.outputs);
      const order = [...rows.shares.keys()].sort(
        (a, b) => Math.abs(rows.shares[b]) - Math.abs(rows.shares[a]) || a - b,
      );
      const entries = order.slice(0, most).map((row) => entry(term, row, rows, shapes));
      const both = [...(layers.get(term.layer) ?? []), ...entries].sort(
        (a, b) => Math.abs(b.share) - Math.abs(a.share),
      );
      layers.set(term.layer, both.slice(0, most));
      yield (i + (lane + 1) / right.size) / left.terms.length;
    }
  }
  return found;
}

/** The numbers of one input in one term. */
interface Factors {
  /** positions × left; empty in a materialised term. */
  readonly activities: Float64Array;
  /** outputs × positions × right. */
  readonly values: Float64Array;
}

interface Rows {
  readonly shares: Float64Array;
  /** λ and the activities of both inputs, where share = λ a a'. */
  readonly product: {
    readonly weight: number;
    readonly left: Float64Array;
    readonly right: Float64Array;
  } | null;
}

function factorsOf(rows: Variant, i: number, lane: number): Factors {
  const { arena } = rows.site;
  const term = rows.terms[i];
  const one = (address: number, bytes: number) => {
    const panel = arena.floats(address, bytes / 4);
    return Float64Array.from({ length: panel.length / LANES }, (_, k) => panel[k * LANES + lane]);
  };
  const activities = term.left > 0 ? one(activityAddress(rows, i, 0), leftBytes(term)) : new Float64Array(0);
  return { activities, values: one(valueAddress(rows, i, 0), rightBytes(term, rows.outputs)) };
}

function rowsOf(term: Term, one: Factors, other: Factors, d: number): Rows {
  if (term.left === 0) {
    const width = term.factors?.right ?? term.right;
    return { shares: materialised(one.values, other.values, term.right, width, d), product: null };
  }
  if (term.positions > 1) return { shares: shared(term, one, other, d), product: null };
  let weight = 0;
  for (let m = 0; m < one.values.length; m++) weight += one.values[m] * other.values[m];
  const [a, b] = [one, other].map(({ activities }) => activities);
  // What was moved from a to b to keep float32 in range shows in the constant 1 of a bias.
  const [own, others] = hasBias(term) ? [a[a.length - 1], b[b.length - 1]] : [1, 1];
  weight *= (own * others) / d;
  const [left, right] = [a.map((value) => value / own), b.map((value) => value / others)];
  return { shares: left.map((value, k) => weight * value * right[k]), product: { weight, left, right } };
}

/** Whether the last of the activities is the constant 1 of a bias. */
function hasBias({ left, parameters }: Term): boolean {
  return left > 0 && parameters.length > 1;
}

/** Runs of `width` numbers, one a row, in each of d gradients of `length` numbers. */
function materialised(
  one: Float64Array,
  other: Float64Array,
  length: number,
  width: number,
  d: number,
): Float64Array {
  const shares = new Float64Array(length / width);
  for (let c = 0; c < d; c++) {
    for (let k = 0; k < length; k++)
      shares[Math.floor(k / width)] += one[c * length + k] * other[c * length + k];
  }
  return shares.map((sum) => sum / d);
}

/** A weight with several positions: their products are summed before two inputs are compared. */
function shared({ positions, left, right }: Term, one: Factors, other: Factors, d: number): Float64Array {
  const row = ({ activities, values }: Factors, k: number, c: number, m: number) => {
    let sum = 0;
    for (let t = 0; t < positions; t++)
      sum += activities[t * left + k] * values[(c * positions + t) * right + m];
    return sum;
  };
  return Float64Array.from({ length: left }, (_, k) => {
    let sum = 0;
    for (let c = 0; c < d; c++)
      for (let m = 0; m < right; m++) sum += row(one, k, c, m) * row(other, k, c, m);
    return sum / d;
  });
}

function entry(term: Term, row: number, { shares, product }: Rows, shapes: ParameterShapes): ActivityShare {
  const bias = hasBias(term) && row === shares.length - 1;
  const whole = bias || !term.factors;
  const parameter = term.parameters[bias ? 1 : 0];
  return {
    parameter,
    index: whole ? null : row,
    tap: whole || term.rule !== 'convolution' ? null : tapOf(row, shapes.get(parameter) ?? []),
    share: shares[row],
    values: product && [product.left[row], product.right[row]],
    weight: product?.weight ?? null,
  };
}

/** A row of a kernel of shape [(height,) width, channels, filters]. */
function tapOf(row: number, shape: readonly number[]): ActivityShare['tap'] {
  const [channels, width] = [shape.at(-2) ?? 1, shape.at(-3) ?? 1];
  const place = Math.floor(row / channels);
  return { row: Math.floor(place / width), column: place % width, channel: row % channels };
}
