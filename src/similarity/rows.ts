/**
 * The gradient rows of a set of inputs, kept factored and packed for the kernels.
 *
 * Term by term, 16 inputs to a panel: activities [position][left][16] and, for each output c, backpropagated values
 * [c][position][right][16]; a materialised term has values only. The values come in up to three variants that share
 * the activities: as captured (G), whitened (G K(x,x)^-½) and divided (G K(x,x)^-1), see method, section 1.
 */
import { refuse } from '../errors.js';
import type { Arena } from '../kernel/arena.js';
import { type Kernel, LANES, panelBytes } from '../kernel/kernel.js';
import type { FactorBatch, Term } from '../plan.js';

/** Where one variant's values start, a pointer for each term. */
export interface Variant {
  readonly rows: Rows;
  readonly values: readonly number[];
}

export class Rows {
  readonly terms: readonly Term[];
  /** The number d of functions compared. */
  readonly outputs: number;
  /** Inputs in the set. */
  readonly size: number;
  readonly kernel: Kernel;
  readonly arena: Arena;
  /** Activities of each term, 0 where it has none. */
  readonly activities: readonly number[];
  readonly raw: Variant;
  readonly #staging: readonly { readonly left: number; readonly right: number }[];
  #filled = 0;

  /** Reserves room for `size` inputs; {@link append} fills it in order. */
  constructor(kernel: Kernel, arena: Arena, terms: readonly Term[], outputs: number, size: number) {
    this.kernel = kernel;
    this.arena = arena;
    this.terms = terms;
    this.outputs = outputs;
    this.size = size;
    this.activities = terms.map((term) =>
      term.left > 0 ? arena.allocate(this.panels * this.leftBytes(term)) : 0,
    );
    this.raw = this.reserve();
    this.#staging = terms.map((term) => ({
      left: arena.allocate(this.leftBytes(term)),
      right: arena.allocate(this.rightBytes(term)),
    }));
  }

  get panels(): number {
    return Math.ceil(this.size / LANES);
  }

  leftBytes(term: Term): number {
    return panelBytes(term.positions * term.left);
  }

  rightBytes(term: Term): number {
    return panelBytes(this.outputs * term.positions * term.right);
  }

  /** Room for another variant of the values. */
  reserve(): Variant {
    return {
      rows: this,
      values: this.terms.map((term) => this.arena.allocate(this.panels * this.rightBytes(term))),
    };
  }

  /** The number of inputs of a panel: 16, fewer in the last. */
  lanes(panel: number): number {
    return Math.min(LANES, this.size - panel * LANES);
  }

  /** Adds the next inputs. */
  append(batch: FactorBatch): void {
    this.terms.forEach((term, i) => {
      const { left, right } = batch.terms[i] ?? { left: [], right: [] };
      const wide = batch.inputs * term.positions;
      const fits = right.length === this.outputs && right.every(({ length }) => length === wide * term.right);
      if (fits && left.length === wide * term.left && batch.terms.length === this.terms.length) return;
      refuse('input', `Layer '${term.layer}' has another size for these inputs: they cannot be compared.`);
    });
    for (let input = 0; input < batch.inputs; input++) {
      const lane = this.#filled % LANES;
      for (const [i, term] of this.terms.entries()) this.#stage(term, i, batch.terms[i], input, lane);
      this.#filled += 1;
      if (lane === LANES - 1 || this.#filled === this.size)
        this.#pack(Math.floor((this.#filled - 1) / LANES), lane + 1);
    }
  }

  /** The raw rows of some inputs as a set of their own, so that scattered inputs share panels. */
  gather(inputs: ArrayLike<number>): Rows {
    const few = new Rows(this.kernel, this.arena, this.terms, this.outputs, inputs.length);
    this.terms.forEach((term, i) => {
      const copy = (from: number, to: number, bytes: number) => {
        const floats = new Float32Array(this.arena.memory.buffer);
        new Float32Array(this.arena.memory.buffer, to, (few.panels * bytes) / 4).fill(0);
        for (let target = 0; target < inputs.length; target++) {
          const source = (from + Math.floor(inputs[target] / LANES) * bytes) / 4 + (inputs[target] % LANES);
          const place = (to + Math.floor(target / LANES) * bytes) / 4 + (target % LANES);
          for (let k = 0; k < bytes / 4; k += LANES) floats[place + k] = floats[source + k];
        }
      };
      if (term.left > 0) copy(this.activities[i], few.activities[i], this.leftBytes(term));
      copy(this.raw.values[i], few.raw.values[i], this.rightBytes(term));
    });
    return few;
  }

  #stage(term: Term, i: number, factors: FactorBatch['terms'][number], input: number, lane: number): void {
    const left = term.positions * term.left;
    const right = term.positions * term.right;
    const activities = factors.left.subarray(input * left, (input + 1) * left);
    const scale = balance(activities);
    const target = this.arena.floats(
      this.#staging[i].right + lane * this.outputs * right * 4,
      this.outputs * right,
    );
    factors.right.forEach((values, output) => {
      target.set(values.subarray(input * right, (input + 1) * right), output * right);
    });
    if (left === 0) return;
    const own = this.arena.floats(this.#staging[i].left + lane * left * 4, left);
    own.set(activities);
    if (scale === 1) return;
    for (let k = 0; k < left; k++) own[k] /= scale;
    for (let m = 0; m < target.length; m++) target[m] *= scale;
  }

  #pack(panel: number, lanes: number): void {
    this.terms.forEach((term, i) => {
      const left = term.positions * term.left;
      const right = this.outputs * term.positions * term.right;
      const { left: leftFrom, right: rightFrom } = this.#staging[i];
      if (left > 0)
        this.kernel.pack(leftFrom, lanes, left, left, this.activities[i] + panel * this.leftBytes(term));
      this.kernel.pack(rightFrom, lanes, right, right, this.raw.values[i] + panel * this.rightBytes(term));
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
