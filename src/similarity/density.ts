/**
 * How many inputs the network holds to be like this one (method, section 3):
 *     soft   N_S(x)   = sum_x' k^C(x,x')
 *     hard   N_τ(x)   = #{x' : k^C(x,x') >= τ}
 *     power  N_α+(x)  = sum over k^C > 0 of k^C(x,x')^α
 * x itself counts in all three. Soft is linear in N: N_S(x) = ĝ(x) · sum_x' ĝ(x').
 */
import { LANES } from '../kernel/kernel.js';
import { STRIP, type Strip } from './gram.js';
import type { Rows, Variant } from './rows.js';

export type DensityKind = 'soft' | { readonly hard: number } | { readonly power: number };

/** Sums the rows of a variant over all its inputs; the sums live in the arena until the caller releases it. */
export function* sumRows({ rows, values }: Variant): Generator<number, number[]> {
  const { kernel, arena, terms, outputs: d } = rows;
  const sums = terms.map((term) => arena.allocate(sumLength(rows, term.left, term.right) * 8, true));
  for (let panel = 0; panel < rows.panels; panel++) {
    terms.forEach((term, i) => {
      const right = values[i] + panel * rows.rightBytes(term);
      if (term.left === 0) {
        kernel.addRowSum(right, d * term.right, sums[i]);
        return;
      }
      const left = rows.activities[i] + panel * rows.leftBytes(term);
      eachFactor(rows, i, (a, b, sum) => {
        kernel.addOuterSum(left + a, term.left, right + b, term.right, rows.lanes(panel), sums[i] + sum);
      });
    });
    yield (panel + 1) / rows.panels;
  }
  return sums;
}

/** <row of x, sums> for every input x of a variant: one product per term and input. */
export function* dotsWithSums(
  { rows, values }: Variant,
  sums: readonly number[],
): Generator<number, Float64Array> {
  const { kernel, arena, terms, outputs: d } = rows;
  const result = new Float64Array(rows.size);
  const out = arena.allocate(LANES * 8);
  for (let panel = 0; panel < rows.panels; panel++) {
    arena.doubles(out, LANES).fill(0);
    terms.forEach((term, i) => {
      const right = values[i] + panel * rows.rightBytes(term);
      if (term.left === 0) {
        kernel.rowSumDots(right, d * term.right, sums[i], out);
        return;
      }
      const left = rows.activities[i] + panel * rows.leftBytes(term);
      eachFactor(rows, i, (a, b, sum) => {
        kernel.outerSumDots(left + a, term.left, right + b, term.right, sums[i] + sum, out);
      });
    });
    result.set(arena.doubles(out, rows.lanes(panel)), panel * LANES);
    yield (panel + 1) / rows.panels;
  }
  return result;
}

function sumLength(rows: Rows, left: number, right: number): number {
  return Math.max(left, 1) * right * rows.outputs;
}

/** Byte offsets of (activities, values, sum) for each output and position of a factored term. */
function eachFactor(rows: Rows, i: number, visit: (a: number, b: number, sum: number) => void): void {
  const term = rows.terms[i];
  for (let output = 0; output < rows.outputs; output++) {
    for (let position = 0; position < term.positions; position++) {
      visit(
        position * term.left * LANES * 4,
        (output * term.positions + position) * term.right * LANES * 4,
        output * term.left * term.right * 8,
      );
    }
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
