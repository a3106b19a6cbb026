import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { LANES } from '../../src/kernel/kernel.js';
import { distance, fixture, noise, randomFloats } from './fixture.js';

const { arena, fast, plain } = fixture();
const start = arena.mark();

function trial<T>(body: () => T): T {
  try {
    return body();
  } finally {
    arena.release(start);
  }
}

const seeds = fc.integer();

describe('transformLanes', () => {
  it('adds and subtracts every signed element, lane by lane', () =>
    trial(() => {
      const panel = randomFloats(arena, 4 * LANES, () => Number.NaN);
      arena.floats(panel, 3 * LANES).fill(0);
      for (const [k, value] of [1, 20, 300].entries()) arena.floats(panel, 48)[k * LANES + 7] = value;
      const signs = arena.allocate(12);
      arena.floats(signs, 3).set([1, -1, 1]);
      fast.transformLanes(panel, 3, 4, signs);
      const lane = (n: number) => [0, 1, 2, 3].map((k) => arena.floats(panel, 64)[k * LANES + n]);
      // Rows of the Hadamard matrix: ++++, +-+-, ++--, +--+.
      expect(lane(7)).toEqual([1 - 20 + 300, 1 + 20 + 300, 1 - 20 - 300, 1 + 20 - 300]);
      expect(lane(6)).toEqual([0, 0, 0, 0]);
    }));

  it('agrees with its twin for any length', () => {
    fc.assert(
      fc.property(
        fc.integer({ min: 0, max: 11 }),
        fc.double({ min: 0, max: 1, noNaN: true }),
        seeds,
        (log, share, seed) =>
          trial(() => {
            const size = 2 ** log;
            const length = Math.ceil(size * share);
            const signs = randomFloats(arena, length, noise(seed + 1));
            const [found, twin] = [fast, plain].map((kernel) => {
              const panel = randomFloats(arena, size * LANES, noise(seed));
              kernel.transformLanes(panel, length, size, signs);
              return arena.floats(panel, size * LANES).slice();
            });
            expect(distance(found!, twin!)).toBeLessThan(1e-6 * Math.sqrt(size));
          }),
      ),
      { numRuns: 60 },
    );
  });
});

describe('addSampledProducts', () => {
  it('agrees with its twin for any places', () => {
    fc.assert(
      fc.property(
        fc.array(fc.tuple(fc.integer({ min: 0, max: 6 }), fc.integer({ min: 0, max: 8 })), { maxLength: 40 }),
        seeds,
        (pairs, seed) =>
          trial(() => {
            const a = randomFloats(arena, 7 * LANES, noise(seed));
            const b = randomFloats(arena, 9 * LANES, noise(seed + 1));
            const places = arena.allocate(pairs.length * 8);
            arena.integers(places, 2 * pairs.length).set(pairs.flat());
            const [found, twin] = [fast, plain].map((kernel) => {
              const target = randomFloats(arena, pairs.length * LANES, noise(seed + 2));
              kernel.addSampledProducts(a, b, places, pairs.length, target);
              return arena.floats(target, pairs.length * LANES).slice();
            });
            expect(distance(found!, twin!)).toBeLessThan(3e-7);
          }),
      ),
      { numRuns: 60 },
    );
  });
});
