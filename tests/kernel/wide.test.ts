import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { Arena } from '../../src/kernel/arena.js';
import { type Kernel, LANES, OUTER_SCRATCH_BYTES, TILE_BYTES } from '../../src/kernel/kernel.js';
import { quantizedBytes, SCREENED_OUTER_SCRATCH_BYTES } from '../../src/kernel/screen.js';
import { fuses, WIDE_SCRATCH_BYTES, widened } from '../../src/kernel/wide.js';
import { fixture, noise, randomDoubles, randomFloats } from './fixture.js';

const { arena, fast } = fixture();
const start = arena.mark();
const SQUARE = LANES * LANES;

function trial<T>(body: () => T): T {
  try {
    return body();
  } finally {
    arena.release(start);
  }
}

/** Scratch whose end is watched. */
function scratchOf(bytes: number): { scratch: number; guard: Float64Array } {
  const scratch = arena.allocate(bytes + 64);
  return { scratch, guard: arena.doubles(scratch + bytes, 8).fill(1) };
}

const lengths = fc.oneof(
  fc.constantFrom(1, 2, 7, 8, 9, 255, 256, 257, 512, 513),
  fc.integer({ min: 0, max: 700 }),
);
const seeds = fc.integer();

describe('the wide kernels', () => {
  it('add the bits of addGram, for any length, to what is there', () => {
    fc.assert(
      fc.property(lengths, seeds, (length, seed) =>
        trial(() => {
          const next = noise(seed);
          const [a, b] = [0, 1].map(() => randomFloats(arena, length * LANES, next)) as [number, number];
          const [tile, wide] = [0, 1].map(() => randomDoubles(arena, SQUARE, noise(seed))) as [
            number,
            number,
          ];
          const { scratch, guard } = scratchOf(WIDE_SCRATCH_BYTES);
          fast.addGram(a, b, length, tile);
          fast.addGramWide(a, b, length, scratch, wide);
          expect(arena.doubles(wide, SQUARE)).toEqual(arena.doubles(tile, SQUARE));
          expect([...guard]).toEqual(Array(8).fill(1));
        }),
      ),
      { numRuns: 60 },
    );
  });

  it('add the bits of addOuterGram, at one position and at several', () => {
    const short = fc.integer({ min: 0, max: 40 });
    const shapes = fc.oneof(
      fc.tuple(lengths, lengths, fc.constant(1)),
      fc.tuple(short, short, fc.integer({ min: 0, max: 5 })),
      fc.tuple(fc.constant(257), fc.constant(3), fc.constant(2)),
    );
    fc.assert(
      fc.property(shapes, seeds, ([aLength, bLength, positions], seed) =>
        trial(() => {
          const next = noise(seed);
          const [a, otherA, b, otherB] = [aLength, aLength, bLength, bLength].map((length) =>
            randomFloats(arena, positions * length * LANES, next),
          ) as [number, number, number, number];
          const { scratch, guard } = scratchOf(OUTER_SCRATCH_BYTES);
          const [tile, wide] = [0, 1].map(() => randomDoubles(arena, SQUARE, noise(seed))) as [
            number,
            number,
          ];
          fast.addOuterGram(a, otherA, aLength, b, otherB, bLength, positions, scratch, tile);
          fast.addOuterGramWide(a, otherA, aLength, b, otherB, bLength, positions, scratch, wide);
          expect(arena.doubles(wide, SQUARE)).toEqual(arena.doubles(tile, SQUARE));
          expect([...guard]).toEqual(Array(8).fill(1));
        }),
      ),
      { numRuns: 60 },
    );
  });

  it('estimate and bound to the bits of the others', () => {
    fc.assert(
      fc.property(lengths, lengths, seeds, (aLength, bLength, seed) =>
        trial(() => {
          const next = noise(seed);
          const [a, otherA, b, otherB] = [aLength, aLength, bLength, bLength].map((length) => {
            const target = arena.allocate(quantizedBytes(length));
            fast.quantize(randomFloats(arena, length * LANES, next), length, target);
            return target;
          }) as [number, number, number, number];
          const { scratch, guard } = scratchOf(SCREENED_OUTER_SCRATCH_BYTES);
          const small = scratchOf(WIDE_SCRATCH_BYTES);
          const [tile, bounds, wide, wideBounds] = [0, 1, 2, 3].map(() =>
            randomDoubles(arena, SQUARE, noise(seed)),
          ) as [number, number, number, number];
          fast.addScreenedGram(a, otherA, aLength, tile, bounds);
          fast.addScreenedOuterGram(a, otherA, aLength, b, otherB, bLength, scratch, tile, bounds);
          fast.addScreenedGramWide(a, otherA, aLength, small.scratch, wide, wideBounds);
          fast.addScreenedOuterGramWide(a, otherA, aLength, b, otherB, bLength, scratch, wide, wideBounds);
          expect(arena.doubles(wide, SQUARE)).toEqual(arena.doubles(tile, SQUARE));
          expect(arena.doubles(wideBounds, SQUARE)).toEqual(arena.doubles(bounds, SQUARE));
          expect([...guard, ...small.guard]).toEqual(Array(16).fill(1));
        }),
      ),
      { numRuns: 40 },
    );
  });

  it('take the place of the others', () =>
    trial(() => {
      const [a, b] = [1, 2].map((seed) => randomFloats(arena, 20 * LANES, noise(seed))) as [number, number];
      const tiles = [fast, widened(fast, arena.allocate(WIDE_SCRATCH_BYTES))].map((kernel) => {
        const tile = arena.allocate(TILE_BYTES, true);
        kernel.addGram(a, b, 20, tile);
        kernel.addOuterGram(a, b, 4, b, a, 5, 2, arena.allocate(OUTER_SCRATCH_BYTES), tile);
        return arena.doubles(tile, SQUARE).slice();
      });
      expect(tiles[1]).toEqual(tiles[0]);
    }));
});

describe('fuses', () => {
  /** The kernels with calls that take the given milliseconds on a clock of their own. */
  function timed(narrow: number, wide: number, change = (_tile: number) => {}) {
    let clock = 0;
    const kernel: Kernel = {
      ...fast,
      addGram(...parameters) {
        clock += narrow;
        fast.addGram(...parameters);
      },
      addGramWide(...parameters) {
        clock += wide;
        fast.addGramWide(...parameters);
        change(parameters[4]);
      },
    };
    return fuses(kernel, arena, () => clock);
  }

  it('asks for a clear gain', () => {
    expect(timed(0.2, 0.1)).toBe(true);
    expect(timed(0.11, 0.1)).toBe(false);
    expect(timed(0.1, 0.2)).toBe(false);
  });

  it('asks for the same bits', () => {
    const lastBit = (tile: number) => {
      arena.doubles(tile, SQUARE)[77]! *= 1 + 2 ** -52;
    };
    expect(timed(0.2, 0.1, lastBit)).toBe(false);
  });

  it('gives its memory back', () => {
    const own = new Arena(arena.memory, arena.used);
    const before = own.used;
    fuses(fast, own);
    expect(own.used).toBe(before);
  });
});
