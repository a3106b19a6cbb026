/** Raw rows outside of kernel memory, panel for panel as they lie there, or rounded to int8 (rounding.ts). */
import { assertThere } from '../given-away.js';
import { LANES } from '../kernel/kernel.js';
import { ROUNDED_RUN } from '../precision.js';
import { activityAddress, panelCount, valueAddress } from './operand.js';
import { restorePanel } from './rounding.js';
import type { Variant } from './rows.js';
import type { Loader } from './source.js';

/** The activities or the values of a term. */
export interface StoredPanels {
  /** Elements of one input. */
  readonly length: number;
  /** [panels][length][16] */
  readonly numbers: Float32Array | Int8Array;
  /** [panels][runs][16]; null where the numbers are not rounded. */
  readonly scales: Float32Array | null;
}

export interface StoredTerm {
  /** Null in a row. */
  readonly activities: StoredPanels | null;
  readonly values: StoredPanels;
}

/** Brings stored rows into kernel memory. */
export function storedLoader(terms: readonly StoredTerm[]): Loader {
  return {
    bytes: 0,
    *range(rows) {
      for (const { panels, address, share } of placesOf(rows, terms)) {
        copyPanels(rows, panels, address);
        yield share;
      }
    },
    *some(rows, inputs) {
      for (const { panels, address, share } of placesOf(rows, terms)) {
        copyInputs(rows, panels, address, inputs);
        yield share;
      }
    },
  };
}

interface Place {
  readonly panels: StoredPanels;
  /** Where it begins in kernel memory. */
  readonly address: number;
  /** The share of all places that is done with it. */
  readonly share: number;
}

/** Each side of each term of some rows. */
export function* placesOf(rows: Variant, terms: readonly StoredTerm[]): Generator<Place> {
  for (const [i, { activities, values }] of terms.entries()) {
    const share = (i + 1) / terms.length;
    if (activities) yield { panels: activities, address: activityAddress(rows, i, 0), share };
    yield { panels: values, address: valueAddress(rows, i, 0), share };
  }
}

/** Panels of the run of inputs that `rows` stand for; it begins and ends with a panel, or with the set. */
function copyPanels({ site, first, size }: Variant, stored: StoredPanels, address: number): void {
  const panels = panelCount(size);
  const length = stored.length * LANES;
  const target = site.arena.floats(address, panels * length);
  for (let panel = 0; panel < panels; panel++) {
    restore(stored, first / LANES + panel, target.subarray(panel * length, (panel + 1) * length));
  }
}

/** Single inputs, one beside the other. */
function copyInputs(
  { site, size }: Variant,
  stored: StoredPanels,
  address: number,
  inputs: ArrayLike<number>,
): void {
  const length = stored.length * LANES;
  const source = new Float32Array(length);
  const target = site.arena.floats(address, panelCount(size) * length).fill(0);
  let known = -1;
  for (let place = 0; place < inputs.length; place++) {
    const panel = Math.floor(inputs[place] / LANES);
    if (panel !== known) restore(stored, panel, source);
    known = panel;
    const from = inputs[place] % LANES;
    const to = Math.floor(place / LANES) * length + (place % LANES);
    for (let k = 0; k < length; k += LANES) target[to + k] = source[from + k];
  }
}

/** One panel as float32. */
function restore({ length, numbers, scales }: StoredPanels, panel: number, target: Float32Array): void {
  assertThere(numbers);
  const size = length * LANES;
  const own = numbers.subarray(panel * size, (panel + 1) * size);
  if (own instanceof Float32Array) target.set(own);
  else restorePanel(own, scalesOf(scales!, length, panel), target);
}

/** The scales of one panel. */
export function scalesOf(scales: Float32Array, length: number, panel: number): Float32Array {
  const runs = Math.ceil(length / ROUNDED_RUN) * LANES;
  return scales.subarray(panel * runs, (panel + 1) * runs);
}
