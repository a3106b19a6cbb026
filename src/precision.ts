/**
 * `precision: m`: which terms are sketched, what each form of a term costs, and what a sketch says of the truth.
 *
 * A sketched term keeps m numbers for each output, whose inner products estimate those of the gradients without bias
 * (similarity/sketch.ts). A term is sketched where its exact pairs cost more than the sketched ones, d·m multiply-adds:
 * everything cheaper stays exact, and never takes more bytes than a sketch would.
 *
 * The error of k = k^C over the seeds has a standard deviation of at most about √(v / m) (1 − k²), for d well below m:
 *     v = φ(n) / d                                        of a row of length n (a power of two),
 *     v = max(φ(n_A) + 2 / d, (2 + φ(n_B)) / d)           of factors a and b of these lengths,
 * φ(n) = (s / m) (1 − s / n), s = m mod n, being what a permutation that is not complete leaves: 1 − m / n for m < n,
 * 0 where n divides m. The worst case of one output is thus √(3 / m). With d outputs the errors of b are averaged, those
 * of a are not: all outputs share it. A network errs as its worst layer at most, usually by half of that: layers err
 * independently, and those that stay exact do not.
 */
import { refuse } from './errors.js';
import { cheaperKind, inputValues, type Layout, pairCost, type Term } from './plan.js';
import { stream } from './random.js';

/** 'exact', or the m numbers that stand for each output of a layer whose exact gradient costs more. */
export type Precision = 'exact' | number;

/** Below, an error bar of a third says nothing; above, nothing is gained. */
export const SMALLEST_SKETCH = 16;
export const LARGEST_SKETCH = 65536;

/** Elements of an input that share a scale where rows are stored as int8. */
export const ROUNDED_RUN = 64;

export interface Cost {
  /** For one pair of inputs, trace over the outputs. */
  readonly multiplyAdds: number;
  /** Of one input, all outputs; without the whitened copy. */
  readonly bytes: number;
}

/** What a term costs in each form; null where it has no such form. */
export interface Forms {
  readonly factored: Cost | null;
  readonly materialised: Cost;
  readonly sketched: Cost | null;
}

/** The form in which a weight is captured: the cheaper to compare, or, where it will be sketched, to sketch. */
export function capturedKind(
  factors: Layout,
  outputs: number,
  precision: Precision,
): 'factored' | 'materialised' {
  const exact = cheaperKind(factors, outputs);
  const { positions, left, right } = factors;
  const products = left * right;
  if (precision === 'exact') return exact;
  if (Math.min(pairCost(factors, outputs), outputs * products) <= outputs * precision) return exact;
  const separately = positions * (additions(left) + outputs * (additions(right) + precision));
  const multiplied = outputs * ((positions * products) / QUICK + additions(products) + precision);
  return separately <= multiplied ? 'factored' : 'materialised';
}

/** Multiply-adds of our filter gradient that take the time of one step of a sketch. */
const QUICK = 4;

/** The length of the Hadamard transform of a vector: the next power of two. */
export function transformLength(length: number): number {
  return 2 ** (32 - Math.clz32(length - 1));
}

/** Additions of that transform. */
function additions(length: number): number {
  return transformLength(length) * (32 - Math.clz32(length - 1));
}

/** The terms whose rows are kept, from the terms as captured. */
export function plannedTerms(
  terms: readonly Term[],
  outputs: number,
  precision: Precision,
  seed: number,
): Term[] {
  if (precision === 'exact') return [...terms];
  if (precision < outputs) {
    refuse(
      'usage',
      `precision ${precision} is less than the ${outputs} functions compared: their gradients would depend on each other. Give at least ${outputs}, or compare fewer outputs.`,
    );
  }
  return terms.map((term, i) => {
    if (pairCost(term, outputs) <= outputs * precision) return term;
    const { positions, left, right } = term;
    const sketch = { source: { positions, left, right }, key: stream(seed, i) };
    return { ...term, kind: 'sketched', positions: 1, left: 0, right: precision, sketch };
  });
}

/** What a term costs in each form. */
export function formsOf(term: Term, outputs: number, precision: Precision): Forms {
  const row = { positions: 1, left: 0, right: term.size };
  return {
    factored: term.factors ? costOf(term.factors, outputs) : null,
    materialised: costOf(row, outputs),
    sketched: precision === 'exact' ? null : costOf({ ...row, right: precision }, outputs),
  };
}

function costOf(layout: Layout, outputs: number): Cost {
  return { multiplyAdds: pairCost(layout, outputs), bytes: 4 * inputValues(layout, outputs) };
}

/** √(v / m): the most, nearly, that the standard deviation of a k^C can be, over 1 − k²; 0 where all terms are exact. */
export function deviation(terms: readonly Term[], outputs: number): number {
  return Math.max(0, ...terms.map((term) => Math.sqrt(variance(term, outputs))));
}

function variance({ sketch, right: m }: Term, outputs: number): number {
  if (!sketch) return 0;
  const rest = (length: number) => {
    const size = transformLength(length);
    return ((m % size) / m) * (1 - (m % size) / size);
  };
  const { left, right } = sketch.source;
  if (left === 0) return rest(right) / (m * outputs);
  return Math.max(rest(left) + 2 / outputs, (2 + rest(right)) / outputs) / m;
}

/** The precisions to choose from, largest first: powers of two. */
export function precisions(outputs: number): number[] {
  const found: number[] = [];
  for (let m = LARGEST_SKETCH; m >= Math.max(SMALLEST_SKETCH, outputs); m /= 2) found.push(m);
  return found;
}

/** The terms of a network, in any precision, as they would be in another. */
export function termsAt(terms: readonly Term[], outputs: number, precision: number): Term[] {
  const captured = terms.map((term) => capturedTerm(term, outputs, precision));
  return plannedTerms(captured, outputs, precision, 0);
}

/** A term as it would be captured under another precision. */
function capturedTerm(term: Term, outputs: number, precision: Precision): Term {
  const { layer, parameters, rule, size, factors } = term;
  const kind = factors ? capturedKind(factors, outputs, precision) : 'materialised';
  const layout = kind === 'factored' && factors ? factors : { positions: 1, left: 0, right: size };
  return { layer, parameters, rule, kind, size, ...layout, ...(factors && { factors }) };
}
