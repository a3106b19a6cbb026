/**
 * Counter-based random numbers: a value depends on its seed and index only, so results cannot depend on batch
 * size, worker count or order of evaluation.
 */

/** A uniform number in [0, 1) from 32 mixed bits of (seed, index). Same bits in every JavaScript engine. */
export function uniform(seed: number, index: number): number {
  let state = (Math.imul(seed ^ 0x9e3779b9, 0x85ebca6b) ^ Math.imul(index + 1, 0xc2b2ae35)) >>> 0;
  state = Math.imul(state ^ (state >>> 16), 0x7feb352d);
  state = Math.imul(state ^ (state >>> 15), 0x846ca68b);
  return ((state ^ (state >>> 16)) >>> 0) / 2 ** 32;
}

/** A seed of its own for the thing that `path` names. */
export function stream(seed: number, ...path: number[]): number {
  return path.reduce((key, part) => Math.floor(uniform(key, part) * 2 ** 32), seed) | 0;
}
