/**
 * Rows in 12 bits beside the rows themselves, and what bounds the error of an estimated trace.
 *
 * For one input's factor let n be its norm, e the error of what is compared in its place as far as it enters once, ρ
 * as far as it enters squared (projection.ts), m = n + e and γ = CHAIN. For products P = a · a' and Q = b · b':
 *
 *   |P − P̂| ≤ e_i m_j + m_i e_j + γ n_i n_j + ρ_i ρ_j
 *   |P Q − P̂ Q̂| ≤ |P| |Q − Q̂| + |P − P̂| |Q̂| ≤ E_i M_j + M_i E_j + (2γ + γ²) M_i M_j + R_i R_j,
 *   M = m_a m_b,  E = (1 + γ) n_a e_b + e_a m_b,  R = ρ_a m_b.
 *
 * For a plain row M = m, E = e. Summed over the terms, by Cauchy and Schwarz, M, E and R become their Euclidean norms:
 * three numbers an input bound the error of all its pairs, and the kernels need not keep account.
 */
import { LANES, panelBytes, TILE_BYTES } from '../kernel/kernel.js';
import { CHAIN, quantizedBytes } from '../kernel/screen.js';
import { pairCost, type Term } from '../plan.js';
import type { Work } from '../work.js';
import { activityAddress, panelCount, valueAddress } from './operand.js';
import { type Projections, project } from './projection.js';
import type { Shape, Variant } from './rows.js';

/** Multiply-adds of a term below which 12 bits save nothing. */
const SHORT = 96;
/** Squared, what M has at least: then the rounding of exact terms in float64 stays below E_i M_j too. */
const LEAST_SQUARE = 1e-6;
const ROUNDING = 1e-11;
/** Norms below it cannot overflow float32, alone or multiplied. */
const LARGEST = 1e15;
/** What quantize adds to a norm for products that underflow, times √length. */
const UNDERFLOW = 1e-20;
/** Panels between two looks at the clock. */
const STRETCH = 32;

/** Whether a term is compared in 12 bits first. Terms with several positions have no kernel for it. */
export function isScreened(term: Term, outputs: number): boolean {
  return term.positions === 1 && pairCost(term, outputs) >= SHORT;
}

/** Elements of the panels of each term that is screened: activities (0: none) and values of all outputs. */
function lengths({ terms, outputs }: Shape, projections: Projections) {
  return terms.map((term, i) =>
    isScreened(term, outputs)
      ? { activities: projections[i]?.length ?? term.left, values: outputs * term.right }
      : null,
  );
}

/** Two panels of length 0 bound the error: M and E, 0 and R as norms and errors. */
export const ERROR_BYTES = 2 * quantizedBytes(0);

/** Kernel memory of one input. */
export function quantizedInputBytes(shape: Shape, projections: Projections): number {
  const bytes = (length: number) => (length > 0 ? quantizedBytes(length) : 0);
  const panel = lengths(shape, projections).reduce(
    (sum, term) => sum + (term ? bytes(term.activities) + bytes(term.values) : 0),
    ERROR_BYTES,
  );
  return panel / LANES;
}

/** The rows with panels in 12 bits beside them, in the arena of the site; without, where norms are out of range. */
export function* quantized(rows: Variant, projections: Projections): Work<Variant> {
  const { terms, outputs, site, size } = rows;
  const { arena } = site;
  const panels = panelCount(size);
  const sizes = lengths(rows, projections);
  const reserve = (length = 0) => (length > 0 ? arena.allocate(panels * quantizedBytes(length)) : 0);
  const activities = sizes.map((term) => reserve(term?.activities));
  const values = sizes.map((term) => reserve(term?.values));
  const errors = arena.allocate(panels * ERROR_BYTES);
  const longest = Math.max(0, ...projections.map((projection) => projection?.length ?? 0));
  const mark = arena.mark();
  const scratch = arena.allocate(panelBytes(longest) + 2 * TILE_BYTES);
  for (let panel = 0; panel < panels; panel++) {
    const total = arena.doubles(errors + panel * ERROR_BYTES, 4 * LANES).fill(0);
    for (const [i, size] of sizes.entries()) {
      if (!size) continue;
      const right = values[i] + panel * quantizedBytes(size.values);
      site.kernel.quantize(valueAddress(rows, i, panel), size.values, right);
      const ofValues = factor(rows, right);
      if (size.activities === 0) {
        addSquares(total, ofValues);
        continue;
      }
      const left = activities[i] + panel * quantizedBytes(size.activities);
      const from = activityAddress(rows, i, panel);
      const projection = projections[i];
      if (!projection) {
        site.kernel.quantize(from, size.activities, left);
        addSquares(total, ofValues, factor(rows, left));
        continue;
      }
      const { left: length } = terms[i];
      const few = scratch + 2 * TILE_BYTES;
      project(site, projection, from, length, few, scratch);
      site.kernel.quantize(few, size.activities, left);
      const whole = squaredNorms(rows, from, length, scratch);
      const kept = squaredNorms(rows, few, size.activities, scratch);
      addSquares(total, ofValues, projectedFactor(factor(rows, left), whole, kept, length, projection.tau));
    }
    for (let lane = 0; lane < LANES; lane++) {
      const norm = Math.sqrt(total[lane] + LEAST_SQUARE * outputs);
      if (!(norm < LARGEST)) return rows;
      total[lane] = norm;
      // addBounds takes γ M_i M_j into account once, this twice more.
      total[LANES + lane] = Math.sqrt(total[LANES + lane]) + CHAIN * norm + ROUNDING * Math.sqrt(outputs);
      total[3 * LANES + lane] = Math.sqrt(total[3 * LANES + lane]);
    }
    if (panel % STRETCH === STRETCH - 1) yield panel / panels;
  }
  arena.release(mark);
  const known = sizes.map((term) => term ?? { activities: 0, values: 0 });
  return { ...rows, quantized: { lengths: known, activities, values, errors } };
}

/** n, e and ρ of one factor of 16 inputs. */
interface Factor {
  readonly norm: Float64Array;
  readonly error: Float64Array;
  readonly rest: Float64Array;
}

/** As a quantised panel tells it. */
function factor({ site }: Variant, panel: number): Factor {
  const head = site.arena.doubles(panel, 2 * LANES);
  return { norm: head.subarray(0, LANES), error: head.subarray(LANES), rest: ZEROS };
}

const ZEROS = new Float64Array(LANES);

function squaredNorms({ site }: Variant, panel: number, length: number, scratch: number): Float64Array {
  const squares = site.arena.doubles(scratch, LANES).fill(0);
  site.kernel.laneDots(panel, panel, length, scratch);
  return squares.slice();
}

/** Of a factor of some length in place of which its projection is compared: both as squared norms. */
function projectedFactor(
  few: Factor,
  whole: Float64Array,
  kept: Float64Array,
  length: number,
  tau: number,
): Factor {
  const norm = whole.map((square) => Math.sqrt(square) + UNDERFLOW * Math.sqrt(length));
  return {
    norm: norm.map((own, lane) => Math.max(own, few.norm[lane])),
    error: few.error.map((error, lane) => error + 2 * tau * norm[lane]),
    rest: norm.map((own, lane) => Math.sqrt(Math.max(0, own ** 2 - kept[lane] + 4 * tau * own ** 2))),
  };
}

/** Adds M², E² and R² of 16 inputs in one term. NaN where out of range. */
function addSquares(total: Float64Array, values: Factor, activities?: Factor): void {
  for (let lane = 0; lane < LANES; lane++) {
    const [norm, error] = [values.norm[lane], values.error[lane]];
    const otherNorm = activities ? activities.norm[lane] : 1;
    const otherError = activities ? activities.error[lane] : 0;
    const rest = activities ? activities.rest[lane] : 0;
    const most = norm + error;
    const whole = (otherNorm + otherError) * most;
    const gap = (1 + CHAIN) * otherNorm * error + otherError * most;
    const fits = most < LARGEST && otherNorm + otherError < LARGEST;
    total[lane] += fits ? whole ** 2 : NaN;
    total[LANES + lane] += gap ** 2;
    total[3 * LANES + lane] += (rest * most) ** 2;
  }
}
