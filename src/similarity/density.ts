/**
 * How many inputs the network holds to be like this one (method, section 3):
 *     soft   N_S(x)   = sum_x' k^C(x,x')
 *     hard   N_τ(x)   = #{x' : k^C(x,x') >= τ}
 *     power  N_α+(x)  = sum over k^C > 0 of k^C(x,x')^α
 * x itself counts in all three. Soft is linear in N: N_S(x) = ĝ(x) · sum_x' ĝ(x').
 */
import { refuse } from '../errors.js';
import { LANES } from '../kernel/kernel.js';
import { part, type Work } from '../work.js';
import { eachBlock, type Side, STRIP } from './blockwise.js';
import { activityAddress, panelCount, panelLanes, valueAddress } from './operand.js';
import type { Shape, Site, Variant } from './rows.js';
import type { Strip } from './strips.js';

export type DensityKind = 'soft' | { readonly hard: number } | { readonly power: number };

/** The sum of one output's gradients in one term: float64 [left][right] at `pointer`. */
interface Sum {
  readonly term: number;
  readonly output: number;
  readonly bytes: number;
}

/**
 * <row of x in `right`, sum of the rows of `left`> for every input x of `right`; yields the share done. The sums take
 * the memory of the weights, d times in float64; where that does not fit, the set is gone through for one group of sums
 * after the other.
 */
export function* dotsWithSum(left: Side, right: Side): Work<Float64Array> {
  const { source } = left;
  const { arena } = source.site;
  const result = new Float64Array(right.source.size);
  const same = left.kind === right.kind && source === right.source;
  const groups = groupSums(source, (arena.limit - arena.used) * SUMS);
  for (const [number, group] of groups.entries()) {
    const mark = arena.mark();
    try {
      const sums = group.map((sum) => ({ ...sum, pointer: arena.allocate(sum.bytes, true) }));
      const out = arena.allocate(LANES * 8);
      const take = (rows: Variant) => addDots(rows, sums, out, result);
      let rest = right.source.size;
      const collect = function* (rows: Variant): Work<void> {
        yield* addToSums(rows, sums);
        if (!same || rows.first + rows.size < source.size) return;
        // The sums are complete while the last block is still there.
        rest = rows.first;
        yield* take(rows);
      };
      const span = 1 / (2 * groups.length);
      yield* part(eachBlock(left, collect), 2 * number * span, span);
      if (rest > 0) yield* part(eachBlock(right, take, rest), (2 * number + 1) * span, span);
    } finally {
      arena.release(mark);
    }
  }
  const wrong = result.findIndex((sum) => !Number.isFinite(sum));
  if (wrong >= 0) refuse('input', `The sum over the inputs similar to input ${wrong} is no finite number.`);
  return result;
}

/** The share of the free memory that sums may take where they compete with rows. */
const SUMS = 1 / 4;

function groupSums({ terms, outputs: d }: Shape, budget: number): Sum[][] {
  const groups: Sum[][] = [];
  let left = 0;
  for (const [i, term] of terms.entries()) {
    const bytes = Math.max(term.left, 1) * term.right * 8;
    for (let output = 0; output < d; output++) {
      if (bytes > left) {
        groups.push([]);
        left = budget;
      }
      groups.at(-1)!.push({ term: i, output, bytes });
      left -= bytes;
    }
  }
  return groups;
}

type PlacedSum = Sum & { readonly pointer: number };

function* addToSums(rows: Variant, sums: readonly PlacedSum[]): Work<void> {
  for (const [number, { term, output, pointer }] of sums.entries()) {
    for (let panel = 0; panel < panelCount(rows.size); panel++) addToSum(rows, term, output, panel, pointer);
    yield (number + 1) / sums.length;
  }
}

function* addDots(rows: Variant, sums: readonly PlacedSum[], out: number, result: Float64Array): Work<void> {
  const { arena } = rows.site;
  for (const [number, { term, output, pointer }] of sums.entries()) {
    for (let panel = 0; panel < panelCount(rows.size); panel++) {
      arena.doubles(out, LANES).fill(0);
      addPanelDots(rows, term, output, panel, pointer, out);
      const dots = arena.doubles(out, LANES);
      const first = rows.first + panel * LANES;
      for (let lane = 0; lane < panelLanes(rows.size, panel); lane++) result[first + lane] += dots[lane];
    }
    yield (number + 1) / sums.length;
  }
}

function addToSum(variant: Variant, i: number, output: number, panel: number, sum: number): void {
  const { kernel } = variant.site;
  const term = variant.terms[i];
  eachPosition(variant, i, output, panel, (a, b) => {
    if (term.left === 0) kernel.addRowSum(b, term.right, sum);
    else kernel.addOuterSum(a, term.left, b, term.right, panelLanes(variant.size, panel), sum);
  });
}

function addPanelDots(
  variant: Variant,
  i: number,
  output: number,
  panel: number,
  sum: number,
  out: number,
): void {
  const { kernel } = variant.site;
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
  readonly #site: Site;
  readonly #size: number;
  readonly #kind: Exclude<DensityKind, 'soft'>;
  readonly #sums: number;

  /** Reserves memory for `size` inputs in the arena of the site; the caller releases it. */
  constructor(site: Site, size: number, kind: Exclude<DensityKind, 'soft'>) {
    this.#site = site;
    this.#size = size;
    this.#kind = kind;
    this.#sums = site.arena.allocate(size * 8, true);
  }

  absorb(strip: Strip): void {
    const { kernel } = this.#site;
    const sums = this.#sums + strip.row * 8;
    if ('hard' in this.#kind) {
      kernel.countAtLeast(strip.values, strip.rows, strip.columns, STRIP, this.#kind.hard, sums);
    } else {
      kernel.addPowerSums(strip.values, strip.rows, strip.columns, STRIP, this.#kind.power, sums);
    }
  }

  result(): Float64Array {
    return this.#site.arena.doubles(this.#sums, this.#size).slice();
  }
}
