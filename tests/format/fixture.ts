import { readFileSync } from 'node:fs';
import { expect } from 'vitest';
import { NetkinError } from '../../src/errors.js';

/** A file that fixtures/make.py made with NumPy or zlib. */
export function fixture(name: string): Uint8Array {
  return new Uint8Array(readFileSync(new URL(`fixtures/${name}`, import.meta.url)));
}

/** The message of the refusal; fails when `call` returns or throws anything else. */
export function refusal(call: () => unknown): string {
  let thrown: unknown;
  try {
    call();
  } catch (error) {
    thrown = error;
  }
  expect(thrown).toBeInstanceOf(NetkinError);
  const { code, message } = thrown as NetkinError;
  expect(code).toBe('input');
  expect(message).not.toContain('\n');
  return message;
}

/** A copy with some bytes replaced. */
export function patched(bytes: Uint8Array, offset: number, replacement: readonly number[]): Uint8Array {
  const copy = bytes.slice();
  copy.set(replacement, offset);
  return copy;
}
