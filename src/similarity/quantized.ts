/**
 * Rows in 12 bits beside the rows themselves, and what bounds the error of an estimated trace.
 *
 * For a factored term K = P Q, P = a · a' and Q = b · b', with norms n, errors e and m = n + e of one input's factors
 * as quantize leaves them, and γ = CHAIN:
 *
 *   |P Q − P̂ Q̂| ≤ |P| |Q − Q̂| + |P − P̂| |Q̂| ≤ E_i M_j + M_i E_j + (2γ + γ²) M_i M_j,
 *   M = m_a m_b,  E = (1 + γ) n_a e_b + e_a m_b;
 *
 * for a plain row M = m, E = e. Summed over the terms, by Cauchy and Schwarz, M and E become their Euclidean norms:
 * two numbers an input bound the error of all its pairs, and the kernels need not keep account.
 */
import { LANES } from '../kernel/kernel.js';
import { CHAIN, quantizedBytes } from '../kernel/screen.js';
import { pairCost, type Term } from '../plan.js';
import type { Work } from '../work.js';
import { activityAddress, panelCount, valueAddress } from './operand.js';
import type { Shape, Variant } from './rows.js';

/** Multiply-adds of a term below which 12 bits save nothing. */
const SHORT = 96;
/** Squared, what M has at least: then the rounding of exact terms in float64 stays below E_i M_j too. */
const LEAST_SQUARE = 1e-6;
const ROUNDING = 1e-11;
/** Norms below it cannot overflow float32, alone or multiplied. */
const LARGEST = 1e15;
/** Panels between two looks at the clock. */
const STRETCH = 32;

/** Whether a term is compared in 12 bits first. Terms with several positions have no kernel for it. */
export function isScreened(term: Term, outputs: number): boolean {
  return term.positions === 1 && pairCost(term, outputs) >= SHORT;
}

function lengths(term: Term, outputs: number): { activities: number; values: number } {
  return { activities: quantizedBytes(term.left), values: quantizedBytes(outputs * term.right) };
}

/** Kernel memory of one input. */
export function quantizedInputBytes({ terms, outputs }: Shape): number {
  const panel = terms
    .filter((term) => isScreened(term, outputs))
    .map((term) => lengths(term, outputs))
    .reduce((sum, { activities, values }) => sum + activities + values, quantizedBytes(0));
  return panel / LANES;
}

/** The rows with panels in 12 bits beside them, in the arena of the site; without, where norms are out of range. */
export function* quantized(rows: Variant): Work<Variant> {
  const { terms, outputs, site, size } = rows;
  const { kernel, arena } = site;
  const panels = panelCount(size);
  const reserve = (i: number, bytes: number) =>
    isScreened(terms[i], outputs) ? arena.allocate(panels * bytes) : 0;
  const activities = terms.map((term, i) =>
    term.left > 0 ? reserve(i, lengths(term, outputs).activities) : 0,
  );
  const values = terms.map((term, i) => reserve(i, lengths(term, outputs).values));
  const errors = arena.allocate(panels * quantizedBytes(0));
  for (let panel = 0; panel < panels; panel++) {
    const total = arena.doubles(errors + panel * quantizedBytes(0), 2 * LANES).fill(0);
    for (const [i, term] of terms.entries()) {
      if (values[i] === 0) continue;
      const bytes = lengths(term, outputs);
      const right = values[i] + panel * bytes.values;
      kernel.quantize(valueAddress(rows, i, panel), outputs * term.right, right);
      if (term.left > 0) {
        const left = activities[i] + panel * bytes.activities;
        kernel.quantize(activityAddress(rows, i, panel), term.left, left);
        addSquares(total, arena.doubles(right, 2 * LANES), arena.doubles(left, 2 * LANES));
      } else addSquares(total, arena.doubles(right, 2 * LANES));
    }
    for (let lane = 0; lane < LANES; lane++) {
      const norm = Math.sqrt(total[lane] + LEAST_SQUARE * outputs);
      if (!(norm < LARGEST)) return rows;
      total[lane] = norm;
      // addBounds takes γ M_i M_j into account once, this twice more.
      total[LANES + lane] = Math.sqrt(total[LANES + lane]) + CHAIN * norm + ROUNDING * Math.sqrt(outputs);
    }
    if (panel % STRETCH === STRETCH - 1) yield panel / panels;
  }
  return { ...rows, quantized: { activities, values, errors } };
}

/** Adds M² and E² of 16 inputs in one term; heads: norms and errors, float64 [16] each. NaN where out of range. */
function addSquares(total: Float64Array, right: Float64Array, left?: Float64Array): void {
  for (let lane = 0; lane < LANES; lane++) {
    const [norm, error] = [right[lane], right[LANES + lane]];
    const [otherNorm, otherError] = left ? [left[lane], left[LANES + lane]] : [1, 0];
    const most = norm + error;
    const whole = (otherNorm + otherError) * most;
    const gap = (1 + CHAIN) * otherNorm * error + otherError * most;
    const fits = most < LARGEST && otherNorm + otherError < LARGEST;
    total[lane] += fits ? whole ** 2 : NaN;
    total[LANES + lane] += gap ** 2;
  }
}
