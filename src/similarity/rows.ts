/**
 * Gradient rows in kernel memory: panels of a set of inputs, or of a run of them (see operand.ts for the layout).
 *
 * The values come in up to three variants that share the activities: as captured (G), whitened (G K(x,x)^-½) and
 * divided (G K(x,x)^-1), see method, section 1.
 */
import type { Arena } from '../kernel/arena.js';
import { type Kernel, LANES, panelBytes } from '../kernel/kernel.js';
import type { Term } from '../plan.js';
import { leftBytes, type Operand, panelCount, panelLanes, rightBytes, valueAddress } from './operand.js';
import type { Screening } from './screening.js';
import type { Executor } from './strips.js';

/** A kernel memory and who computes on it. */
export interface Site {
  readonly kernel: Kernel;
  readonly arena: Arena;
  /** Who computes besides this thread. */
  readonly executor: Executor | null;
  /** Whether pairs are estimated first where only some values are wanted. */
  readonly screening: Screening;
}

/** One variant of the rows of inputs `first` to before `first + size` of a set. */
export interface Variant extends Operand {
  readonly site: Site;
  /** A multiple of 16. */
  readonly first: number;
}

/** The terms of a set of rows and the number d of functions compared. */
export interface Shape {
  readonly terms: readonly Term[];
  readonly outputs: number;
}

/** Room for the rows of a run of inputs, in the arena of the site. */
export function reserveRows(site: Site, { terms, outputs }: Shape, first: number, size: number): Variant {
  const panels = panelCount(size);
  const activities = terms.map((term) => (term.left > 0 ? site.arena.allocate(panels * leftBytes(term)) : 0));
  return reserveValues({ site, terms, outputs, size, first, activities, values: [] });
}

/** Room for another variant of the values. */
export function reserveValues(rows: Variant): Variant {
  const panels = panelCount(rows.size);
  const values = rows.terms.map((term) => rows.site.arena.allocate(panels * rightBytes(term, rows.outputs)));
  return { ...rows, values };
}

/** Bytes of the activities of one input, and of one variant of its values. */
export function inputBytes({ terms, outputs }: Shape): { activities: number; values: number } {
  return {
    activities: terms.reduce((sum, term) => sum + leftBytes(term) / LANES, 0),
    values: terms.reduce((sum, term) => sum + rightBytes(term, outputs) / LANES, 0),
  };
}

/** The rows of inputs `first` (a multiple of 16) to before `last` of the set; nothing is copied. */
export function view(rows: Variant, first: number, last: number): Variant {
  const panels = (first - rows.first) / LANES;
  return {
    ...rows,
    first,
    size: last - first,
    activities: rows.activities.map((pointer, i) => pointer && pointer + panels * leftBytes(rows.terms[i])),
    values: rows.values.map((pointer, i) => pointer + panels * rightBytes(rows.terms[i], rows.outputs)),
  };
}

/** Copies of the rows of some inputs, as a set of their own: scattered inputs share panels. */
export function gathered(rows: Variant, inputs: ArrayLike<number>): Variant {
  const { arena } = rows.site;
  const few = reserveRows(rows.site, rows, 0, inputs.length);
  const copy = (from: number, to: number, bytes: number) => {
    const floats = new Float32Array(arena.memory.buffer);
    floats.fill(0, to / 4, (to + panelCount(few.size) * bytes) / 4);
    for (let target = 0; target < inputs.length; target++) {
      const input = inputs[target] - rows.first;
      const source = (from + Math.floor(input / LANES) * bytes) / 4 + (input % LANES);
      const place = (to + Math.floor(target / LANES) * bytes) / 4 + (target % LANES);
      for (let k = 0; k < bytes / 4; k += LANES) floats[place + k] = floats[source + k];
    }
  };
  rows.terms.forEach((term, i) => {
    if (term.left > 0) copy(rows.activities[i], few.activities[i], leftBytes(term));
    copy(rows.values[i], few.values[i], rightBytes(term, rows.outputs));
  });
  return few;
}

/** Mixes each input's outputs by its own d × d matrix, G ↦ G M, into `target`, which may be `rows` itself. */
export function mix(rows: Variant, matrices: Float64Array, target: Variant): void {
  const { terms, outputs: d, site } = rows;
  const { kernel, arena } = site;
  const mark = arena.mark();
  try {
    const weights = arena.allocate(d * d * LANES * 8);
    const longest = Math.max(...terms.map((term) => rightBytes(term, d)));
    const copy = target.values === rows.values ? arena.allocate(longest) : 0;
    for (let panel = 0; panel < panelCount(rows.size); panel++) {
      const packed = arena.doubles(weights, d * d * LANES).fill(0);
      for (let lane = 0; lane < panelLanes(rows.size, panel); lane++) {
        const from = (panel * LANES + lane) * d * d;
        for (let entry = 0; entry < d * d; entry++) packed[entry * LANES + lane] = matrices[from + entry];
      }
      terms.forEach((term, i) => {
        const length = term.positions * term.right;
        const source = valueAddress(rows, i, panel);
        const numbers = d * length * LANES;
        if (copy) arena.floats(copy, numbers).set(arena.floats(source, numbers));
        kernel.mixLanes(copy || source, valueAddress(target, i, panel), d, length, weights);
      });
    }
  } finally {
    arena.release(mark);
  }
}

/** Bytes that {@link mix} takes for a while where the target is the rows themselves. */
export function mixBytes({ terms, outputs: d }: Shape): number {
  return d * d * LANES * 8 + Math.max(...terms.map((term) => panelBytes(d * term.positions * term.right)));
}
