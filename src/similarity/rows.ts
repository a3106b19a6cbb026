/**
 * The gradient rows of a set of inputs, kept factored and packed for the kernels (see operand.ts for the layout).
 *
 * The values come in up to three variants that share the activities: as captured (G), whitened (G K(x,x)^-½) and
 * divided (G K(x,x)^-1), see method, section 1.
 */
import type { Arena } from '../kernel/arena.js';
import { type Kernel, LANES } from '../kernel/kernel.js';
import type { FactorBatch, Term } from '../plan.js';
import { leftBytes, type Operand, panelCount, panelLanes, rightBytes } from './operand.js';
import { RowWriter, reserveStaging } from './row-writer.js';
import type { Executor } from './strips.js';

/** One variant of a set of rows. */
export interface Variant extends Operand {
  readonly rows: Rows;
}

export class Rows {
  readonly terms: readonly Term[];
  /** The number d of functions compared. */
  readonly outputs: number;
  /** Inputs in the set. */
  readonly size: number;
  readonly kernel: Kernel;
  readonly arena: Arena;
  /** Who computes strips besides this thread. */
  readonly executor: Executor | null;
  readonly raw: Variant;
  readonly #writer: RowWriter;
  #filled = 0;

  /** Reserves room for `size` inputs; {@link append} fills it in order. */
  constructor(
    kernel: Kernel,
    arena: Arena,
    terms: readonly Term[],
    outputs: number,
    size: number,
    executor: Executor | null = null,
  ) {
    this.kernel = kernel;
    this.arena = arena;
    this.terms = terms;
    this.outputs = outputs;
    this.size = size;
    this.executor = executor;
    const allocate = (bytes: number) => arena.allocate(bytes);
    const activities = terms.map((term) => (term.left > 0 ? allocate(this.panels * leftBytes(term)) : 0));
    this.raw = this.#variant(activities);
    this.#writer = new RowWriter(kernel, arena, this.raw, reserveStaging(terms, outputs, arena));
  }

  get panels(): number {
    return panelCount(this.size);
  }

  /** Room for another variant of the values. */
  reserve(): Variant {
    return this.#variant(this.raw.activities);
  }

  #variant(activities: readonly number[]): Variant {
    const { terms, outputs, size, arena } = this;
    const values = terms.map((term) => arena.allocate(this.panels * rightBytes(term, outputs)));
    return { rows: this, terms, outputs, size, activities, values };
  }

  /** The number of inputs of a panel: 16, fewer in the last. */
  lanes(panel: number): number {
    return panelLanes(this.size, panel);
  }

  /** Adds the next inputs. */
  append(batch: FactorBatch): void {
    this.#filled += batch.inputs;
    this.#writer.append(batch, this.#filled === this.size);
  }

  /** The raw rows of some inputs as a set of their own, so that scattered inputs share panels. */
  gather(inputs: ArrayLike<number>): Rows {
    const few = new Rows(this.kernel, this.arena, this.terms, this.outputs, inputs.length);
    const copy = (from: number, to: number, bytes: number) => {
      const floats = new Float32Array(this.arena.memory.buffer);
      new Float32Array(this.arena.memory.buffer, to, (few.panels * bytes) / 4).fill(0);
      for (let target = 0; target < inputs.length; target++) {
        const source = (from + Math.floor(inputs[target] / LANES) * bytes) / 4 + (inputs[target] % LANES);
        const place = (to + Math.floor(target / LANES) * bytes) / 4 + (target % LANES);
        for (let k = 0; k < bytes / 4; k += LANES) floats[place + k] = floats[source + k];
      }
    };
    this.terms.forEach((term, i) => {
      if (term.left > 0) copy(this.raw.activities[i], few.raw.activities[i], leftBytes(term));
      copy(this.raw.values[i], few.raw.values[i], rightBytes(term, this.outputs));
    });
    return few;
  }
}
