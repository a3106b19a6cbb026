/** Screening in 12 bits changes the time that a call takes, and nothing else. */
import { serialize } from 'node:v8';
import * as tf from '@tensorflow/tfjs';
import fc from 'fast-check';
import type { NdArray } from 'netkin';
import { afterEach, beforeAll, describe, expect, it, vi } from 'vitest';
import type { Engine } from '../../src/engine.js';
import { LANES } from '../../src/kernel/kernel.js';
import type { OpenOptions } from '../../src/options.js';
import type { Perspective } from '../../src/perspective.js';
import { projections } from '../../src/similarity/projection.js';
import { quantized } from '../../src/similarity/quantized.js';
import { reserveRows, type Variant } from '../../src/similarity/rows.js';
import { isWorthwhile, ScreenedTiles, Trial } from '../../src/similarity/screening.js';
import { STRIP_SCRATCH_BYTES } from '../../src/similarity/strip-task.js';
import { Tiles } from '../../src/similarity/tiles.js';
import { run } from '../../src/watch.js';
import type { Work } from '../../src/work.js';
import { fixture } from '../kernel/fixture.js';
import { noise, randomise, startWasm } from '../oracle/random.js';

// The built modules: those that the workers load.
const built = (path: string) => import(new URL(`../../dist/${path}`, import.meta.url).href);

let Screened: typeof ScreenedTiles;
let openWith: (model: tf.LayersModel, options: OpenOptions) => Promise<Engine>;

beforeAll(async () => {
  await startWasm();
  ({ ScreenedTiles: Screened } = await built('src/similarity/screening.js'));
  const [{ LocalEngine: Built }, { nodeRuntime }] = await Promise.all([
    built('src/local/engine.js'),
    built('node/runtime.js'),
  ]);
  openWith = (model, options) => Built.open(model, nodeRuntime, { check: false, ...options });
});
afterEach(() => {
  vi.restoreAllMocks();
});

/** Four strips, the last one short. */
const SIZE = 800;

/** Inputs near 30 centres, so that neighbours stand out; some twice, some zero. */
function clustered(seed: number, size: number, shape: readonly number[], scale = 1): NdArray<Float32Array> {
  const next = noise(seed);
  const width = shape.reduce((product, extent) => product * extent, 1);
  const centres = Float32Array.from({ length: 30 * width }, next);
  const data = new Float32Array(size * width);
  for (let i = 0; i < size; i++) {
    const centre = Math.floor(15 + 15 * next()) * width;
    const spread = Math.abs(next()) ** 4;
    for (let k = 0; k < width; k++) data[i * width + k] = scale * (centres[centre + k] + spread * next());
    if (i % 50 === 7) data.copyWithin(i * width, (i >> 1) * width, ((i >> 1) + 1) * width);
    if (i % 97 === 3) data.fill(0, i * width, (i + 1) * width);
  }
  return { shape: [size, ...shape], data };
}

const { layers } = tf;
const mlp = (activation: 'tanh' | 'relu', ending: 'linear' | 'relu' = 'linear') =>
  tf.sequential({
    layers: [
      layers.dense({ units: 90, activation, inputShape: [150] }),
      layers.dense({ units: 70, activation }),
      layers.dense({ units: 4, activation: ending }),
    ],
  });
const networks: Readonly<
  Record<string, { make: () => tf.LayersModel; options?: OpenOptions; scale?: number; memory: number }>
> = {
  'one output': { make: () => mlp('tanh'), options: { output: [1] }, memory: 6 },
  'four outputs': { make: () => mlp('tanh'), memory: 8 },
  'gradients that are zero': { make: () => mlp('relu', 'relu'), options: { output: [1] }, memory: 6 },
  'large inputs': { make: () => mlp('relu'), options: { output: [2] }, scale: 1e14, memory: 6 },
  'small inputs': { make: () => mlp('tanh'), options: { output: [2] }, scale: 1e-14, memory: 6 },
  'long activities near few directions': {
    make: () =>
      tf.sequential({
        layers: [
          layers.dense({ units: 40, activation: 'tanh', inputShape: [300] }),
          layers.dense({ units: 4 }),
        ],
      }),
    options: { output: [1] },
    memory: 3.6,
  },
  'a sum over positions': {
    make: () =>
      tf.sequential({
        layers: [
          layers.conv2d({ filters: 8, kernelSize: 4, activation: 'relu', inputShape: [9, 9, 2] }),
          layers.conv2d({ filters: 3, kernelSize: 4, activation: 'tanh' }),
          layers.flatten(),
          layers.dense({ units: 5 }),
        ],
      }),
    options: { output: [0] },
    memory: 7,
  },
};

const calls: Record<string, (seen: Perspective, other: NdArray<Float32Array>) => Promise<unknown>> = {
  nearest: (seen) => seen.nearest(undefined, 6),
  'the others': (seen) => seen.nearestOthers(3),
  all: (seen) => seen.nearest(undefined, SIZE),
  'all others': (seen) => seen.nearestOthers(SIZE - 1),
  one: (seen) => seen.nearest(400, 5),
  'of other inputs': (seen, other) => seen.nearest(other, 4),
  suspects: (seen) => seen.suspects(Array.from({ length: SIZE }, (_, i) => i % 4) as never),
};

async function thresholds(seen: Perspective): Promise<number[]> {
  const { data } = await seen.matrix();
  const occurring = [4_321, 99_999, 300_000, 555_555].map((at) => data[at]);
  return [...occurring, 0.9, 0.5, 0, -0.3, 1, -1, 1.5, -2];
}

describe.each(Object.keys(networks))('%s', (name) => {
  const { make, options, scale, memory } = networks[name];

  it.each([
    ['held', { threads: 0 }],
    ['streamed', { threads: 0, memory: memory * 2 ** 20 }],
    ['held, two workers', { threads: 2 }],
  ] as const)('%s: screened or not, the same bits', async (kind, how) => {
    const model = randomise(make(), 5);
    const shape = model.inputs[0].shape.slice(1) as number[];
    await using exact = await openWith(model, { ...options, ...how, screening: 'never' });
    await using screened = await openWith(model, { ...options, ...how, screening: 'always' });
    const inputs = clustered(1, SIZE, shape, scale);
    const [plain, seen] = [await exact.perspective(inputs), await screened.perspective(inputs)];
    expect(seen.held).toBe(kind !== 'streamed');
    const other = clustered(9, 300, shape, scale);
    const estimates = vi.spyOn(Screened.prototype, 'estimate');
    const both = async (call: string, ask: (of: Perspective) => Promise<unknown>) => {
      const wanted = serialize(await ask(plain)).toString('base64');
      expect(estimates).not.toHaveBeenCalled();
      expect(serialize(await ask(seen)).toString('base64') === wanted, call).toBe(true);
      const count = estimates.mock.calls.length;
      estimates.mockClear();
      return count;
    };
    for (const [call, ask] of Object.entries(calls)) {
      // Long lists take more memory than these rows.
      if (kind === 'streamed' && ['all', 'all others', 'suspects'].includes(call)) continue;
      const count = await both(call, (of) => ask(of, other));
      // Lists as long as the set want every value; workers count their own.
      if (how.threads === 0 && ['nearest', 'the others'].includes(call))
        expect(count, call).toBeGreaterThan(0);
    }
    for (const hard of await thresholds(seen)) {
      const count = await both(`hard ${hard}`, (of) => of.density({ hard }));
      if (how.threads === 0) expect(count > 0).toBe(hard > -1 && hard <= 1);
    }
    model.dispose();
  });
});

it('visitors see exact values', async () => {
  const model = randomise(mlp('tanh'), 3);
  await using engine = await openWith(model, { threads: 0, screening: 'always' });
  const seen = await engine.perspective(clustered(1, SIZE, [150]));
  const { data } = await seen.matrix();
  let pairs = 0;
  let equal = 0;
  await seen.nearestOthers(5, {
    visit: ({ row, column, rows, columns, values, stride }) => {
      for (let r = 0; r < rows; r++) {
        for (let c = 0; c < columns; c++) {
          pairs += 1;
          if (values[r * stride + c] === data[(row + r) * SIZE + column + c]) equal += 1;
        }
      }
    },
  });
  expect([pairs, equal]).toEqual([SIZE ** 2, SIZE ** 2]);
  model.dispose();
});

const term = (left: number, right: number) =>
  ({
    layer: '',
    parameters: [],
    rule: '',
    kind: left > 0 ? 'factored' : 'materialised',
    positions: 1,
    left,
    right,
    size: 0,
  }) as const;

/** |estimate − exact| − bound for the pairs of two panels: at most 0 where the bound holds. */
function excess(operand: Variant): number {
  const { kernel, arena } = operand.site;
  const scratch = arena.allocate(STRIP_SCRATCH_BYTES);
  const tiles = new Tiles(kernel, arena, operand, operand, scratch);
  const [limits, pairs] = [arena.allocate(LANES * 8), arena.allocate(LANES ** 2 * 4)];
  arena.doubles(limits, LANES).fill(Infinity);
  const sides = { left: operand, right: operand, scale: 1, scratch };
  const screened = new ScreenedTiles(kernel, arena, sides, tiles, { rows: limits, columns: 0 });
  expect(screened.estimate(0, 1, 0, 0, pairs)).toBe(0);
  const estimate = arena.doubles(tiles.tile, LANES * LANES).slice();
  const bounds = arena.doubles(screened.bounds, LANES * LANES);
  tiles.trace(0, 1);
  const exact = arena.doubles(tiles.tile, LANES * LANES);
  return Math.max(...exact.map((value, pair) => Math.abs(value - estimate[pair]) - bounds[pair]));
}

function ended<Result>(work: Work<Result>): Result {
  for (;;) {
    const step = work.next();
    if (step.done) return step.value;
  }
}

describe('the estimate of a trace', () => {
  const kinds = [
    (x: number) => x,
    (x: number) => Math.sign(x) / (Math.abs(x) ** 1.5 + 1e-3),
    (x: number) => (x > 0.9 ? x : 0),
    (x: number) => 1e-9 * x,
    (x: number) => 1e5 * x,
    () => 0,
  ];

  it('is within its bound of the exact trace, for every kind of rows and any number of outputs', () => {
    const { arena, fast } = fixture();
    const start = arena.mark();
    const numbers = fc.array(fc.nat(kinds.length - 1), { minLength: 6, maxLength: 6 });
    fc.assert(
      fc.property(fc.integer(), numbers, fc.integer({ min: 1, max: 3 }), (seed, data, outputs) => {
        arena.release(start);
        const next = noise(seed);
        const terms = [term(300, 40), term(0, 700), term(20, 30)];
        const rows = reserveRows(
          { kernel: fast, arena, executor: null, screening: 'always' } as const,
          { terms, outputs },
          0,
          2 * LANES,
        );
        terms.forEach(({ left, right }, i) => {
          const fill = (pointer: number, length: number, kind: number) =>
            arena
              .floats(pointer, length)
              .set(Float64Array.from({ length }, () => kinds[kind](next()) / Math.sqrt(length)));
          // Whitened rows are at most 1 long, which keeps the rounding of terms that are always exact small.
          const exact = left + right < 96;
          if (left > 0) fill(rows.activities[i], 2 * LANES * left, exact ? 0 : data[2 * i]);
          fill(rows.values[i], 2 * LANES * outputs * right, exact ? 0 : data[2 * i + 1]);
        });
        const operand = ended(quantized(rows, []));
        expect(operand.quantized).toBeDefined();
        expect(excess(operand)).toBeLessThanOrEqual(0);
      }),
      { numRuns: 150 },
    );
  });

  it('is within its bound where activities near a subspace are projected, be they large, small or zero', async () => {
    const { arena, fast } = fixture();
    const site = { kernel: fast, arena, executor: null, screening: 'always' } as const;
    const start = arena.mark();
    for (const scale of [1, 1e-12, 1e6]) {
      for (const spread of [0, 1e-6, 0.2]) {
        arena.release(start);
        const next = noise(7);
        const size = 640;
        const rows = reserveRows(site, { terms: [term(300, 9), term(0, 200)], outputs: 2 }, 0, size);
        const directions = Array.from({ length: 20 }, () => Float64Array.from({ length: 300 }, next));
        for (let i = 0; i < size; i++) {
          const weights = directions.map(() => (i % 16 === 5 ? 0 : next()));
          const panel = arena.floats(rows.activities[0] + (i >> 4) * 300 * 64, 300 * LANES);
          for (let k = 0; k < 300; k++) {
            const near = weights.reduce((sum, weight, at) => sum + weight * directions[at][k], 0);
            panel[k * LANES + (i & 15)] = scale * (near + spread * next()) * (1 / 40);
          }
        }
        for (const [i, length] of [18, 400].entries()) {
          const values = arena.floats(rows.values[i], size * length);
          values.set(values.map(() => next() / Math.sqrt(length) / (i === 0 ? scale : 1)));
        }
        const source = {
          ...{ terms: rows.terms, outputs: 2, site, size, inputBytes: 0, loadBytes: 0 },
          *rows(): Work<Variant> {
            return rows;
          },
        };
        const found = await run('directions', projections({ source, kind: 'white' }));
        expect(found.map((projection) => projection?.length)).toEqual([64, undefined]);
        const operand = ended(quantized(rows, found));
        expect(operand.quantized?.lengths[0].activities).toBe(64);
        expect(excess(operand)).toBeLessThanOrEqual(0);
      }
    }
  });

  it('is not made where norms leave the range of float32', () => {
    const { arena, fast } = fixture();
    const shape = { terms: [term(100, 100)], outputs: 1 };
    const rows = reserveRows(
      { kernel: fast, arena, executor: null, screening: 'always' } as const,
      shape,
      0,
      LANES,
    );
    for (const value of [1e20, Number.NaN, Infinity]) {
      arena.floats(rows.activities[0], 100 * LANES).fill(1);
      arena.floats(rows.values[0], 100 * LANES).fill(value);
      expect(quantized(rows, []).next()).toEqual({ done: true, value: rows });
    }
  });
});

describe('screening', () => {
  it('is left alone for few pairs, few left rows, long lists, and terms without a kernel for it', () => {
    const shape = { terms: [term(785, 128), term(129, 64), term(65, 10)], outputs: 1 };
    const few = { wanted: 5, limits: () => undefined };
    expect(isWorthwhile('chosen', shape, few, 2000, 2000, 2e6)).toBe(true);
    expect(isWorthwhile('chosen', shape, { threshold: 0.9 }, 2000, 2000, 2e6)).toBe(true);
    expect(isWorthwhile('chosen', shape, { ...few, wanted: 10 }, 2000, 2000, 2e6)).toBe(false);
    expect(isWorthwhile('chosen', shape, few, 800, 2000, 1.6e6)).toBe(false);
    expect(isWorthwhile('chosen', shape, few, 16, 1e6, 1.6e7)).toBe(false);
    const convolution = { ...term(30, 20), positions: 25 };
    expect(
      isWorthwhile('chosen', { terms: [...shape.terms, convolution], outputs: 1 }, few, 2000, 2000, 2e6),
    ).toBe(false);
    expect(isWorthwhile('chosen', { terms: [term(40, 30)], outputs: 1 }, few, 1e5, 1e5, 5e9)).toBe(false);
  });

  it('is tried less and less often while it does not pay', () => {
    const trial = new Trial('chosen');
    const tries = Array.from({ length: 200 }, () => {
      const tried = trial.next();
      if (tried) trial.saw(0.9);
      return tried;
    });
    expect(tries.flatMap((tried, at) => (tried ? [at] : []))).toEqual([0, 2, 5, 10, 19, 36, 69, 134, 199]);
    const paying = new Trial('chosen');
    expect(
      Array.from({ length: 50 }, () => {
        paying.saw(0.2);
        return paying.next();
      }).every(Boolean),
    ).toBe(true);
  });
});
