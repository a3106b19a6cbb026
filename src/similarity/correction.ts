/**
 * Labels corrected in rounds (method, section 4): L_r = E_k[L_{r−1}], L_0 the given labels, by the weights of one network.
 * Where no average is defined, which depends on the kernels alone, an input keeps its label in every round.
 */
import { part, type Work } from '../work.js';
import { denoise } from './denoising.js';
import type { RowSource } from './source.js';

export interface Corrected {
  /** The labels after the last round, n × d; of class labels what is left of their one-hot rows. */
  readonly labels: Float64Array;
  /** What each round did. */
  readonly rounds: readonly {
    /** Root mean square of what the labels moved by, over all numbers of inputs with an average; 0 without any. */
    readonly change: number;
    /** Of class labels: how many inputs have another largest output than before (the first of equal ones); else null. */
    readonly changed: number | null;
  }[];
  /** Inputs that keep their label, in ascending order: their sum of kernels is (nearly) singular. */
  readonly undefinedAt: readonly number[];
}

/**
 * Averages `labels` (n × d) again and again.
 * @param classes whether they are one-hot rows of class labels
 */
export function* correct(
  source: RowSource,
  labels: Float64Array,
  rounds: number,
  classes: boolean,
): Work<Corrected> {
  const { outputs: d, size } = source;
  const all = Int32Array.from({ length: size }, (_, input) => input);
  const done: Corrected['rounds'][number][] = [];
  let current = labels;
  let undefinedAt: readonly number[] = [];
  while (done.length < rounds) {
    const found = yield* part(denoise(source, current, current, all), done.length / rounds, 1 / rounds);
    undefinedAt = found.undefinedAt;
    const next = found.labels;
    for (const input of undefinedAt) next.set(current.subarray(input * d, (input + 1) * d), input * d);
    const numbers = (size - undefinedAt.length) * d;
    done.push({
      change: numbers > 0 ? Math.sqrt(squaredDistance(next, current) / numbers) : 0,
      // One output has no largest among others.
      changed: classes && d > 1 ? countChanged(next, current, d) : null,
    });
    current = next;
  }
  return { labels: current, rounds: done, undefinedAt };
}

function squaredDistance(one: Float64Array, other: Float64Array): number {
  return one.reduce((sum, value, at) => sum + (value - other[at]) * (value - other[at]), 0);
}

function countChanged(one: Float64Array, other: Float64Array, d: number): number {
  let count = 0;
  for (let from = 0; from < one.length; from += d) {
    if (largest(one.subarray(from, from + d)) !== largest(other.subarray(from, from + d))) count += 1;
  }
  return count;
}

function largest(row: Float64Array): number {
  return row.reduce((best, value, c) => (value > row[best] ? c : best), 0);
}
