import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { type Kernel, LANES } from '../../src/kernel/kernel.js';
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

const shapes = fc.record({
  rows: fc.integer({ min: 0, max: 5 }),
  columns: fc.oneof(fc.constantFrom(1, 2, 15, 16, 17, 255, 256, 257), fc.integer({ min: 0, max: 70 })),
  gap: fc.nat(3),
  seed: fc.integer(),
});
type Shape = { rows: number; columns: number; gap: number; seed: number };

/** Runs one reduction on both kernels; the running values start as noise. */
function reduce(
  { rows, columns, gap, seed }: Shape,
  run: (kernel: Kernel, block: number, stride: number, target: number) => void,
): [Float64Array, Float64Array] {
  const block = randomFloats(arena, rows * (columns + gap), noise(seed));
  const results = [fast, plain].map((kernel) => {
    const target = randomDoubles(arena, rows, noise(1));
    run(kernel, block, columns + gap, target);
    return arena.doubles(target, rows).slice();
  });
  return [results[0]!, results[1]!];
}

/** One row of numbers through one reduction. */
function one(values: readonly number[], run: (block: number, target: number) => void): number {
  return trial(() => {
    const block = arena.allocate(values.length * 4);
    arena.floats(block, values.length).set(values);
    const target = arena.allocate(8, true);
    run(block, target);
    return arena.doubles(target, 1)[0]!;
  });
}

describe('addRowSums', () => {
  it('agrees with its twin for any block', () => {
    fc.assert(
      fc.property(shapes, (shape) =>
        trial(() => {
          const [sums, twins] = reduce(shape, (kernel, block, stride, target) =>
            kernel.addRowSums(block, shape.rows, shape.columns, stride, target),
          );
          expect(distance(sums, twins)).toBeLessThan(1e-12);
        }),
      ),
    );
  });
});

describe('countAtLeast', () => {
  it('agrees with its twin for any block', () => {
    fc.assert(
      fc.property(shapes, fc.double({ min: -1, max: 1, noNaN: true }), (shape, threshold) =>
        trial(() => {
          const [counts, twins] = reduce(shape, (kernel, block, stride, target) =>
            kernel.countAtLeast(block, shape.rows, shape.columns, stride, threshold, target),
          );
          expect(counts).toEqual(twins);
        }),
      ),
    );
  });

  it('compares in float64: 0.1 as float32 is above 0.1, 0.3 is too, 0.7 is below', () => {
    for (const threshold of [0.1, 0.3, 0.7, -0.1, -0.7, 1e-50, -1e-50, 1e300, -1e300, 0]) {
      const value = Math.fround(threshold);
      const count = one([value], (block, target) => fast.countAtLeast(block, 1, 1, 1, threshold, target));
      expect(count, String(threshold)).toBe(value >= threshold ? 1 : 0);
    }
  });

  it('never counts NaN, and counts nothing at a threshold that is NaN', () => {
    const values = [Number.NaN, 1, Number.NaN, Number.NaN, Number.NaN];
    expect(one(values, (block, target) => fast.countAtLeast(block, 1, 5, 5, -1, target))).toBe(1);
    expect(one(values, (block, target) => fast.countAtLeast(block, 1, 5, 5, Number.NaN, target))).toBe(0);
  });
});

describe('addPowerSums', () => {
  const exponents = fc.oneof(
    fc.constantFrom(1, 2, 3, 4, 16, 64, 65, 0.5, 2.5),
    fc.double({ min: 0.01, max: 200, noNaN: true }),
  );

  it('agrees with its twin within 1e-12 for any block and exponent', () => {
    fc.assert(
      fc.property(shapes, exponents, (shape, exponent) =>
        trial(() => {
          const block = randomFloats(arena, shape.rows * (shape.columns + shape.gap), noise(shape.seed));
          const [sums, twins] = [fast, plain].map((kernel) => {
            const target = arena.allocate(shape.rows * 8, true);
            kernel.addPowerSums(
              block,
              shape.rows,
              shape.columns,
              shape.columns + shape.gap,
              exponent,
              target,
            );
            return [...arena.doubles(target, shape.rows)];
          });
          twins!.forEach((twin, r) => {
            expect(Math.abs(sums![r]! - twin)).toBeLessThanOrEqual(1e-12 * twin + 1e-290);
          });
        }),
      ),
    );
  });

  it('holds 1e-12 for single values over the whole range of float32', () => {
    fc.assert(
      fc.property(
        fc.float({ min: Math.fround(1e-44), max: Math.fround(3e38), noNaN: true }),
        exponents,
        (value, exponent) => {
          const exact = value ** exponent;
          const power = one([value], (block, target) => fast.addPowerSums(block, 1, 1, 1, exponent, target));
          if (exact === Number.POSITIVE_INFINITY || exact < 1e-300) return;
          expect(Math.abs(power / exact - 1)).toBeLessThan(1e-12);
        },
      ),
      { numRuns: 500 },
    );
  });

  it('leaves out what is not positive', () => {
    const values = [-1, 0, -0, 0.5, Number.NaN, -2, 0.25];
    const root = one(values, (block, target) => fast.addPowerSums(block, 1, 7, 7, 0.5, target));
    const square = one(values, (block, target) => fast.addPowerSums(block, 1, 7, 7, 2, target));
    expect(root).toBeCloseTo(Math.SQRT1_2 + 0.5, 14);
    expect(square).toBe(0.3125);
  });

  it('ends at zero and at infinity instead of wrapping around', () => {
    const power = (value: number, exponent: number) =>
      one([value], (block, target) => fast.addPowerSums(block, 1, 1, 1, exponent, target));
    expect(power(1e-30, 100.5)).toBe(0);
    expect(power(1e30, 100.5)).toBe(Number.POSITIVE_INFINITY);
    expect(power(1, 0.3)).toBe(1);
    expect(power(2 ** -100, 10.21) / (2 ** -100) ** 10.21).toBeCloseTo(1, 12);
  });
});

interface Best {
  values: number[];
  indices: number[];
}

/** Feeds strips of a matrix to keepTop, in the order given. */
function top(
  kernel: Kernel,
  matrix: readonly (readonly number[])[],
  k: number,
  strips: readonly (readonly [number, number])[],
  ownFirst: number,
): Best[] {
  return trial(() => {
    const rows = matrix.length;
    const width = matrix[0]?.length ?? 0;
    const block = arena.allocate(rows * width * 4);
    arena.floats(block, rows * width).set(matrix.flat());
    const values = arena.allocate(rows * k * 4);
    const indices = arena.allocate(rows * k * 4);
    const counts = arena.allocate(rows * 4, true);
    for (const [from, to] of strips) {
      kernel.keepTop(block + from * 4, rows, to - from, width, from, k, values, indices, counts, ownFirst);
    }
    return matrix.map((_, r) => {
      const count = arena.integers(counts, rows)[r]!;
      return {
        values: [...arena.floats(values + r * k * 4, count)],
        indices: [...arena.integers(indices + r * k * 4, count)],
      };
    });
  });
}

describe('keepTop', () => {
  it('keeps the largest, ties by smaller index', () => {
    const row = [3, 5, 1, 5, 4, 3];
    expect(top(fast, [row], 4, [[0, 6]], -1)).toEqual([{ values: [5, 5, 4, 3], indices: [1, 3, 4, 0] }]);
  });

  it('leaves out the own index and NaN, and may stay short of k', () => {
    const matrix = [
      [9, 2, Number.NaN],
      [4, 9, 6],
    ];
    expect(top(fast, matrix, 5, [[0, 3]], 0)).toEqual([
      { values: [2], indices: [1] },
      { values: [6, 4], indices: [2, 0] },
    ]);
  });

  it('gives the sorted list whatever the strips and their order', () => {
    const trials = fc.record({
      // Few distinct values, so that ties are the rule.
      matrix: fc.integer({ min: 1, max: 60 }).chain((width) =>
        fc.array(fc.array(fc.integer({ min: -3, max: 3 }), { minLength: width, maxLength: width }), {
          minLength: 1,
          maxLength: 3,
        }),
      ),
      k: fc.integer({ min: 1, max: 20 }),
      cuts: fc.array(fc.nat(60), { maxLength: 5 }),
      order: fc.infiniteStream(fc.nat(1000)),
      ownFirst: fc.integer({ min: -1, max: 10 }),
    });
    fc.assert(
      fc.property(trials, ({ matrix, k, cuts, order, ownFirst }) => {
        const width = matrix[0]!.length;
        const edges = [0, ...cuts.map((cut) => Math.min(cut, width)).sort((x, y) => x - y), width];
        const strips = edges
          .slice(1)
          .map((to, at) => ({ strip: [edges[at]!, to] as const, key: order.next().value as number }))
          .sort((x, y) => x.key - y.key)
          .map(({ strip }) => strip);
        const expected = matrix.map((row, r) => {
          const ranked = row
            .map((value, index) => ({ value, index }))
            .filter(({ index }) => ownFirst < 0 || index !== ownFirst + r)
            .sort((x, y) => y.value - x.value || x.index - y.index)
            .slice(0, k);
          return { values: ranked.map(({ value }) => value), indices: ranked.map(({ index }) => index) };
        });
        expect(top(fast, matrix, k, strips, ownFirst)).toEqual(expected);
        expect(top(plain, matrix, k, strips, ownFirst)).toEqual(expected);
      }),
      { numRuns: 200 },
    );
  });

  it('agrees with its twin on long rows', () => {
    const next = noise(9);
    const matrix = Array.from({ length: 3 }, () => Array.from({ length: 1003 }, () => Math.fround(next())));
    const strips = [
      [700, 1003],
      [0, 257],
      [257, 700],
    ] as const;
    expect(top(fast, matrix, 10, strips, 300)).toEqual(top(plain, matrix, 10, strips, 300));
  });
});

describe('addBlockMoments', () => {
  function moments(kernel: Kernel, d: number, sets: number, seed: number): number[] {
    return trial(() => {
      const next = noise(seed);
      const tiles = randomDoubles(arena, d * d * 256, next);
      const labels = randomDoubles(arena, sets * LANES * d, next);
      const sizes = [LANES * d * d, LANES * d * d, LANES * sets * d];
      const [sum, square, weighted] = sizes.map((size) => randomDoubles(arena, size, next));
      kernel.addBlockMoments(tiles, d, labels, sets, sum!, square!, weighted!);
      return [sum!, square!, weighted!].flatMap((pointer, at) => [...arena.doubles(pointer, sizes[at]!)]);
    });
  }

  it('agrees with its twin for any number of outputs and label sets', () => {
    fc.assert(
      fc.property(fc.integer({ min: 1, max: 5 }), fc.nat(3), fc.integer(), (d, sets, seed) => {
        expect(distance(moments(fast, d, sets, seed), moments(plain, d, sets, seed))).toBeLessThan(
          1e-12 * 16 * d,
        );
      }),
      { numRuns: 60 },
    );
  });

  it('squares a block as K Kᵀ and weighs labels with K', () =>
    trial(() => {
      // Left input 2, right input 0: K = [[1, 2], [3, 4]], label (5, 7).
      const tiles = arena.allocate(4 * 256 * 8, true);
      [1, 2, 3, 4].forEach((value, at) => {
        arena.doubles(tiles, 1024)[at * 256 + 2 * 16] = value;
      });
      const labels = arena.allocate(16 * 2 * 8, true);
      arena.doubles(labels, 32)[0] = 5;
      arena.doubles(labels, 32)[16] = 7;
      const [sum, square, weighted] = [64, 64, 32].map((size) => arena.allocate(size * 8, true));
      fast.addBlockMoments(tiles, 2, labels, 1, sum!, square!, weighted!);
      expect([...arena.doubles(sum!, 64).slice(8, 12)]).toEqual([1, 2, 3, 4]);
      expect([...arena.doubles(square!, 64).slice(8, 12)]).toEqual([5, 11, 11, 25]);
      expect([...arena.doubles(weighted!, 32).slice(4, 6)]).toEqual([19, 43]);
    }));
});

describe.each([fast, plain])('tiles of blocks, kernel %#', (kernel) => {
  it('are multiplied entry by entry and added', () =>
    trial(() => {
      const [left, right, target] = [1, 2, 3].map((seed) => randomDoubles(arena, 256, noise(seed)));
      const [a, b, before] = [left!, right!, target!].map((pointer) => arena.doubles(pointer, 256).slice());
      kernel.addTileProduct(left!, right!, target!);
      expect([...arena.doubles(target!, 256)]).toEqual(
        [...before!].map((sum, at) => sum + a![at]! * b![at]!),
      );
    }));

  it('are turned over, outputs and inputs', () =>
    trial(() => {
      const tiles = randomDoubles(arena, 9 * 256, noise(4));
      const turned = arena.allocate(9 * 2048);
      kernel.transposeBlocks(tiles, 3, turned);
      const [from, to] = [arena.doubles(tiles, 9 * 256), arena.doubles(turned, 9 * 256)];
      for (let c = 0; c < 3; c++) {
        for (let e = 0; e < 3; e++) {
          for (let i = 0; i < 16; i++) {
            for (let j = 0; j < 16; j++) {
              expect(to[((e * 3 + c) * 16 + j) * 16 + i]).toBe(from[((c * 3 + e) * 16 + i) * 16 + j]);
            }
          }
        }
      }
    }));
});
