import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { type Kernel, LANES, OUTER_SCRATCH_BYTES, panelBytes, TILE_BYTES } from '../../src/kernel/kernel.js';
import { quantizedBytes, SCREENED_OUTER_SCRATCH_BYTES } from '../../src/kernel/screen.js';
import { distance, fixture, noise, randomDoubles } from './fixture.js';

const { arena, fast, plain } = fixture();
const start = arena.mark();
const SQUARE = LANES * LANES;

function trial<T>(body: () => T): T {
  try {
    return body();
  } finally {
    arena.release(start);
  }
}

/** One number x, uniform in [-1, 1), turned into data of a kind. */
const kinds = {
  even: (x: number) => x,
  heavy: (x: number) => Math.sign(x) / (Math.abs(x) ** 1.5 + 1e-3),
  sparse: (x: number) => (x > 0.99 ? x : 0),
  zero: () => 0,
  constant: () => 1,
  alternating: (x: number) => Math.sign(x),
  shifted: (x: number) => 1000 + x,
  small: (x: number) => 1e-20 * x,
  subnormal: (x: number) => 1e-40 * x,
  wide: (x: number) => 10 ** (30 * x - 14),
} satisfies Record<string, (x: number) => number>;
type Kind = keyof typeof kinds;

const kind = fc.constantFrom(...(Object.keys(kinds) as Kind[]));
const lengths = fc.oneof(
  fc.constantFrom(1, 2, 3, 255, 256, 257, 511, 512, 513, 1024, 1025),
  fc.integer({ min: 0, max: 1300 }),
);
const short = fc.integer({ min: 0, max: 140 });
const seeds = fc.integer();

function draw(length: number, data: Kind, seed: number): number {
  const next = noise(seed);
  const panel = arena.allocate(panelBytes(length));
  arena
    .floats(panel, length * LANES)
    .set(Float64Array.from({ length: length * LANES }, () => kinds[data](next())));
  return panel;
}

function quantized(panel: number, length: number, kernel: Kernel): number {
  const target = arena.allocate(quantizedBytes(length) + 64);
  const guard = arena.doubles(target + quantizedBytes(length), 8).fill(3);
  kernel.quantize(panel, length, target);
  expect([...guard]).toEqual(Array(8).fill(3));
  return target;
}

interface Tiles {
  readonly tile: number;
  readonly bounds: number;
}

function tiles(): Tiles {
  return { tile: arena.allocate(TILE_BYTES, true), bounds: arena.allocate(TILE_BYTES, true) };
}

function square(pointer: number): Float64Array {
  return arena.doubles(pointer, SQUARE).slice();
}

function gram(a: number, b: number, length: number, kernel: Kernel): Float64Array {
  const { tile } = tiles();
  kernel.addGram(a, b, length, tile);
  return square(tile);
}

/** The largest |value − exact| − bound: at most 0 where the bound holds. */
function excess(values: Float64Array, bounds: Float64Array, exact: Float64Array): number {
  return Math.max(...values.map((value, at) => Math.abs(value - exact[at]!) - bounds[at]!));
}

describe('addScreenedGram', () => {
  it('is within its bound of the float32 kernel and of float64, for every kind of data', () => {
    fc.assert(
      fc.property(lengths, kind, kind, seeds, (length, left, right, seed) =>
        trial(() => {
          const [a, b] = [draw(length, left, seed), draw(length, right, seed + 1)];
          for (const kernel of [fast, plain]) {
            const { tile, bounds } = tiles();
            kernel.addScreenedGram(
              quantized(a, length, kernel),
              quantized(b, length, kernel),
              length,
              tile,
              bounds,
            );
            for (const exact of [fast, plain]) {
              expect(excess(square(tile), square(bounds), gram(a, b, length, exact))).toBeLessThanOrEqual(0);
            }
          }
        }),
      ),
      { numRuns: 150 },
    );
  });

  it('adds the same without keeping account, and length 0 adds the bound alone', () =>
    trial(() => {
      const length = 530;
      for (const kernel of [fast, plain]) {
        const [a, b] = [1, 2].map((seed) => quantized(draw(length, 'heavy', seed), length, kernel));
        const [kept, without] = [tiles(), tiles()];
        kernel.addScreenedGram(a!, b!, length, kept.tile, kept.bounds);
        kernel.addScreenedGram(a!, b!, length, without.tile, 0);
        expect(square(without.tile)).toEqual(square(kept.tile));
        const before = square(without.tile);
        kernel.addScreenedGram(a!, b!, 0, without.tile, without.bounds);
        expect(square(without.tile)).toEqual(before);
        expect(square(without.bounds)).toEqual(square(kept.bounds));
        const scratch = arena.allocate(SCREENED_OUTER_SCRATCH_BYTES);
        kernel.addScreenedOuterGram(a!, b!, length, b!, a!, length, scratch, kept.tile, kept.bounds);
        kernel.addScreenedOuterGram(a!, b!, length, b!, a!, length, scratch, without.tile, 0);
        expect(square(without.tile)).toEqual(square(kept.tile));
      }
    }));

  it('does not overflow where every product is the largest', () =>
    trial(() => {
      const length = 1024;
      const a = quantized(draw(length, 'constant', 1), length, fast);
      const { tile, bounds } = tiles();
      fast.addScreenedGram(a, a, length, tile, bounds);
      const values = square(tile);
      expect(
        distance(
          values,
          values.map(() => length),
        ),
      ).toBeLessThan(1e-4);
    }));

  it('bounds the error of a cosine by 1.5e-3, and errs by less than 5e-5, on even data', () =>
    trial(() => {
      const length = 4096;
      const [a, b] = [draw(length, 'even', 1), draw(length, 'even', 2)];
      const { tile, bounds } = tiles();
      fast.addScreenedGram(quantized(a, length, fast), quantized(b, length, fast), length, tile, bounds);
      // ‖x‖² of even data is length / 3.
      const scale = 3 / length;
      expect(Math.max(...square(bounds)) * scale).toBeLessThan(1.5e-3);
      expect(distance(square(tile), gram(a, b, length, plain)) * scale).toBeLessThan(5e-5);
    }));

  it('adds to tile and bounds, and transposes to the last bit', () =>
    trial(() => {
      const length = 700;
      const [a, b] = [1, 2].map((seed) => quantized(draw(length, 'heavy', seed), length, fast));
      const [once, across] = [tiles(), tiles()];
      fast.addScreenedGram(a!, b!, length, once.tile, once.bounds);
      fast.addScreenedGram(b!, a!, length, across.tile, across.bounds);
      const flip = (_: number, at: number, all: Float64Array) => all[(at % 16) * 16 + (at >> 4)]!;
      expect(square(across.tile).map(flip)).toEqual(square(once.tile));
      expect(distance(square(across.bounds).map(flip), square(once.bounds))).toBeLessThan(1e-8);
      const single = square(once.bounds);
      fast.addScreenedGram(a!, b!, length, once.tile, once.bounds);
      expect(square(once.bounds)).toEqual(single.map((bound) => 2 * bound));
    }));

  it('never claims a finite bound where an input is not finite', () => {
    for (const value of [Number.NaN, Number.POSITIVE_INFINITY, Number.NEGATIVE_INFINITY]) {
      trial(() => {
        const a = draw(20, 'even', 1);
        arena.floats(a, 20 * LANES)[7 * LANES + 3] = value;
        const q = quantized(a, 20, fast);
        const { tile, bounds } = tiles();
        fast.addScreenedGram(q, quantized(draw(20, 'zero', 1), 20, fast), 20, tile, bounds);
        expect(square(bounds).filter(Number.isFinite).length).toBe(SQUARE - LANES);
        const limits = arena.allocate(LANES * 8);
        arena.doubles(limits, LANES).fill(1e30);
        const pairs = arena.allocate(SQUARE * 4);
        expect(fast.reachingPairs(tile, bounds, 1, limits, 0, pairs)).toBe(LANES);
        expect([...arena.integers(pairs, LANES)]).toEqual(Array.from({ length: LANES }, (_, j) => 48 + j));
      });
    }
  });
});

/** The panels of an outer term: left a, right a, left b, right b. */
function term(aLength: number, bLength: number, left: Kind, right: Kind, seed: number): number[] {
  return [
    draw(aLength, left, seed),
    draw(aLength, left, seed + 1),
    draw(bLength, right, seed + 2),
    draw(bLength, right, seed + 3),
  ];
}

function outer(panels: number[], aLength: number, bLength: number, kernel: Kernel): Float64Array {
  const [a, other, b, otherB] = panels as [number, number, number, number];
  const { tile } = tiles();
  kernel.addOuterGram(a, other, aLength, b, otherB, bLength, 1, arena.allocate(OUTER_SCRATCH_BYTES), tile);
  return square(tile);
}

function screenedOuter(panels: number[], aLength: number, bLength: number, to: Tiles, kernel: Kernel): void {
  const scratch = arena.allocate(SCREENED_OUTER_SCRATCH_BYTES + 64);
  const guard = arena.doubles(scratch + SCREENED_OUTER_SCRATCH_BYTES, 8).fill(1);
  const [a, other, b, otherB] = panels.map((panel, at) =>
    quantized(panel, at < 2 ? aLength : bLength, kernel),
  ) as [number, number, number, number];
  kernel.addScreenedOuterGram(a, other, aLength, b, otherB, bLength, scratch, to.tile, to.bounds);
  expect([...guard]).toEqual(Array(8).fill(1));
}

describe('addScreenedOuterGram', () => {
  it('is within its bound of the exact kernels, for every kind of data', () => {
    const moderate = kind.filter((name) => name !== 'wide');
    fc.assert(
      fc.property(short, short, moderate, moderate, seeds, (aLength, bLength, left, right, seed) =>
        trial(() => {
          const panels = term(aLength, bLength, left, right, seed);
          for (const kernel of [fast, plain]) {
            const to = tiles();
            screenedOuter(panels, aLength, bLength, to, kernel);
            for (const exact of [fast, plain]) {
              const values = outer(panels, aLength, bLength, exact);
              expect(excess(square(to.tile), square(to.bounds), values)).toBeLessThanOrEqual(0);
            }
          }
        }),
      ),
      { numRuns: 80 },
    );
  });
});

const isIn = (parts: number, pair: number) => ((parts >> (2 * (pair >> 6) + ((pair >> 3) & 1))) & 1) === 1;

describe('addGramParts and addOuterGramParts', () => {
  it('give the bits of the whole in their parts, and leave the rest alone', () => {
    fc.assert(
      fc.property(fc.nat(255), fc.constantFrom(1, 1, 3), seeds, (parts, positions, seed) =>
        trial(() => {
          const [aLength, bLength] = [300, 17];
          const panels = term(aLength * positions, bLength * positions, 'even', 'heavy', seed);
          const [a, other, b, otherB] = panels as [number, number, number, number];
          const scratch = arena.allocate(OUTER_SCRATCH_BYTES);
          for (const kernel of [fast, plain]) {
            const before = randomDoubles(arena, SQUARE, noise(seed));
            const initial = square(before);
            const [whole, part] = [0, 1].map(() => randomDoubles(arena, SQUARE, noise(seed)));
            kernel.addGram(a, other, aLength, whole!);
            kernel.addOuterGram(a, other, aLength, b, otherB, bLength, positions, scratch, whole!);
            kernel.addGramParts(a, other, aLength, part!, parts);
            kernel.addOuterGramParts(a, other, aLength, b, otherB, bLength, positions, scratch, part!, parts);
            const expected = square(whole!).map((value, pair) =>
              isIn(parts, pair) ? value : initial[pair]!,
            );
            expect(square(part!)).toEqual(expected);
          }
        }),
      ),
      { numRuns: 40 },
    );
  });
});

describe('addGramPairs and addOuterGramPairs', () => {
  it('give the bits of the whole for their pairs, however many', () => {
    const lists = fc.uniqueArray(fc.nat(SQUARE - 1), { maxLength: 40 });
    fc.assert(
      fc.property(lists, lengths, short, seeds, (list, aLength, bLength, seed) =>
        trial(() => {
          const panels = term(aLength, bLength, 'even', 'heavy', seed);
          const [a, other, b, otherB] = panels as [number, number, number, number];
          const scratch = arena.allocate(OUTER_SCRATCH_BYTES);
          const pairs = arena.allocate(SQUARE * 4);
          arena.integers(pairs, list.length).set(list);
          for (const kernel of [fast, plain]) {
            const whole = randomDoubles(arena, SQUARE, noise(seed));
            const sums = arena.allocate(SQUARE * 8);
            const guard = arena.doubles(sums, SQUARE).fill(7);
            guard.set(list.map((pair) => arena.doubles(whole, SQUARE)[pair]!));
            kernel.addGram(a, other, aLength, whole);
            kernel.addOuterGram(a, other, aLength, b, otherB, bLength, 1, scratch, whole);
            kernel.addGramPairs(a, other, aLength, pairs, list.length, sums);
            kernel.addOuterGramPairs(
              a,
              other,
              aLength,
              b,
              otherB,
              bLength,
              pairs,
              list.length,
              scratch,
              sums,
            );
            const expected = list.map((pair) => square(whole)[pair]!);
            expect([...square(sums)]).toEqual([
              ...expected,
              ...Array.from({ length: SQUARE - list.length }, () => 7),
            ]);
          }
        }),
      ),
      { numRuns: 60 },
    );
  });
});

describe('screening and recheck', () => {
  /** A plain and an outer term: exact values as float32, and what screening says of them. */
  function screened(seed: number, scale: number) {
    const [aLength, bLength, length] = [90, 40, 600];
    const panels = term(aLength, bLength, 'even', 'shifted', seed);
    const rows = [draw(length, 'even', seed + 5), draw(length, 'even', seed + 6)] as const;
    const [a, other, b, otherB] = panels as [number, number, number, number];
    const scratch = arena.allocate(OUTER_SCRATCH_BYTES);
    const whole = arena.allocate(TILE_BYTES, true);
    fast.addGram(...rows, length, whole);
    fast.addOuterGram(a, other, aLength, b, otherB, bLength, 1, scratch, whole);
    const to = tiles();
    fast.addScreenedGram(
      ...(rows.map((row) => quantized(row, length, fast)) as [number, number]),
      length,
      to.tile,
      to.bounds,
    );
    screenedOuter(panels, aLength, bLength, to, fast);
    const stored = (tile: number) => Array.from(square(tile), (value) => Math.fround(value * scale));
    return { exact: stored(whole), to, stored };
  }
  const ranks = fc.nat(SQUARE - 1);
  /** The pairs that both kernels list. */
  const listed = (ask: (kernel: Kernel, pairs: number) => number): number[] => {
    const [found, twin] = [fast, plain].map((kernel) => {
      const pairs = arena.allocate((SQUARE + 1) * 4);
      arena.integers(pairs, SQUARE + 1)[SQUARE] = 99;
      const count = ask(kernel, pairs);
      expect(arena.integers(pairs, SQUARE + 1)[SQUARE]).toBe(99);
      return [...arena.integers(pairs, count)];
    });
    expect(found).toEqual(twin);
    return found!;
  };

  it('finds all pairs that reach a limit', () => {
    fc.assert(
      fc.property(seeds, ranks, fc.boolean(), (seed, rank, both) =>
        trial(() => {
          const { exact, to, stored } = screened(seed, 0.1);
          const limit = exact.slice().sort((x, y) => y - x)[rank >> 3]!;
          const [rows, columns] = [arena.allocate(128), arena.allocate(128)];
          arena.doubles(rows, LANES).fill(limit);
          arena.doubles(columns, LANES).fill(Number.POSITIVE_INFINITY);
          if (both) arena.doubles(columns, LANES)[rank & 15] = exact[rank]!;
          const open = listed((kernel, pairs) =>
            kernel.reachingPairs(to.tile, to.bounds, 0.1, rows, columns, pairs),
          );
          stored(to.tile).forEach((value, pair) => {
            const reaches =
              exact[pair]! >= limit || (both && (pair & 15) === (rank & 15) && exact[pair]! >= exact[rank]!);
            if (reaches) expect(open).toContain(pair);
            if (!open.includes(pair)) expect(value).toBeLessThan(limit);
          });
        }),
      ),
      { numRuns: 60 },
    );
  });

  it('decides every pair as exact values would, on either side of a limit', () => {
    fc.assert(
      fc.property(seeds, ranks, (seed, rank) =>
        trial(() => {
          const { exact, to, stored } = screened(seed, 0.1);
          const limit = exact[rank]!;
          const open = listed((kernel, pairs) =>
            kernel.undecidedPairs(to.tile, to.bounds, 0.1, limit, pairs),
          );
          expect(open).toContain(rank);
          const sides = stored(to.tile).map(
            (value, pair) => (open.includes(pair) ? exact[pair]! : value) >= limit,
          );
          expect(sides).toEqual(exact.map((value) => value >= limit));
        }),
      ),
      { numRuns: 60 },
    );
  });
});
