/** What the bytes of `memory` are spent on, and when they are too few. */
import { refuse } from '../errors.js';
import type { Term } from '../plan.js';
import { precisions, termsAt } from '../precision.js';
import { STRIP } from '../similarity/blockwise.js';
import { inputBytes, mixBytes, type Shape } from '../similarity/rows.js';

export const DEFAULT_MEMORY = 2 ** 30;

/** What Node or a tab takes with tfjs, and each worker with its own (measured: VmHWM of long runs in Node). */
const RUNTIME = 240 * 2 ** 20;
const WORKER = 112 * 2 ** 20;
/** The share of the free kernel memory that lasting rows may take: other inputs are compared next to them. */
const HELD = 3 / 4;

/** A set of inputs, as far as memory is concerned. */
export interface Demand extends Shape {
  readonly terms: readonly Term[];
  readonly size: number;
  /** Bytes of the inputs themselves. */
  readonly inputBytes: number;
  readonly workers: number;
}

/** Bytes that the kernels may not have: the runtime, workers, inputs, K(x,x) and its root in float64. */
function otherBytes({ size, outputs, inputBytes: inputs, workers }: Demand): number {
  return RUNTIME + workers * WORKER + inputs + 2 * size * outputs ** 2 * 8;
}

/** Bytes of `memory` that are left for the kernels; at least half. */
export function kernelMemory(memory: number, demand: Demand): number {
  return Math.max(memory / 2, memory - otherBytes(demand));
}

/** Whether the rows of all inputs are held, with two more variants of their values, in so much free kernel memory. */
export function holds(shape: Shape, size: number, free: number): boolean {
  const { activities, values } = inputBytes(shape);
  return Math.ceil(size / 16) * 16 * (activities + 3 * values) <= free * HELD;
}

/**
 * Kernel memory without which nothing can be compared: two strips of rows, or two copies of a smaller set.
 * @param working bytes beside the rows
 */
function leastBytes(shape: Shape, size: number, working: number): number {
  const { activities, values } = inputBytes(shape);
  return 2 * Math.min(STRIP, Math.ceil(size / 16) * 16) * (activities + values) + mixBytes(shape) + working;
}

/** Whether `memory` is enough to compare the set at all. */
export function isEnough(demand: Demand, memory: number, working: number): boolean {
  return leastBytes(demand, demand.size, working) <= kernelMemory(memory, demand);
}

/** The largest power of two as precision with which it would be; null with none. */
export function precisionThatFits(demand: Demand, memory: number, working: number): number | null {
  const { terms, outputs } = demand;
  const fits = (m: number) => isEnough({ ...demand, terms: termsAt(terms, outputs, m) }, memory, working);
  return precisions(outputs).find(fits) ?? null;
}

/** Refuses before anything is captured what cannot fit, with what would. */
export function assertFits(demand: Demand, memory: number, working: number): void {
  if (isEnough(demand, memory, working)) return;
  const least = leastBytes(demand, demand.size, working);
  const needed = Math.min(2 * least, least + otherBytes(demand));
  const precision = precisionThatFits(demand, memory, working);
  const sketch = precision === null ? '' : `, or precision ${precision}`;
  refuse(
    'memory',
    `Comparing ${demand.size} inputs needs ${shown(needed)}, memory allows ${shown(memory)}. Use a larger memory, fewer outputs (output: 'contrast'), fewer parameters${sketch}.`,
  );
}

function shown(bytes: number): string {
  return bytes < 2 ** 20 ? `${Math.ceil(bytes / 2 ** 10)} KiB` : `${Math.ceil(bytes / 2 ** 20)} MiB`;
}
