import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { LANES, OUTER_SCRATCH_BYTES, panelBytes, TILE_BYTES } from '../../src/kernel/kernel.js';
import { distance, fixture, noise, randomDoubles, randomFloats } from './fixture.js';

const { arena, fast, plain } = fixture();
const start = arena.mark();
const SQUARE = LANES * LANES;

/** Runs one trial and frees what it took. */
function trial<T>(body: () => T): T {
  try {
    return body();
  } finally {
    arena.release(start);
  }
}

const lengths = fc.oneof(
  fc.constantFrom(1, 2, 15, 16, 17, 255, 256, 257, 512, 513),
  fc.integer({ min: 0, max: 700 }),
);
const short = fc.oneof(fc.constantFrom(1, 2, 3, 4, 5), fc.integer({ min: 1, max: 40 }));
const seeds = fc.integer();

function gram(a: number, b: number, length: number, kernel = fast): Float64Array {
  const tile = arena.allocate(TILE_BYTES, true);
  kernel.addGram(a, b, length, tile);
  return arena.doubles(tile, SQUARE).slice();
}

describe('pack', () => {
  it('interleaves rows and pads with zeros', () =>
    trial(() => {
      const source = arena.allocate(24);
      arena.floats(source, 6).set([1, 2, 9, 3, 4, 9]);
      const panel = arena.allocate(panelBytes(2));
      arena.floats(panel, 32).fill(7);
      fast.pack(source, 2, 2, 3, panel);
      const expected = new Float32Array(32);
      expected.set([1, 3], 0);
      expected.set([2, 4], 16);
      expect([...arena.floats(panel, 32)]).toEqual([...expected]);
    }));

  it('agrees with its twin for any number of rows, length and stride', () => {
    fc.assert(
      fc.property(fc.integer({ min: 0, max: 16 }), lengths, fc.nat(5), seeds, (rows, length, gap, seed) =>
        trial(() => {
          const source = randomFloats(arena, 16 * (length + gap), noise(seed));
          const panels = [fast, plain].map((kernel) => {
            const panel = arena.allocate(panelBytes(length));
            kernel.pack(source, rows, length, length + gap, panel);
            return arena.floats(panel, length * LANES).slice();
          });
          expect(panels[0]).toEqual(panels[1]);
        }),
      ),
      { numRuns: 60 },
    );
  });
});

describe('addGram', () => {
  it('adds inner products of inputs to the tile', () =>
    trial(() => {
      const a = arena.allocate(panelBytes(2), true);
      const b = arena.allocate(panelBytes(2), true);
      arena.floats(a, 32)[3] = 2;
      arena.floats(a, 32)[16 + 3] = 5;
      arena.floats(b, 32)[7] = 10;
      arena.floats(b, 32)[16 + 7] = 100;
      const tile = arena.allocate(TILE_BYTES, true);
      arena.doubles(tile, SQUARE)[3 * 16 + 7] = 1;
      fast.addGram(a, b, 2, tile);
      const expected = new Float64Array(SQUARE);
      expected[3 * 16 + 7] = 1 + 2 * 10 + 5 * 100;
      expect(arena.doubles(tile, SQUARE)).toEqual(expected);
    }));

  it('agrees with its twin for any length', () => {
    fc.assert(
      fc.property(lengths, seeds, (length, seed) =>
        trial(() => {
          const next = noise(seed);
          const a = randomFloats(arena, length * LANES, next);
          const b = randomFloats(arena, length * LANES, next);
          expect(distance(gram(a, b, length), gram(a, b, length, plain))).toBeLessThan(
            1e-6 * Math.sqrt(length + 1),
          );
        }),
      ),
      { numRuns: 60 },
    );
  });

  it('transposes to the last bit when left and right are swapped', () => {
    fc.assert(
      fc.property(lengths, seeds, (length, seed) =>
        trial(() => {
          const next = noise(seed);
          const a = randomFloats(arena, length * LANES, next);
          const b = randomFloats(arena, length * LANES, next);
          const tile = gram(a, b, length);
          const swapped = gram(b, a, length);
          expect(swapped).toEqual(tile.map((_, at) => tile[(at % 16) * 16 + Math.floor(at / 16)]!));
        }),
      ),
      { numRuns: 30 },
    );
  });

  it('gives a pair the same bits in every lane', () =>
    trial(() => {
      const length = 300;
      const next = noise(5);
      const rows = [0, 1].map(() => Float32Array.from({ length }, next));
      const [a, b] = rows.map((row) => {
        const panel = arena.allocate(panelBytes(length));
        arena
          .floats(panel, length * LANES)
          .set(Float32Array.from({ length: length * LANES }, (_, at) => row[Math.floor(at / LANES)]!));
        return panel;
      });
      expect(new Set(gram(a!, b!, length)).size).toBe(1);
    }));

  it('keeps the cosine within 2e-7 of float64 at 100 000 parameters', () =>
    trial(() => {
      const length = 100_000;
      const next = noise(11);
      const shared = Float32Array.from({ length }, next);
      const a = arena.allocate(panelBytes(length));
      const view = arena.floats(a, length * LANES);
      for (let at = 0; at < view.length; at++) view[at] = shared[Math.floor(at / LANES)]! + 0.5 * next();
      const cosines = [fast, plain].map((kernel) => {
        const tile = gram(a, a, length, kernel);
        return tile.map((value, at) => value / Math.sqrt(tile[(at >> 4) * 17]! * tile[(at & 15) * 17]!));
      });
      expect(distance(cosines[0]!, cosines[1]!)).toBeLessThan(2e-7);
    }));
});

/** Panels of a random layer: left a, right a, left b, right b. */
function layer(
  aLength: number,
  bLength: number,
  positions: number,
  seed: number,
): [number, number, number, number] {
  const next = noise(seed);
  const panel = (length: number) => randomFloats(arena, positions * length * LANES, next);
  return [panel(aLength), panel(aLength), panel(bLength), panel(bLength)];
}

function outerGram(
  [leftA, rightA, leftB, rightB]: readonly [number, number, number, number],
  [aLength, bLength, positions]: readonly [number, number, number],
  kernel = fast,
): Float64Array {
  const tile = arena.allocate(TILE_BYTES, true);
  const scratch = arena.allocate(OUTER_SCRATCH_BYTES + 64);
  const guard = arena.doubles(scratch + OUTER_SCRATCH_BYTES, 8);
  guard.fill(1);
  kernel.addOuterGram(leftA, rightA, aLength, leftB, rightB, bLength, positions, scratch, tile);
  expect([...arena.doubles(scratch + OUTER_SCRATCH_BYTES, 8)]).toEqual(Array(8).fill(1));
  return arena.doubles(tile, SQUARE).slice();
}

describe('addOuterGram', () => {
  it('is the inner product of the layer gradients that it never forms', () =>
    trial(() => {
      const [aLength, bLength, positions] = [3, 2, 4];
      const panels = layer(aLength, bLength, positions, 1);
      const gradient = (a: number, b: number, lane: number) => {
        const left = arena.floats(a, positions * aLength * LANES);
        const right = arena.floats(b, positions * bLength * LANES);
        return Array.from({ length: aLength * bLength }, (_, at) => {
          let sum = 0;
          for (let t = 0; t < positions; t++) {
            const k = t * aLength + Math.floor(at / bLength);
            sum += left[k * LANES + lane]! * right[(t * bLength + (at % bLength)) * LANES + lane]!;
          }
          return sum;
        });
      };
      const expected = Array.from({ length: SQUARE }, (_, at) => {
        const left = gradient(panels[0], panels[2], at >> 4);
        const right = gradient(panels[1], panels[3], at & 15);
        return left.reduce((sum, value, k) => sum + value * right[k]!, 0);
      });
      expect(distance(outerGram(panels, [aLength, bLength, positions]), expected)).toBeLessThan(1e-5);
      expect(distance(outerGram(panels, [aLength, bLength, positions], plain), expected)).toBeLessThan(1e-12);
    }));

  it('agrees with its twin, keeps to its scratch and is symmetric to the last bit', () => {
    const shapes: fc.Arbitrary<[number, number, number]> = fc.oneof(
      fc.tuple(lengths, lengths, fc.constant(1)),
      fc.tuple(short, short, fc.integer({ min: 0, max: 6 })),
      fc.tuple(fc.constant(257), fc.constant(3), fc.constant(2)),
    );
    fc.assert(
      fc.property(shapes, seeds, (shape, seed) =>
        trial(() => {
          const panels = layer(...shape, seed);
          const tile = outerGram(panels, shape);
          const scale = Math.sqrt((shape[0] + 1) * (shape[1] + 1)) * (shape[2] + 1);
          expect(distance(tile, outerGram(panels, shape, plain))).toBeLessThan(1e-6 * scale);
          const swapped = outerGram([panels[1], panels[0], panels[3], panels[2]], shape);
          expect(swapped).toEqual(tile.map((_, at) => tile[(at % 16) * 16 + Math.floor(at / 16)]!));
        }),
      ),
      { numRuns: 40 },
    );
  });
});

describe('laneDots', () => {
  it('are those of the twin, bit for bit: exact products, one order', () => {
    fc.assert(
      fc.property(lengths, seeds, (length, seed) =>
        trial(() => {
          const next = noise(seed);
          const a = randomFloats(arena, length * LANES, next);
          const b = randomFloats(arena, length * LANES, next);
          const [out, twin] = [fast, plain].map((kernel) => {
            const target = arena.allocate(128, true);
            kernel.laneDots(a, b, length, target);
            return arena.doubles(target, 16).slice();
          });
          expect(out).toEqual(twin);
        }),
      ),
      { numRuns: 40 },
    );
  });

  it('neither underflow nor overflow where float32 would', () =>
    trial(() => {
      const a = arena.allocate(panelBytes(2));
      arena.floats(a, 32).fill(1e-30).fill(1e30, 16);
      const out = arena.allocate(128, true);
      fast.laneDots(a, a, 1, out);
      expect(arena.doubles(out, 16)[3]! / Math.fround(1e-30) ** 2).toBe(1);
      arena.doubles(out, 16).fill(0);
      fast.laneDots(a + panelBytes(1), a + panelBytes(1), 1, out);
      expect(arena.doubles(out, 16)[3]! / Math.fround(1e30) ** 2).toBe(1);
    }));

  it('add to what is there', () =>
    trial(() => {
      const a = arena.allocate(panelBytes(1));
      arena.floats(a, 16).set(Array.from({ length: 16 }, (_, lane) => lane));
      for (const kernel of [fast, plain]) {
        const out = arena.allocate(128, true);
        arena.doubles(out, 16).fill(1);
        kernel.laneDots(a, a, 1, out);
        expect([...arena.doubles(out, 16)]).toEqual(Array.from({ length: 16 }, (_, lane) => lane * lane + 1));
      }
    }));
});

describe('mixLanes', () => {
  it('mixes the outputs of each input with its own matrix, exactly as the twin', () => {
    fc.assert(
      fc.property(
        fc.integer({ min: 1, max: 11 }),
        fc.integer({ min: 0, max: 40 }),
        seeds,
        (outputs, length, seed) =>
          trial(() => {
            const next = noise(seed);
            const size = outputs * length * LANES;
            const source = randomFloats(arena, size, next);
            const weights = randomDoubles(arena, outputs * outputs * LANES, next);
            const [mixed, twin] = [fast, plain].map((kernel) => {
              const target = arena.allocate(size * 4);
              kernel.mixLanes(source, target, outputs, length, weights);
              return arena.floats(target, size).slice();
            });
            expect(mixed).toEqual(twin);
          }),
      ),
      { numRuns: 40 },
    );
  });
});

describe('storeTile', () => {
  it('writes the existing part, its transpose, and nothing else', () => {
    const side = fc.integer({ min: 0, max: 16 });
    fc.assert(
      fc.property(side, side, fc.nat(3), fc.boolean(), seeds, (rows, columns, gap, both, seed) =>
        trial(() => {
          const next = noise(seed);
          const tile = randomDoubles(arena, SQUARE, next);
          const results = [fast, plain].map((kernel) => {
            const target = arena.allocate(4 * 400, true);
            const across = arena.allocate(4 * 400, true);
            kernel.storeTile(tile, 0.3, target, columns + gap, rows, columns, both ? across : 0, rows + gap);
            return [arena.floats(target, 400).slice(), arena.floats(across, 400).slice()];
          });
          expect(results[0]).toEqual(results[1]);
          expect(results[0]![1]!.some((value) => value !== 0)).toBe(both && rows > 0 && columns > 0);
        }),
      ),
      { numRuns: 60 },
    );
  });
});

describe('settle', () => {
  const numbers = fc.oneof(
    fc.float({ noDefaultInfinity: true, noNaN: true }),
    fc.constantFrom(0, -0, 1, -1, 1.0000001, -1.0000001, 0.5),
  );
  const values = fc.oneof(
    { weight: 30, arbitrary: numbers },
    { weight: 1, arbitrary: fc.constantFrom(Number.NaN, Infinity, -Infinity) },
  );

  it('cuts off beyond the limit and finds the first value that is not finite, as its twin does', () => {
    const block = fc.record({
      rows: fc.integer({ min: 1, max: 5 }),
      columns: fc.integer({ min: 1, max: 11 }),
      gap: fc.nat(3),
      most: fc.constantFrom(1, 0.25, Infinity),
      data: fc.array(values, { minLength: 70, maxLength: 70 }),
    });
    fc.assert(
      fc.property(block, ({ rows, columns, gap, most, data }) =>
        trial(() => {
          const stride = columns + gap;
          const results = [fast, plain].map((kernel) => {
            const pointer = arena.allocate(70 * 4);
            const found = arena.floats(pointer, 70);
            found.set(data);
            return { place: kernel.settle(pointer, rows, columns, stride, most), found: found.slice() };
          });
          const [{ place, found }, twin] = results as [(typeof results)[0], (typeof results)[0]];
          expect(place).toBe(twin.place);
          const inside = (at: number) => at % stride < columns && at < rows * stride;
          const wrong = data.findIndex((value, at) => inside(at) && !Number.isFinite(Math.fround(value)));
          expect(place).toBe(wrong);
          if (place >= 0) return;
          const cut = (value: number) => Math.max(-most, Math.min(most, value));
          const expected = Float32Array.from(data, (value, at) => (inside(at) ? cut(value) : value));
          expect(found).toEqual(expected);
          expect(twin.found).toEqual(expected);
        }),
      ),
      { numRuns: 300 },
    );
  });
});
