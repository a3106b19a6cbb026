/**
 * How many inputs the network holds to be like this one (method, section 3):
 *     soft   N_S(x)   = sum_x' k^C(x,x')
 *     hard   N_τ(x)   = #{x' : k^C(x,x') >= τ}
 *     power  N_α+(x)  = sum over k^C > 0 of k^C(x,x')^α
 * x itself counts in all three. Soft is linear in N: N_S(x) = ĝ(x) · sum_x' ĝ(x').
 */
import { LANES } from '../kernel/kernel.js';
import type { Work } from '../work.js';
import { activityAddress, valueAddress } from './operand.js';
import type { Rows, Variant } from './rows.js';
import { STRIP, type Strip } from './strips.js';

export type DensityKind = 'soft' | { readonly hard: number } | { readonly power: number };

/**
 * <row of x in `right`, sum of the rows of `left`> for every input x; yields the share done. Goes output by output of
 * each term, so that only one sum is held at a time: the size of one layer's weights.
 */
export function* dotsWithSum(left: Variant, right: Variant): Work<Float64Array> {
  const { rows } = left;
  const { arena, terms, outputs: d } = rows;
  const result = new Float64Array(rows.size);
  const out = arena.allocate(LANES * 8);
  for (const [i, term] of terms.entries()) {
    for (let output = 0; output < d; output++) {
      const mark = arena.mark();
      const sum = arena.allocate(Math.max(term.left, 1) * term.right * 8, true);
      for (let panel = 0; panel < rows.panels; panel++) addToSum(left, i, output, panel, sum);
      for (let panel = 0; panel < rows.panels; panel++) {
        arena.doubles(out, LANES).fill(0);
        addDots(right, i, output, panel, sum, out);
        const dots = arena.doubles(out, LANES);
        for (let lane = 0; lane < rows.lanes(panel); lane++) result[panel * LANES + lane] += dots[lane];
      }
      arena.release(mark);
      yield (i + (output + 1) / d) / terms.length;
    }
  }
  return result;
}

function addToSum(variant: Variant, i: number, output: number, panel: number, sum: number): void {
  const { kernel } = variant.rows;
  const term = variant.terms[i];
  eachPosition(variant, i, output, panel, (a, b) => {
    if (term.left === 0) kernel.addRowSum(b, term.right, sum);
    else kernel.addOuterSum(a, term.left, b, term.right, variant.rows.lanes(panel), sum);
  });
}

function addDots(variant: Variant, i: number, output: number, panel: number, sum: number, out: number): void {
  const { kernel } = variant.rows;
  const term = variant.terms[i];
  eachPosition(variant, i, output, panel, (a, b) => {
    if (term.left === 0) kernel.rowSumDots(b, term.right, sum, out);
    else kernel.outerSumDots(a, term.left, b, term.right, sum, out);
  });
}

/** Addresses of activities and values at each position of one output. */
function eachPosition(
  variant: Variant,
  i: number,
  output: number,
  panel: number,
  visit: (activities: number, values: number) => void,
): void {
  const term = variant.terms[i];
  const left = activityAddress(variant, i, panel);
  const right = valueAddress(variant, i, panel, output);
  for (let position = 0; position < term.positions; position++) {
    visit(left + position * term.left * LANES * 4, right + position * term.right * LANES * 4);
  }
}

/** Adds up the hard or power density of each row of a sweep. */
export class DensityCounter {
  readonly #rows: Rows;
  readonly #kind: Exclude<DensityKind, 'soft'>;
  readonly #sums: number;

  /** Reserves memory in the arena of `rows`; the caller releases it. */
  constructor(rows: Rows, kind: Exclude<DensityKind, 'soft'>) {
    this.#rows = rows;
    this.#kind = kind;
    this.#sums = rows.arena.allocate(rows.size * 8, true);
  }

  absorb(strip: Strip): void {
    const { kernel } = this.#rows;
    const sums = this.#sums + strip.row * 8;
    if ('hard' in this.#kind) {
      kernel.countAtLeast(strip.values, strip.rows, strip.columns, STRIP, this.#kind.hard, sums);
    } else {
      kernel.addPowerSums(strip.values, strip.rows, strip.columns, STRIP, this.#kind.power, sums);
    }
  }

  result(): Float64Array {
    return this.#rows.arena.doubles(this.#sums, this.#rows.size).slice();
  }
}
