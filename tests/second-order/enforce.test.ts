/** Similarity as a function of gradients, in plain float64; and the orbits that it is asked of. */
import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { inverseNorms, linearSimilarity, setSimilarity } from '../../src/similarity/enforce.js';
import { flip, noise as noisy, orbits, rotation, shift } from '../../src/similarity/orbits.js';
import { noise } from '../oracle/random.js';

const dot = (a: readonly number[], b: readonly number[]) =>
  a.reduce((sum, value, p) => sum + value * b[p], 0);

/** n gradients of p numbers, which share a direction to some degree. */
const gradients = fc
  .tuple(fc.integer({ min: 2, max: 12 }), fc.integer({ min: 2, max: 9 }), fc.integer())
  .map(([n, p, seed]) => {
    const next = noise(seed);
    const common = Array.from({ length: p }, next);
    return Array.from({ length: n }, () => common.map((value) => value + next()));
  });

const gramOf = (rows: readonly (readonly number[])[]) =>
  Float64Array.from(rows.flatMap((left) => rows.map((right) => dot(left, right))));

/** ‖mean ĝ‖². */
function lengthOfMean(rows: readonly (readonly number[])[]): number {
  const mean = rows[0].map((_, p) =>
    rows.reduce((sum, row) => sum + row[p] / Math.sqrt(dot(row, row)) / rows.length, 0),
  );
  return dot(mean, mean);
}

describe('a set of gradients', () => {
  it('D18: its squared mean direction is the mean of all k^C, own pairs included, pairwise and in linear time', () => {
    fc.assert(
      fc.property(gradients, (rows) => {
        const truth = lengthOfMean(rows);
        const pairwise = setSimilarity(gramOf(rows), 'all');
        const inverse = inverseNorms(Float64Array.from(rows, (row) => dot(row, row)));
        const sum = rows[0].map((_, p) => rows.reduce((total, row, i) => total + row[p] * inverse[i], 0));
        const linear = linearSimilarity(
          inverse,
          Float64Array.from(rows, (row) => dot(row, sum)),
        );
        expect(Math.abs(pairwise.value - truth)).toBeLessThan(1e-12);
        expect(Math.abs(linear.value - truth)).toBeLessThan(1e-12);
        const { left, right, own } = linear.mixing;
        pairwise.mixing.forEach((value, at) => {
          const [i, j] = [Math.floor(at / rows.length), at % rows.length];
          const other = left[i] * right[j] - (i === j ? own[i] : 0);
          expect(Math.abs(value - other)).toBeLessThan(1e-12 * Math.max(1, inverse[i] ** 2));
        });
      }),
    );
  });

  it('its mixing is the slope of the similarity', () => {
    fc.assert(
      fc.property(gradients, fc.constantFrom('all', 'distinct'), (rows, count) => {
        const { mixing } = setSimilarity(gramOf(rows), count as 'all' | 'distinct');
        rows.forEach((row, i) => {
          row.forEach((_, p) => {
            const at = (step: number) => {
              const moved = rows.map((other, j) =>
                j === i ? other.map((value, q) => (q === p ? value + step : value)) : other,
              );
              return setSimilarity(gramOf(moved), count as 'all' | 'distinct').value;
            };
            const h = 1e-4 * Math.sqrt(dot(row, row));
            const central = (width: number) => (at(width) - at(-width)) / (2 * width);
            const measured = (4 * central(h) - central(2 * h)) / 3;
            const claimed = rows.reduce((sum, other, j) => sum + mixing[i * rows.length + j] * other[p], 0);
            expect(Math.abs(measured - claimed)).toBeLessThan(1e-8 / Math.sqrt(dot(row, row)));
          });
        });
      }),
      { numRuns: 30 },
    );
  });

  it('a gradient of zero counts nowhere', () => {
    const { value, mixing } = setSimilarity(Float64Array.of(4, 0, 4, 0, 0, 0, 4, 0, 4), 'all');
    expect(value).toBeCloseTo(4 / 9, 14);
    expect([...mixing.slice(3, 6)]).toEqual([0, 0, 0].map((zero) => expect.closeTo(zero, 14)));
  });
});

describe('an orbit', () => {
  const image = { shape: [1, 2, 3, 1], data: Float32Array.of(1, 2, 3, 4, 5, 6) };

  it('holds every input and its copies, one set each', () => {
    const two = { shape: [2, 1, 2, 1], data: Float32Array.of(1, 2, 3, 4) };
    const { inputs, sets } = orbits(two, flip, 1, 0);
    expect(inputs.shape).toEqual([4, 1, 2, 1]);
    expect([...inputs.data]).toEqual([1, 2, 2, 1, 3, 4, 4, 3]);
    expect(sets).toEqual([
      [0, 1],
      [2, 3],
    ]);
  });

  it('of shifts repeats the edge, and holds every shift', () => {
    const { inputs } = orbits(image, shift(1), 60, 1);
    const found = new Set(Array.from({ length: 61 }, (_, i) => `${inputs.data.slice(6 * i, 6 * i + 6)}`));
    expect(found.size).toBe(9);
    expect(found).toContain('1,1,2,1,1,2');
  });

  it('of rotations keeps the middle, and the mean of a turned slope', () => {
    const slope = { shape: [1, 9, 9, 1], data: Float32Array.from({ length: 81 }, (_, i) => i % 9) };
    const { inputs } = orbits(slope, rotation(20), 5, 2);
    for (let copy = 1; copy < 6; copy++) {
      const turned = inputs.data.slice(81 * copy, 81 * copy + 81);
      expect(turned[40]).toBeCloseTo(4, 6);
      expect(turned.reduce((a, b) => a + b) / 81).toBeCloseTo(4, 5);
      expect(Math.abs(turned[44] - turned[36])).toBeGreaterThan(7);
    }
  });

  it('of noise has its deviation; a function of the caller is asked for each copy', () => {
    const flat = { shape: [1, 5000], data: new Float32Array(5000) };
    const { inputs } = orbits(flat, noisy(0.5), 1, 3);
    const square = inputs.data.slice(5000).reduce((sum, value) => sum + value * value, 0) / 5000;
    expect(Math.sqrt(square)).toBeCloseTo(0.5, 1);
    const own = orbits(image, (values, _, draw) => values.map((value) => value * draw()), 2, 4);
    expect(own.inputs.data.slice(6, 12)).not.toEqual(own.inputs.data.slice(12, 18));
    expect(orbits(image, noisy(1), 2, 4)).toEqual(orbits(image, noisy(1), 2, 4));
  });

  it('is refused where it has no meaning', () => {
    expect(() => orbits(image, flip, 0, 0)).toThrow(/at least 1 copy/);
    expect(() => orbits(image, () => new Float32Array(3), 1, 0)).toThrow(
      /returned 3 values for an input of 6/,
    );
    expect(() => orbits({ shape: [1, 6], data: image.data }, flip, 1, 0)).toThrow(/height × width/);
    expect(() => shift(0.5)).toThrow(/whole number/);
    expect(() => rotation(90)).toThrow(/between 0 and 90/);
    expect(() => noisy(-1)).toThrow(/positive/);
  });
});
