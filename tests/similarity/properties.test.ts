/**
 * Properties that hold for every network and every pair (method, sections 1 to 4), on random small networks; those of
 * K^C and of linear models are D2, D4 and D5 in tests/checks.
 */
import * as tf from '@tensorflow/tfjs';
import fc from 'fast-check';
import { open, type Perspective } from 'netkin';
import { beforeAll, describe, expect, it } from 'vitest';
import { randomInputs, randomise, startWasm } from '../oracle/random.js';

beforeAll(startWasm);

const { layers } = tf;

/** A random MLP seen on random inputs. */
const network = fc.record({
  wide: fc.integer({ min: 1, max: 9 }),
  hidden: fc.integer({ min: 6, max: 20 }),
  outputs: fc.integer({ min: 1, max: 5 }),
  size: fc.integer({ min: 2, max: 37 }),
  activation: fc.constantFrom('tanh' as const, 'softplus' as const, 'elu' as const),
  seed: fc.integer({ min: 1, max: 1e6 }),
});

type Drawn = typeof network extends fc.Arbitrary<infer T> ? T : never;

async function seeing(
  drawn: Drawn,
  body: (seen: Perspective, size: number, d: number) => Promise<void>,
): Promise<void> {
  const { wide, hidden, outputs, size, activation, seed } = drawn;
  const model = tf.sequential({
    layers: [
      layers.dense({ inputShape: [wide], units: hidden, activation }),
      layers.dense({ units: hidden, activation }),
      layers.dense({ units: outputs }),
    ],
  });
  try {
    await using engine = await open(randomise(model, seed));
    await body(await engine.perspective(randomInputs(seed + 1, [size, wide])), size, outputs);
  } finally {
    model.dispose();
  }
}

const always = (numRuns: number, body: (seen: Perspective, size: number, d: number) => Promise<void>) =>
  fc.assert(
    fc.asyncProperty(network, (drawn) => seeing(drawn, body)),
    { numRuns, seed: 3 },
  );

describe('K^C', () => {
  it('of one output is the cosine of its gradients', () =>
    always(25, async (seen, size, d) => {
      fc.pre(d === 1);
      const inner = (await seen.matrix({ kernel: 'inner' })).data;
      const k = (await seen.matrix()).data;
      const influence = (await seen.matrix({ kernel: 'influence' })).data;
      for (let i = 0; i < size; i++) {
        for (let j = 0; j < size; j++) {
          const own = inner[i * size + i];
          expect(
            Math.abs(k[i * size + j] - inner[i * size + j] / Math.sqrt(own * inner[j * size + j])),
          ).toBeLessThan(1e-6);
          expect(Math.abs(influence[i * size + j] - inner[i * size + j] / own)).toBeLessThan(
            2e-6 * Math.max(1, Math.abs(influence[i * size + j])),
          );
        }
      }
    }));
});

describe('a similarity', () => {
  it('is the sum of what the layers add', () =>
    always(15, async (seen, size) => {
      const { similarity, layers: shares } = await seen.explain(0, size - 1);
      expect(shares.reduce((sum, { share }) => sum + share, 0)).toBeCloseTo(similarity, 12);
      expect(similarity).toBeCloseTo((await seen.matrix()).data[size - 1], 6);
      expect(await seen.similarity(0, size - 1)).toBeCloseTo(await seen.similarity(size - 1, 0), 12);
    }));
});

describe('D12, D13: the number of neighbours', () => {
  it('in linear time is that of all pairs; thresholds integrate to the first power; fewer pass a higher one', () =>
    always(25, async (seen, size) => {
      const k = (await seen.matrix()).data;
      const soft = await seen.density('soft');
      const first = await seen.density({ power: 1 });
      const counts = [
        await seen.density({ hard: 0.2 }),
        await seen.density({ hard: 0.6 }),
        await seen.density({ hard: 1 }),
      ];
      for (let i = 0; i < size; i++) {
        const row = [...k.subarray(i * size, (i + 1) * size)];
        expect(Math.abs(soft[i] - row.reduce((sum, v) => sum + v, 0))).toBeLessThan(1e-6 * size);
        // N_τ is a staircase that falls by one at every positive k: its integral over [0, 1] from the sorted row.
        const steps = row.filter((v) => v > 0).sort((a, b) => a - b);
        const integral = steps.reduce(
          (sum, v, rank) => sum + (v - (steps[rank - 1] ?? 0)) * (steps.length - rank),
          0,
        );
        expect(Math.abs(first[i] - integral)).toBeLessThan(1e-6 * size);
        expect(counts[0][i]).toBeGreaterThanOrEqual(counts[1][i]);
        expect(counts[1][i]).toBeGreaterThanOrEqual(counts[2][i]);
        expect(counts[2][i]).toBeGreaterThanOrEqual(1);
      }
    }));
});

describe('denoising', () => {
  it('shrinks noise by at most 1/√N, and where all weights are positive never lets it grow', () =>
    always(25, async (seen, size, d) => {
      fc.pre(d === 1);
      const inner = (await seen.matrix({ kernel: 'inner' })).data;
      const { factor, undefinedAt } = await seen.denoise({
        shape: [size, 1],
        data: randomInputs(1, [size]).data,
      });
      for (let i = 0; i < size; i++) {
        if (undefinedAt.includes(i)) continue;
        const positive = inner.subarray(i * size, (i + 1) * size).every((value) => value >= 0);
        expect(factor[i]).toBeGreaterThan((1 - 1e-6) / Math.sqrt(size));
        if (positive) expect(factor[i]).toBeLessThan(1 + 1e-6);
      }
    }));

  it('leaves equal labels as they are, and is linear in the labels', () =>
    always(15, async (seen, size, d) => {
      fc.pre(d > 1);
      const table = randomInputs(4, [size, d]);
      const equal = { shape: [size, d], data: Float32Array.from(table.data, (_, i) => table.data[i % d]) };
      const [same, one, two] = [
        await seen.denoise(equal),
        await seen.denoise(table),
        await seen.denoise({
          shape: [size, d],
          data: table.data.map((value, i) => value * 2 + equal.data[i]),
        }),
      ];
      for (let i = 0; i < size; i++) {
        if (same.undefinedAt.includes(i) || same.cancelling.includes(i)) continue;
        for (let c = 0; c < d; c++) {
          expect(same.labels[i * d + c]).toBeCloseTo(equal.data[c], 5);
          expect(two.labels[i * d + c]).toBeCloseTo(2 * one.labels[i * d + c] + equal.data[c], 3);
        }
      }
    }));
});
