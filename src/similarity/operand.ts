/**
 * Where a set of gradient rows lies in kernel memory, in plain numbers, so that it can be told to a worker.
 *
 * Term by term, 16 inputs to a panel: activities [position][left][16] and, for each output c, backpropagated values
 * [c][position][right][16]; a materialised term has values only.
 */
import { LANES, panelBytes } from '../kernel/kernel.js';
import { type Layout, pairCost, type Term } from '../plan.js';

export interface Operand {
  readonly terms: readonly Term[];
  /** The number d of functions compared. */
  readonly outputs: number;
  /** Inputs in the set. */
  readonly size: number;
  /** Address of the activities of each term, 0 where it has none. */
  readonly activities: readonly number[];
  /** Address of the values of each term. */
  readonly values: readonly number[];
  /** The same panels in 12 bits, where they are compared so first. */
  readonly quantized?: Quantized;
}

/** Panels of operand rows for screening. */
export interface Quantized {
  /** Elements of the panels of each term: activities, or what stands for them; values of all outputs. */
  readonly lengths: readonly { readonly activities: number; readonly values: number }[];
  /** Addresses of the activities of each term, 0 where it has none. */
  readonly activities: readonly number[];
  /** Addresses of the values of each term, 0 where it is always taken exactly. */
  readonly values: readonly number[];
  /** Address of what bounds the error over all terms, see quantized.ts. */
  readonly errors: number;
}

/** Bytes of one panel of a term's activities. */
export function leftBytes(term: Layout): number {
  return panelBytes(term.positions * term.left);
}

/** Bytes of one panel of a term's values, all outputs. */
export function rightBytes(term: Layout, outputs: number): number {
  return panelBytes(outputs * term.positions * term.right);
}

export function panelCount(size: number): number {
  return Math.ceil(size / LANES);
}

/** The number of inputs of a panel: 16, fewer in the last. */
export function panelLanes(size: number, panel: number): number {
  return Math.min(LANES, size - panel * LANES);
}

export function activityAddress({ activities, terms }: Operand, i: number, panel: number): number {
  return activities[i] + panel * leftBytes(terms[i]);
}

export function valueAddress(operand: Operand, i: number, panel: number, output = 0): number {
  const term = operand.terms[i];
  const slice = panelBytes(term.positions * term.right);
  return operand.values[i] + panel * rightBytes(term, operand.outputs) + output * slice;
}

/** Multiply-adds of one pair of inputs, trace over the outputs. */
export function pairCosts({ terms, outputs }: Pick<Operand, 'terms' | 'outputs'>): number {
  return terms.reduce((sum, term) => sum + pairCost(term, outputs), 0);
}

/** Only the numbers, for a worker. */
export function plain({ terms, outputs, size, activities, values, quantized }: Operand): Operand {
  return { terms, outputs, size, activities, values, ...(quantized && { quantized }) };
}
