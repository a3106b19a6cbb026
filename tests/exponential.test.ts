import fc from 'fast-check';
import { expect, test } from 'vitest';
import { exponential } from '../src/exponential.js';

test('the exponential of 0 is 1, of -1 the inverse of e', () => {
  expect(exponential(0)).toBe(1);
  expect(exponential(-0)).toBe(1);
  expect(exponential(-1)).toBeCloseTo(1 / Math.E, 15);
});

test('it is that of the engine to within 2 units in the last place', () => {
  fc.assert(
    fc.property(fc.double({ min: -700, max: 0, noNaN: true }), (x) => {
      const expected = Math.exp(x);
      expect(Math.abs(exponential(x) - expected)).toBeLessThanOrEqual(2 * 2 ** -52 * expected);
    }),
    { numRuns: 20_000 },
  );
});

test('it ends where there is nothing left, and refuses to guess', () => {
  expect(exponential(-700.1)).toBe(0);
  expect(exponential(-Infinity)).toBe(0);
  expect(exponential(NaN)).toBeNaN();
  expect(exponential(1)).toBeNaN();
});
