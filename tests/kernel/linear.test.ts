import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { LANES } from '../../src/kernel/kernel.js';
import { distance, fixture, noise, randomDoubles, randomFloats } from './fixture.js';

const { arena, fast, plain } = fixture();
const start = arena.mark();

function trial<T>(body: () => T): T {
  try {
    return body();
  } finally {
    arena.release(start);
  }
}

const lengths = fc.oneof(
  fc.constantFrom(1, 2, 3, 4, 5, 15, 16, 17, 63, 64, 65, 128, 129),
  fc.integer({ min: 0, max: 140 }),
);
const seeds = fc.integer();

describe('addOuterSum', () => {
  it('sums a bᵀ over the first lanes only', () =>
    trial(() => {
      const a = arena.allocate(64);
      const b = arena.allocate(128);
      arena.floats(a, 16).set(Array.from({ length: 16 }, (_, lane) => (lane < 5 ? lane : Number.NaN)));
      arena.floats(b, 32).fill(1, 0, 16);
      arena.floats(b, 32).fill(2, 16, 32);
      for (const kernel of [fast, plain]) {
        const sum = arena.allocate(16, true);
        kernel.addOuterSum(a, 1, b, 2, 5, sum);
        kernel.addOuterSum(a, 1, b, 2, 2, sum);
        expect([...arena.doubles(sum, 2)]).toEqual([11, 22]);
      }
    }));

  it('agrees with its twin for any lengths', () => {
    fc.assert(
      fc.property(lengths, lengths, fc.integer({ min: 0, max: 16 }), seeds, (aLength, bLength, lanes, seed) =>
        trial(() => {
          const next = noise(seed);
          const a = randomFloats(arena, aLength * LANES, next);
          const b = randomFloats(arena, bLength * LANES, next);
          const [sum, twin] = [fast, plain].map((kernel) => {
            const target = randomDoubles(arena, aLength * bLength, noise(1));
            kernel.addOuterSum(a, aLength, b, bLength, lanes, target);
            return arena.doubles(target, aLength * bLength).slice();
          });
          expect(distance(sum!, twin!)).toBeLessThan(3e-6);
        }),
      ),
      { numRuns: 50 },
    );
  });
});

describe('outerSumDots', () => {
  it('agrees with its twin for any lengths', () => {
    fc.assert(
      fc.property(lengths, lengths, seeds, (aLength, bLength, seed) =>
        trial(() => {
          const next = noise(seed);
          const a = randomFloats(arena, aLength * LANES, next);
          const b = randomFloats(arena, bLength * LANES, next);
          const sum = randomDoubles(arena, aLength * bLength, next);
          const [out, twin] = [fast, plain].map((kernel) => {
            const target = randomDoubles(arena, LANES, noise(1));
            kernel.outerSumDots(a, aLength, b, bLength, sum, target);
            return arena.doubles(target, LANES).slice();
          });
          expect(distance(out!, twin!)).toBeLessThan(1e-6 * (1 + Math.sqrt(aLength * bLength)));
        }),
      ),
      { numRuns: 50 },
    );
  });

  it('keeps the density of 3000 inputs within 1e-6 of float64', () =>
    trial(() => {
      const [aLength, bLength, panels] = [65, 70, 188];
      const next = noise(3);
      const shared = Float32Array.from({ length: aLength + bLength }, next);
      const draw = (first: number, length: number) => {
        const panel = arena.allocate(length * LANES * 4);
        const view = arena.floats(panel, length * LANES);
        for (let at = 0; at < view.length; at++) view[at] = shared[first + Math.floor(at / LANES)]! + next();
        return panel;
      };
      const layers = Array.from(
        { length: panels },
        () => [draw(0, aLength), draw(aLength, bLength)] as const,
      );
      const [density, twin] = [fast, plain].map((kernel) => {
        const sum = arena.allocate(aLength * bLength * 8, true);
        layers.forEach(([a, b], at) => {
          kernel.addOuterSum(a, aLength, b, bLength, Math.min(LANES, 3000 - at * LANES), sum);
        });
        return layers.flatMap(([a, b]) => {
          const out = arena.allocate(128, true);
          kernel.outerSumDots(a, aLength, b, bLength, sum, out);
          return [...arena.doubles(out, LANES)];
        });
      });
      const worst = density!.map((value, at) => Math.abs(value / twin![at]! - 1));
      expect(Math.max(...worst)).toBeLessThan(1e-6);
    }));
});

describe('addRowSum and rowSumDots', () => {
  it('agree with their twins to float64 accuracy', () => {
    fc.assert(
      fc.property(lengths, seeds, (length, seed) =>
        trial(() => {
          const next = noise(seed);
          const row = randomFloats(arena, length * LANES, next);
          const [results, twins] = [fast, plain].map((kernel) => {
            const sum = randomDoubles(arena, length, noise(1));
            const out = randomDoubles(arena, LANES, noise(2));
            kernel.addRowSum(row, length, sum);
            kernel.rowSumDots(row, length, sum, out);
            return [...arena.doubles(sum, length), ...arena.doubles(out, LANES)];
          });
          expect(distance(results!, twins!)).toBeLessThan(1e-12);
        }),
      ),
      { numRuns: 50 },
    );
  });

  it('are Σ over inputs and its product with each input', () =>
    trial(() => {
      const row = arena.allocate(64, true);
      arena.floats(row, 16).set([1, 2, 3]);
      const sum = arena.allocate(8, true);
      const out = arena.allocate(128, true);
      fast.addRowSum(row, 1, sum);
      fast.rowSumDots(row, 1, sum, out);
      expect(arena.doubles(sum, 1)[0]).toBe(6);
      expect([...arena.doubles(out, 4)]).toEqual([6, 12, 18, 0]);
    }));
});
