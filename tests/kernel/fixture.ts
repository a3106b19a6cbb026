/**
 * What the kernel tests work on: the compiled kernels and their plain twin on one memory, and a
 * random number generator whose streams repeat.
 */
import { readFileSync } from 'node:fs';
import { Arena } from '../../src/kernel/arena.js';
import { type Kernel, wasmKernel } from '../../src/kernel/kernel.js';
import { plainKernel } from '../../src/kernel/plain.js';

export const binary = readFileSync(new URL('../../dist/kernel.wasm', import.meta.url));
export const module = new WebAssembly.Module(binary);

export interface Fixture {
  readonly arena: Arena;
  readonly fast: Kernel;
  readonly plain: Kernel;
}

export function fixture(): Fixture {
  const memory = new WebAssembly.Memory({ initial: 64 });
  return { arena: new Arena(memory), fast: wasmKernel(module, memory), plain: plainKernel(memory) };
}

/** Uniform numbers in [-1, 1), the same for the same seed (mulberry32). */
export function noise(seed: number): () => number {
  let state = seed | 0;
  return () => {
    state = (state + 0x6d2b79f5) | 0;
    let t = Math.imul(state ^ (state >>> 15), 1 | state);
    t = (t + Math.imul(t ^ (t >>> 7), 61 | t)) ^ t;
    return ((t ^ (t >>> 14)) >>> 0) / 2 ** 31 - 1;
  };
}

/** A pointer to `length` random float32 numbers. */
export function randomFloats(arena: Arena, length: number, next: () => number): number {
  const pointer = arena.allocate(length * 4);
  arena.floats(pointer, length).set(Float32Array.from({ length }, next));
  return pointer;
}

/** A pointer to `length` random float64 numbers. */
export function randomDoubles(arena: Arena, length: number, next: () => number): number {
  const pointer = arena.allocate(length * 8);
  arena.doubles(pointer, length).set(Float64Array.from({ length }, next));
  return pointer;
}

/** The largest |x - y| over two arrays of equal length. */
export function distance(x: ArrayLike<number>, y: ArrayLike<number>): number {
  if (x.length !== y.length) return Number.POSITIVE_INFINITY;
  let largest = 0;
  for (let i = 0; i < x.length; i++) {
    const gap = Math.abs(x[i]! - y[i]!);
    if (!(gap <= largest)) largest = gap;
  }
  return largest;
}
