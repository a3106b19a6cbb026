/** The k inputs most similar to each input: bounded top-k over the strips of a sweep. */

import { STRIP } from './blockwise.js';
import type { Site } from './rows.js';
import type { Strip } from './strips.js';

export interface Neighbours {
  /** How many stand in each row. */
  readonly count: number;
  /** n × count, best first; ties by smaller index. */
  readonly indices: Int32Array;
  /** n × count, in the kernel's range ([-1, 1] for correlation). */
  readonly similarities: Float32Array;
}

/**
 * Row `at` of `others`, its input put in before its equals; the best k of it.
 * @param own the input's similarity to itself
 */
export function withItself(
  { count, indices, similarities }: Neighbours,
  at: number,
  input: number,
  own: number,
  k: number,
): Neighbours {
  const row = Array.from(similarities.subarray(at * count, (at + 1) * count));
  const inputs = Array.from(indices.subarray(at * count, (at + 1) * count));
  const place = row.filter((similarity) => similarity > own).length;
  inputs.splice(place, 0, input);
  row.splice(place, 0, own);
  return {
    count: k,
    indices: Int32Array.from(inputs.slice(0, k)),
    similarities: Float32Array.from(row.slice(0, k)),
  };
}

/** Rows of k, one below the other. */
export function joined(rows: readonly Neighbours[], k: number): Neighbours {
  const indices = new Int32Array(rows.length * k);
  const similarities = new Float32Array(rows.length * k);
  for (const [i, row] of rows.entries()) {
    indices.set(row.indices, i * k);
    similarities.set(row.similarities, i * k);
  }
  return { count: k, indices, similarities };
}

/** Keeps the best `count` columns of every row; `leaveOutSelf` drops the input itself. */
export class TopKeeper {
  readonly #site: Site;
  readonly #first: number;
  readonly #height: number;
  readonly #count: number;
  readonly #leaveOutSelf: boolean;
  readonly #values: number;
  readonly #indices: number;
  readonly #counts: number;

  /**
   * Reserves memory in the arena of the site; the caller releases it.
   * @param first the first row that is kept, `height` rows from there on
   */
  constructor(site: Site, first: number, height: number, count: number, leaveOutSelf: boolean) {
    this.#site = site;
    this.#first = first;
    this.#height = height;
    this.#count = count;
    this.#leaveOutSelf = leaveOutSelf;
    this.#values = site.arena.allocate(height * count * 4, true);
    this.#indices = site.arena.allocate(height * count * 4, true);
    this.#counts = site.arena.allocate(height * 4, true);
  }

  absorb(strip: Strip): void {
    if (this.#count === 0) return; // a single input has no others
    const row = strip.row - this.#first;
    const offset = row * this.#count * 4;
    this.#site.kernel.keepTop(
      strip.values,
      strip.rows,
      strip.columns,
      STRIP,
      strip.column,
      this.#count,
      this.#values + offset,
      this.#indices + offset,
      this.#counts + row * 4,
      this.#leaveOutSelf ? strip.row : -1,
    );
  }

  get wanted(): number {
    return this.#count;
  }

  /** What a value has to reach now to be kept, for each row from `first` on; it never falls. */
  limits(first: number, target: Float64Array): void {
    const { arena } = this.#site;
    const start = first - this.#first;
    const count = this.#count;
    const counts = arena.integers(this.#counts + start * 4, target.length);
    const values = arena.floats(this.#values + start * count * 4, target.length * count);
    for (let row = 0; row < target.length; row++) {
      const least = counts[row] < count ? -Infinity : values[(row + 1) * count - 1];
      // Values below -1 are cut off to -1 later, and reach it.
      target[row] = least > -1 ? least : -Infinity;
    }
  }

  result(): Neighbours {
    const { arena } = this.#site;
    const length = this.#height * this.#count;
    return {
      count: this.#count,
      indices: arena.integers(this.#indices, length).slice(),
      similarities: arena.floats(this.#values, length).slice(),
    };
  }
}
