/** What measures are asked with, checked before anything is computed; each refusal is of code 'usage'. */
import { refuse } from '../errors.js';
import type { DensityKind } from '../similarity/density.js';

/** @param size inputs of the set */
export function assertInputs(indices: readonly number[], size: number): void {
  for (const index of indices) {
    if (Number.isInteger(index) && index >= 0 && index < size) continue;
    refuse('usage', `Input ${index} does not exist: the set has inputs 0 to ${size - 1}.`);
  }
}

/** @param most Infinity: any whole number above 0 */
export function assertCount(count: number, most: number, reason: string): void {
  if (Number.isInteger(count) && count >= 1 && count <= most) return;
  const range = most === Infinity ? 'a whole number above 0' : `a whole number from 1 to ${most}`;
  refuse(
    'usage',
    `${typeof count === 'object' ? JSON.stringify(count) : count} is not ${range} (${reason}).`,
  );
}

/** @param possible the kernels that the measure knows */
export function assertKernel(kernel: string, possible: readonly string[]): void {
  if (possible.includes(kernel)) return;
  refuse('usage', `There is no kernel '${kernel}' here: choose ${possible.join(', ')}.`);
}

export function assertKind(kind: DensityKind): void {
  if (kind === 'soft') return;
  if (typeof kind !== 'object' || kind === null || Object.keys(kind).length !== 1) {
    refuse('usage', "A density is 'soft', { hard: threshold } or { power: exponent }.");
  }
  if ('hard' in kind) {
    if (Number.isFinite(kind.hard)) return;
    refuse('usage', `The threshold is ${kind.hard}; give a number, usually in [-1, 1].`);
  }
  if ('power' in kind) {
    if (kind.power > 0 && Number.isFinite(kind.power)) return;
    refuse('usage', `The power is ${kind.power}; give a number above 0.`);
  }
  refuse(
    'usage',
    `There is no density ${JSON.stringify(kind)}: choose 'soft', { hard: threshold } or { power: exponent }.`,
  );
}
