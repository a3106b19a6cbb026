import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import type { Kernel } from '../../src/kernel/kernel.js';
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

/** One spatial axis of a layer. */
interface Axis {
  size: number;
  filter: number;
  stride: number;
  dilation: number;
  pad: number;
  out: number;
}

/** Axes with any padding on either side that keeps at least one output. */
function axes(largest: number, dilations: number): fc.Arbitrary<Axis> {
  return fc
    .record({
      size: fc.integer({ min: 1, max: largest }),
      filter: fc.integer({ min: 1, max: 5 }),
      stride: fc.integer({ min: 1, max: 3 }),
      dilation: fc.integer({ min: 1, max: dilations }),
      before: fc.nat(4),
      after: fc.nat(4),
    })
    .map(({ size, filter, stride, dilation, before, after }) => {
      const reach = (filter - 1) * dilation + 1;
      // No window may lie wholly in the padding: such a layer has no average to take.
      const pad = Math.min(before, filter - 1);
      const room = size + pad + Math.min(after, filter - 1) - reach;
      return { size, filter, stride, dilation, pad, out: room < 0 ? 0 : Math.floor(room / stride) + 1 };
    })
    .filter(({ out }) => out > 0);
}

interface Layer {
  batch: number;
  high: Axis;
  wide: Axis;
  channels: number;
  outChannels: number;
}

const image = ({ batch, high, wide, channels }: Layer) => batch * high.size * wide.size * channels;

/** The cells of the window at one output position that lie inside the image, as [image offset, filter cell]. */
function cells({ high, wide, channels }: Layer, n: number, oy: number, ox: number): [number, number][] {
  const found: [number, number][] = [];
  for (let fy = 0; fy < high.filter; fy++) {
    for (let fx = 0; fx < wide.filter; fx++) {
      const y = oy * high.stride + fy * high.dilation - high.pad;
      const x = ox * wide.stride + fx * wide.dilation - wide.pad;
      if (y < 0 || y >= high.size || x < 0 || x >= wide.size) continue;
      found.push([((n * high.size + y) * wide.size + x) * channels, fy * wide.filter + fx]);
    }
  }
  return found;
}

/** Σ over outputs of dy · forward(window), in float64: the function whose gradient the kernels compute. */
function weigh(
  layer: Layer,
  outputs: number,
  dy: Float32Array,
  value: (at: [number, number][], o: number) => number,
) {
  let sum = 0;
  let position = 0;
  for (let n = 0; n < layer.batch; n++) {
    for (let oy = 0; oy < layer.high.out; oy++) {
      for (let ox = 0; ox < layer.wide.out; ox++, position++) {
        const inside = cells(layer, n, oy, ox);
        for (let o = 0; o < outputs; o++) sum += dy[position * outputs + o]! * value(inside, o);
      }
    }
  }
  return sum;
}

/** Central differences of f at `point`. */
function differences(f: (point: Float64Array) => number, point: Float64Array): Float64Array {
  const step = 1e-5;
  return point.map((value, at) => {
    const moved = point.slice();
    moved[at] = value + step;
    const above = f(moved);
    moved[at] = value - step;
    return (above - f(moved)) / (2 * step);
  });
}

const poolArguments = ({ batch, high, wide, channels }: Layer) =>
  [
    batch,
    high.size,
    wide.size,
    channels,
    high.out,
    wide.out,
    high.filter,
    wide.filter,
    high.stride,
    wide.stride,
    high.pad,
    wide.pad,
  ] as const;

const pools: fc.Arbitrary<Layer> = fc.record({
  batch: fc.integer({ min: 1, max: 2 }),
  high: axes(9, 1),
  wide: axes(9, 1),
  channels: fc.integer({ min: 1, max: 9 }),
  outChannels: fc.constant(1),
});

function maxPool(kernel: Kernel, layer: Layer, x: number, dy: number): Float32Array {
  const dx = randomFloats(arena, image(layer), noise(1));
  kernel.maxPoolGrad(x, dy, dx, ...poolArguments(layer));
  return arena.floats(dx, image(layer)).slice();
}

function avgPool(kernel: Kernel, layer: Layer, dy: number): Float32Array {
  const dx = randomFloats(arena, image(layer), noise(1));
  kernel.avgPoolGrad(dy, dx, ...poolArguments(layer));
  return arena.floats(dx, image(layer)).slice();
}

const gradientSize = (layer: Layer, outputs: number) =>
  layer.batch * layer.high.out * layer.wide.out * outputs;

describe('maxPoolGrad', () => {
  it('agrees with its twin for any window, ties included', () => {
    fc.assert(
      fc.property(pools, fc.integer(), fc.boolean(), (layer, seed, coarse) =>
        trial(() => {
          const next = noise(seed);
          // Coarse numbers tie often; -2 to 0 puts every maximum at or below zero.
          const x = randomFloats(arena, image(layer), coarse ? () => Math.round(next()) - 1 : next);
          const dy = randomFloats(arena, gradientSize(layer, layer.channels), next);
          expect(distance(maxPool(fast, layer, x, dy), maxPool(plain, layer, x, dy))).toBeLessThan(1e-5);
        }),
      ),
      { numRuns: 150 },
    );
  });

  it('is the derivative of the maximum, also where every value is negative', () => {
    fc.assert(
      fc.property(pools, fc.integer(), (layer, seed) =>
        trial(() => {
          const next = noise(seed);
          const x = randomFloats(arena, image(layer), () => next() - 2);
          const dy = randomFloats(arena, gradientSize(layer, layer.channels), next);
          const weights = arena.floats(dy, gradientSize(layer, layer.channels)).slice();
          const point = Float64Array.from(arena.floats(x, image(layer)));
          // Two values closer than the step have no derivative to compare with.
          const sorted = point.slice().sort();
          fc.pre(sorted.every((value, at) => at === 0 || value - sorted[at - 1]! > 3e-5));
          const forward = (at: Float64Array) =>
            weigh(layer, layer.channels, weights, (inside, c) =>
              Math.max(...inside.map(([cell]) => at[cell + c]!)),
            );
          expect(distance(maxPool(fast, layer, x, dy), differences(forward, point))).toBeLessThan(1e-5);
        }),
      ),
      { numRuns: 20 },
    );
  });

  it('gives a tie to the first cell', () =>
    trial(() => {
      const axis = { size: 2, filter: 2, stride: 2, dilation: 1, pad: 0, out: 1 };
      const layer = { batch: 1, high: axis, wide: axis, channels: 1, outChannels: 1 };
      const x = arena.allocate(16);
      arena.floats(x, 4).set([-2, -1, -1, -1]);
      const dy = arena.allocate(4);
      arena.floats(dy, 1).set([3]);
      expect([...maxPool(fast, layer, x, dy)]).toEqual([0, 3, 0, 0]);
    }));
});

describe('avgPoolGrad', () => {
  it('agrees with its twin for any window', () => {
    fc.assert(
      fc.property(pools, fc.integer(), (layer, seed) =>
        trial(() => {
          const dy = randomFloats(arena, gradientSize(layer, layer.channels), noise(seed));
          expect(distance(avgPool(fast, layer, dy), avgPool(plain, layer, dy))).toBeLessThan(1e-5);
        }),
      ),
      { numRuns: 150 },
    );
  });

  it('is the derivative of the average over the cells inside the image', () => {
    fc.assert(
      fc.property(pools, fc.integer(), (layer, seed) =>
        trial(() => {
          const next = noise(seed);
          const dy = randomFloats(arena, gradientSize(layer, layer.channels), next);
          const weights = arena.floats(dy, gradientSize(layer, layer.channels)).slice();
          const forward = (at: Float64Array) =>
            weigh(layer, layer.channels, weights, (inside, c) => {
              return inside.reduce((sum, [cell]) => sum + at[cell + c]!, 0) / inside.length;
            });
          const point = Float64Array.from({ length: image(layer) }, next);
          expect(distance(avgPool(fast, layer, dy), differences(forward, point))).toBeLessThan(1e-5);
        }),
      ),
      { numRuns: 20 },
    );
  });

  it('divides by 2 at a corner where the window holds 2 cells', () =>
    trial(() => {
      const layer = {
        batch: 1,
        high: { size: 1, filter: 1, stride: 1, dilation: 1, pad: 0, out: 1 },
        wide: { size: 2, filter: 3, stride: 1, dilation: 1, pad: 1, out: 2 },
        channels: 1,
        outChannels: 1,
      };
      const dy = arena.allocate(8);
      arena.floats(dy, 2).set([4, 8]);
      expect([...avgPool(fast, layer, dy)]).toEqual([6, 6]);
    }));
});

function filterGradient(kernel: Kernel, layer: Layer, x: number, dy: number): Float32Array {
  const { batch, high, wide, channels, outChannels } = layer;
  const size = high.filter * wide.filter * channels * outChannels;
  const dw = randomFloats(arena, size, noise(1));
  kernel.convolutionFilterGradient(
    x,
    dy,
    dw,
    batch,
    high.size,
    wide.size,
    channels,
    high.out,
    wide.out,
    outChannels,
    high.filter,
    wide.filter,
    high.stride,
    wide.stride,
    high.dilation,
    wide.dilation,
    high.pad,
    wide.pad,
  );
  return arena.floats(dw, size).slice();
}

function layers(largest: number, mostChannels: number): fc.Arbitrary<Layer> {
  return fc.record({
    batch: fc.integer({ min: 1, max: 3 }),
    high: axes(largest, 2),
    wide: axes(largest, 3),
    channels: fc.integer({ min: 1, max: mostChannels }),
    outChannels: fc.integer({ min: 1, max: mostChannels }),
  });
}

describe('convolutionFilterGradient', () => {
  it('agrees with its twin for any shape', () => {
    fc.assert(
      fc.property(layers(20, 19), fc.integer(), (layer, seed) =>
        trial(() => {
          const next = noise(seed);
          const x = randomFloats(arena, image(layer), next);
          const dy = randomFloats(arena, gradientSize(layer, layer.outChannels), next);
          const bound = 1e-6 * (2 + Math.sqrt(gradientSize(layer, 1)));
          const gap = distance(filterGradient(fast, layer, x, dy), filterGradient(plain, layer, x, dy));
          expect(gap).toBeLessThan(bound);
        }),
      ),
      { numRuns: 150 },
    );
  });

  it('is the derivative with respect to the filter', () => {
    fc.assert(
      fc.property(layers(6, 3), fc.integer(), (layer, seed) =>
        trial(() => {
          const { channels, outChannels, high, wide } = layer;
          const next = noise(seed);
          const x = randomFloats(arena, image(layer), next);
          const dy = randomFloats(arena, gradientSize(layer, outChannels), next);
          const input = arena.floats(x, image(layer)).slice();
          const weights = arena.floats(dy, gradientSize(layer, outChannels)).slice();
          const forward = (filter: Float64Array) =>
            weigh(layer, outChannels, weights, (inside, o) => {
              let sum = 0;
              for (const [at, cell] of inside) {
                for (let c = 0; c < channels; c++) {
                  sum += input[at + c]! * filter[(cell * channels + c) * outChannels + o]!;
                }
              }
              return sum;
            });
          const point = Float64Array.from(
            { length: high.filter * wide.filter * channels * outChannels },
            next,
          );
          expect(distance(filterGradient(fast, layer, x, dy), differences(forward, point))).toBeLessThan(
            1e-5,
          );
        }),
      ),
      { numRuns: 20 },
    );
  });

  it('reads nothing beyond its operands: they may end the memory', () => {
    const axis = { size: 3, filter: 3, stride: 1, dilation: 1, pad: 1, out: 3 };
    for (const outChannels of [1, 2, 3, 5, 7, 9]) {
      trial(() => {
        const layer = { batch: 1, high: axis, wide: axis, channels: 1, outChannels };
        const x = randomFloats(arena, 9, noise(1));
        const dy = randomFloats(arena, 9 * outChannels, noise(2));
        const expected = filterGradient(fast, layer, x, dy);
        const end = arena.memory.buffer.byteLength - 9 * outChannels * 4;
        arena.floats(end, 9 * outChannels).set(arena.floats(dy, 9 * outChannels));
        expect(filterGradient(fast, layer, x, end)).toEqual(expected);
      });
    }
  });

  it('keeps long sums accurate: a batch of 64 images of 28 × 28', () =>
    trial(() => {
      const axis = { size: 28, filter: 3, stride: 1, dilation: 1, pad: 1, out: 28 };
      const layer = { batch: 64, high: axis, wide: axis, channels: 2, outChannels: 5 };
      const next = noise(4);
      const x = randomFloats(arena, image(layer), () => next() + 1);
      const dy = randomFloats(arena, gradientSize(layer, 5), () => next() + 1);
      const twin = filterGradient(plain, layer, x, dy);
      const relative = filterGradient(fast, layer, x, dy).map((value, at) => value / twin[at]! - 1);
      expect(Math.max(...relative.map(Math.abs))).toBeLessThan(3e-6);
    }));
});

describe('outerSum', () => {
  it('agrees with its twin for any number of positions and lengths', () => {
    const lengths = fc.integer({ min: 1, max: 40 });
    const positions = fc.oneof(fc.constantFrom(0, 1, 2, 255, 256, 257, 600), fc.integer({ min: 1, max: 40 }));
    fc.assert(
      fc.property(positions, lengths, lengths, fc.integer(), (count, aLength, bLength, seed) =>
        trial(() => {
          const next = noise(seed);
          const a = randomFloats(arena, count * aLength, next);
          const b = randomFloats(arena, count * bLength, next);
          const [sum, twin] = [fast, plain].map((kernel) => {
            const target = randomFloats(arena, aLength * bLength, noise(1));
            kernel.outerSum(a, b, count, aLength, bLength, target);
            return arena.floats(target, aLength * bLength).slice();
          });
          expect(distance(sum!, twin!)).toBeLessThan(4e-6 * (2 + Math.sqrt(count)));
        }),
      ),
      { numRuns: 80 },
    );
  });
});
