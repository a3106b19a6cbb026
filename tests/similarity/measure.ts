/** Compares results with exact ones, and keeps the largest error of each quantity: `NETKIN_ERRORS=1` prints them. */
import { expect } from 'vitest';

const largest = new Map<string, { error: number; limit: number; where: string }>();

/** Largest |found − wanted| over two lists of equal length; NaN differs from everything. */
export function distance(found: ArrayLike<number>, wanted: ArrayLike<number>): number {
  expect(found.length).toBe(wanted.length);
  let worst = 0;
  for (let i = 0; i < found.length; i++) {
    const error = Math.abs(found[i] - wanted[i]);
    if (!(error <= worst)) worst = Number.isNaN(error) ? Infinity : error;
  }
  return worst;
}

/** Largest |found − wanted| / |wanted|. */
export function relative(found: ArrayLike<number>, wanted: ArrayLike<number>): number {
  const one = Float64Array.from(found, (value, i) => value / wanted[i]);
  return distance(one, new Float64Array(wanted.length).fill(1));
}

export function magnitude(values: ArrayLike<number>): number {
  let most = 0;
  for (let i = 0; i < values.length; i++) most = Math.max(most, Math.abs(values[i]));
  return most;
}

/** Claims error < limit and remembers it. */
export function within(quantity: string, where: string, error: number, limit: number): void {
  const known = largest.get(quantity);
  if (!known || error > known.error) largest.set(quantity, { error, limit, where });
  expect(error, `${quantity} of ${where}`).toBeLessThan(limit);
}

export function printErrors(): void {
  if (!process.env.NETKIN_ERRORS) return;
  for (const [quantity, { error, limit, where }] of largest) {
    console.log(`${quantity}: ${error.toExponential(1)} (limit ${limit.toExponential(1)}) ${where}`);
  }
}
