/** Factors of inputs, as captured, into panels: 16 inputs are staged row by row, then packed or sketched. */
import { refuse } from '../errors.js';
import type { Arena } from '../kernel/arena.js';
import { type Kernel, LANES } from '../kernel/kernel.js';
import type { Views } from '../kernel/views.js';
import { capturedLayout, type FactorBatch, type Term } from '../plan.js';
import { activityAddress, leftBytes, type Operand, rightBytes, valueAddress } from './operand.js';
import type { Shape } from './rows.js';
import { reserveSketch, type SketchPlace, sketchBytes, sketchPanel } from './sketch.js';

/** Where 16 inputs of a term wait for packing. */
export interface Staging {
  readonly left: number;
  readonly right: number;
  readonly sketch: SketchPlace | null;
}

/** Room for the staging of every term. */
export function reserveStaging({ terms, outputs }: Shape, arena: Arena): Staging[] {
  return terms.map((term) => ({
    left: arena.allocate(leftBytes(capturedLayout(term))),
    right: arena.allocate(rightBytes(capturedLayout(term), outputs)),
    sketch: reserveSketch(term, arena),
  }));
}

export function stagingBytes(terms: readonly Term[], outputs: number): number {
  return terms.reduce((sum, term) => {
    const layout = capturedLayout(term);
    return sum + leftBytes(layout) + rightBytes(layout, outputs) + sketchBytes(term) + 128;
  }, 0);
}

/** Writes inputs number `next`, `next + 1`, … of a target, in order; it begins with a multiple of 16. */
export class RowWriter {
  readonly #kernel: Kernel;
  readonly #views: Views;
  readonly #target: Operand;
  readonly #staging: readonly Staging[];
  #next: number;

  constructor(kernel: Kernel, views: Views, target: Operand, staging: readonly Staging[], next = 0) {
    this.#kernel = kernel;
    this.#views = views;
    this.#target = target;
    this.#staging = staging;
    this.#next = next;
  }

  /** Adds the inputs of a batch; a panel that is not full waits for more, except at the end of the target. */
  append(batch: FactorBatch): void {
    const { terms } = this.#target;
    this.#assertFits(batch);
    for (let input = 0; input < batch.inputs; input++) {
      const lane = this.#next % LANES;
      for (const [i, term] of terms.entries()) this.#stage(term, i, batch.terms[i], input, lane);
      this.#next += 1;
      if (lane === LANES - 1 || this.#next === this.#target.size)
        this.#pack(Math.floor((this.#next - 1) / LANES), lane + 1);
    }
  }

  #assertFits(batch: FactorBatch): void {
    this.#target.terms.forEach((term, i) => {
      const { left, right } = batch.terms[i] ?? { left: [], right: [] };
      const layout = capturedLayout(term);
      const wide = batch.inputs * layout.positions;
      const full =
        right.length === this.#target.outputs && right.every(({ length }) => length === wide * layout.right);
      const same = batch.terms.length === this.#target.terms.length;
      if (full && same && left.length === wide * layout.left) return;
      refuse('input', `Layer '${term.layer}' has another size for these inputs: they cannot be compared.`);
    });
  }

  #stage(term: Term, i: number, factors: FactorBatch['terms'][number], input: number, lane: number): void {
    const { outputs } = this.#target;
    const layout = capturedLayout(term);
    const left = layout.positions * layout.left;
    const right = layout.positions * layout.right;
    const activities = factors.left.subarray(input * left, (input + 1) * left);
    const scale = balance(activities);
    const values = this.#views.floats(this.#staging[i].right + lane * outputs * right * 4, outputs * right);
    factors.right.forEach((own, output) => {
      values.set(own.subarray(input * right, (input + 1) * right), output * right);
    });
    if (left === 0) return;
    const staged = this.#views.floats(this.#staging[i].left + lane * left * 4, left);
    staged.set(activities);
    if (scale === 1) return;
    for (let k = 0; k < left; k++) staged[k] /= scale;
    for (let m = 0; m < values.length; m++) values[m] *= scale;
  }

  #pack(panel: number, lanes: number): void {
    const { terms, outputs } = this.#target;
    terms.forEach((term, i) => {
      const { left: leftFrom, right: rightFrom, sketch } = this.#staging[i];
      if (sketch) {
        const target = valueAddress(this.#target, i, panel);
        sketchPanel(this.#kernel, this.#views, term, outputs, sketch, this.#staging[i], lanes, target);
        return;
      }
      const left = term.positions * term.left;
      const right = outputs * term.positions * term.right;
      if (left > 0) this.#kernel.pack(leftFrom, lanes, left, left, activityAddress(this.#target, i, panel));
      this.#kernel.pack(rightFrom, lanes, right, right, valueAddress(this.#target, i, panel));
    });
  }
}

/** Activities between these need no scaling: products of two stay well inside float32. */
const SMALL = 2 ** -30;
const LARGE = 2 ** 30;

/**
 * A power of two that brings very small or large activities near 1. Only a bᵀ is given: moving the factor from a to b
 * is exact and keeps a · a' from leaving float32 where the gradient itself is an ordinary number.
 */
function balance(activities: Float32Array): number {
  let largest = 0;
  for (let k = 0; k < activities.length; k++) largest = Math.max(largest, Math.abs(activities[k]));
  if (largest === 0 || (largest > SMALL && largest < LARGE)) return 1;
  return 2 ** Math.floor(Math.log2(largest));
}
