/**
 * Where the gradient rows of a set come from: all of them lie in kernel memory, or they are captured again, block by
 * block, whenever they are needed. What is computed does not depend on it, to the bit: every input is captured and
 * packed alone.
 */
import type { Work } from '../work.js';
import {
  gathered,
  inputBytes,
  mix,
  mixBytes,
  reserveRows,
  reserveValues,
  type Shape,
  type Site,
  type Variant,
  view,
} from './rows.js';
import { inverses, type SelfKernels } from './whitening.js';

/** Rows as captured, whitened (for k^C) or divided by K(x,x) (for k^N). */
export type Kind = 'raw' | 'white' | 'divided';

export interface BlockSource extends Shape {
  readonly site: Site;
  /** Inputs in the set. */
  readonly size: number;
  /** Kernel memory that one input takes while its rows are brought in; 0 where they lie there. */
  readonly inputBytes: number;
  /** Kernel memory that is taken beside them meanwhile. */
  readonly loadBytes: number;
  /** The rows of inputs `first` (a multiple of 16) to before `last`; the caller releases what that takes. */
  rows(kind: Kind, first: number, last: number): Work<Variant>;
}

export interface RowSource extends BlockSource {
  readonly self: SelfKernels;
  /** Makes a kind that will stay in memory: call it before a phase that is released. */
  prepare(kind: Kind): void;
  /** The rows of some inputs, packed as a set of their own; the caller releases them. */
  few(kind: Kind, inputs: ArrayLike<number>): Work<Variant>;
}

/** All rows in kernel memory. */
export class HeldRows implements RowSource {
  readonly terms: Shape['terms'];
  readonly outputs: number;
  readonly site: Site;
  readonly size: number;
  readonly self: SelfKernels;
  readonly inputBytes = 0;
  readonly loadBytes = 0;
  readonly #raw: Variant;
  #white: Variant | undefined;

  constructor(raw: Variant, self: SelfKernels) {
    this.terms = raw.terms;
    this.outputs = raw.outputs;
    this.site = raw.site;
    this.size = raw.size;
    this.self = self;
    this.#raw = raw;
  }

  prepare(kind: Kind): void {
    if (kind === 'white') this.#white ??= this.#whitened();
  }

  *rows(kind: Kind, first: number, last: number): Work<Variant> {
    if (kind !== 'divided') return view(this.#lasting(kind), first, last);
    const raw = view(this.#raw, first, last);
    const divided = reserveValues(raw);
    mix(raw, matricesOf(this.self, 'divided', this.outputs, first, last), divided);
    return divided;
  }

  *few(kind: Kind, inputs: ArrayLike<number>): Work<Variant> {
    const rows = gathered(kind === 'divided' ? this.#raw : this.#lasting(kind), inputs);
    if (kind === 'divided') mix(rows, gatheredMatrices(this.self, kind, this.outputs, inputs), rows);
    return rows;
  }

  #lasting(kind: 'raw' | 'white'): Variant {
    if (kind === 'raw') return this.#raw;
    // Made now, they could lie in memory that a phase gives back while they are still pointed to.
    if (!this.#white) throw new Error('Whitened rows are used that were not prepared.');
    return this.#white;
  }

  #whitened(): Variant {
    const { arena } = this.site;
    const mark = arena.mark();
    try {
      const white = reserveValues(this.#raw);
      mix(this.#raw, this.self.inverseRoots, white);
      return white;
    } catch (error) {
      arena.release(mark);
      throw error;
    }
  }
}

/** Captures rows again. */
export interface Loader {
  /** Kernel memory that is taken meanwhile. */
  readonly bytes: number;
  /** Fills the rows of the run that they stand for. */
  range(rows: Variant): Work<void>;
  /** Fills `rows` with those of some inputs of the set. */
  some(rows: Variant, inputs: ArrayLike<number>): Work<void>;
}

/** Rows that are captured whenever they are needed. */
export class StreamedRows implements RowSource {
  readonly terms: Shape['terms'];
  readonly outputs: number;
  readonly site: Site;
  readonly size: number;
  readonly self: SelfKernels;
  readonly inputBytes: number;
  readonly loadBytes: number;
  readonly #loader: Loader;

  constructor(site: Site, shape: Shape, size: number, self: SelfKernels, loader: Loader) {
    this.terms = shape.terms;
    this.outputs = shape.outputs;
    this.site = site;
    this.size = size;
    this.self = self;
    const { activities, values } = inputBytes(shape);
    this.inputBytes = activities + values;
    this.loadBytes = loader.bytes + mixBytes(shape);
    this.#loader = loader;
  }

  prepare(): void {}

  *rows(kind: Kind, first: number, last: number): Work<Variant> {
    const rows = reserveRows(this.site, this, first, last - first);
    yield* this.#loader.range(rows);
    if (kind !== 'raw') mix(rows, matricesOf(this.self, kind, this.outputs, first, last), rows);
    return rows;
  }

  *few(kind: Kind, inputs: ArrayLike<number>): Work<Variant> {
    const rows = reserveRows(this.site, this, 0, inputs.length);
    yield* this.#loader.some(rows, inputs);
    if (kind !== 'raw') mix(rows, gatheredMatrices(this.self, kind, this.outputs, inputs), rows);
    return rows;
  }
}

/** Some inputs of a set as a set of their own. */
export class Few implements BlockSource {
  readonly terms: Shape['terms'];
  readonly outputs: number;
  readonly site: Site;
  readonly size: number;
  readonly inputBytes: number;
  readonly loadBytes: number;
  readonly #source: RowSource;
  readonly #chosen: Int32Array;

  constructor(source: RowSource, chosen: Int32Array) {
    this.terms = source.terms;
    this.outputs = source.outputs;
    this.site = source.site;
    this.size = chosen.length;
    const { activities, values } = inputBytes(source);
    this.inputBytes = activities + values;
    this.loadBytes = source.loadBytes;
    this.#source = source;
    this.#chosen = chosen;
  }

  *rows(kind: Kind, first: number, last: number): Work<Variant> {
    const rows = yield* this.#source.few(kind, this.#chosen.subarray(first, last));
    return { ...rows, first };
  }
}

/** What makes a kind from raw rows, n × d × d. */
function matricesOf(
  { inverseRoots }: SelfKernels,
  kind: 'white' | 'divided',
  d: number,
  first: number,
  last: number,
): Float64Array {
  const roots = inverseRoots.subarray(first * d * d, last * d * d);
  return kind === 'white' ? roots : inverses(roots, d);
}

function gatheredMatrices(
  self: SelfKernels,
  kind: 'white' | 'divided',
  d: number,
  inputs: ArrayLike<number>,
): Float64Array {
  const result = new Float64Array(inputs.length * d * d);
  for (let row = 0; row < inputs.length; row++) {
    result.set(matricesOf(self, kind, d, inputs[row], inputs[row] + 1), row * d * d);
  }
  return result;
}
