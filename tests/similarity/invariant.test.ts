/** D6: similarities that do not change when the outputs are rotated (method, section 1). */
import * as tf from '@tensorflow/tfjs';
import { Matrix } from 'ml-matrix';
import { open, type Perspective } from 'netkin';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { singularValues } from '../../src/similarity/singular-values.js';
import { exact, orthogonal, rotation } from '../oracle/kernels.js';
import { type Jacobians, jacobians } from '../oracle/network.js';
import { noise, randomInputs, randomise, startWasm } from '../oracle/random.js';
import { distance, printErrors, within } from './measure.js';

beforeAll(startWasm);
afterAll(printErrors);

const { layers } = tf;
const KERNELS = { rotation, orthogonal } as const;
const names = ['rotation', 'orthogonal'] as const;

function turn(angle: number): Matrix {
  const [c, s] = [Math.cos(angle), Math.sin(angle)];
  return new Matrix([
    [c, -s],
    [s, c],
  ]);
}

function randomMatrix(d: number, seed: number): Matrix {
  const next = noise(seed);
  return Matrix.from1DArray(d, d, Array.from({ length: d * d }, next));
}

function network(outputs: number, seed: number, size = 20) {
  const model = tf.sequential({
    layers: [
      layers.dense({ inputShape: [5], units: 12, activation: 'tanh' }),
      layers.dense({ units: outputs }),
    ],
  });
  return { model: randomise(model, seed), inputs: randomInputs(seed + 1, [size, 5]) };
}

/** Sees the inputs through the network with both, the engine and the twin. */
async function seeing(
  { model, inputs }: ReturnType<typeof network>,
  body: (
    seen: Perspective,
    wanted: ReturnType<typeof exact>,
    twin: { readonly model: tf.LayersModel; readonly set: Jacobians },
  ) => Promise<void>,
): Promise<void> {
  try {
    await using engine = await open(model);
    const set = jacobians(model, [inputs]);
    await body(await engine.perspective(inputs), exact(set), { model, set });
  } finally {
    model.dispose();
  }
}

describe('of two outputs', () => {
  it('the closed form is the best of all angles, to 1e-8', () => {
    for (let seed = 0; seed < 20; seed++) {
      const block = randomMatrix(2, seed + 1);
      const [[a, b], [c, e]] = block.to2DArray() as [[number, number], [number, number]];
      const closed = Math.sqrt(a * a + b * b + c * c + e * e + 2 * (a * e - b * c)) / 2;
      let [best, step] = [0, Math.PI / 180];
      const value = (angle: number) => block.mmul(turn(angle)).trace() / 2;
      for (let angle = 0; angle < 2 * Math.PI; angle += step) if (value(angle) > value(best)) best = angle;
      // The search narrows around the best: 1e-6 rad at the end, an error of its square.
      for (; step > 1e-6; step /= 2) {
        for (const at of [best - step, best + step]) if (value(at) > value(best)) best = at;
      }
      expect(Math.abs(closed - value(best))).toBeLessThan(1e-8);
      expect(Math.abs(closed - rotation(block))).toBeLessThan(1e-12);
    }
  });

  it('K^C = c R(t) is as similar as c for every angle t, where half the trace is c cos t', () => {
    for (const angle of [0, 0.4, 1.5, 3, 5]) {
      const block = turn(angle).mul(0.7);
      expect(rotation(block)).toBeCloseTo(0.7, 12);
      expect(block.trace() / 2).toBeCloseTo(0.7 * Math.cos(angle), 12);
    }
  });
});

describe.each([1, 2, 3, 5, 10])('with %i outputs', (d) => {
  it.each(names)('%s is that of the twin, in matrix, against, tiles and similarity alike', (kernel) =>
    seeing(network(d, 40 + d), async (seen, { correlation }, { model, set }) => {
      const size = correlation.length;
      const wanted = correlation.map((row) => row.map(KERNELS[kernel]));
      const { shape, data } = await seen.matrix({ kernel });
      expect(shape).toEqual([size, size]);
      within(`k ${kernel}`, `${d} outputs`, distance(data, wanted.flat()), 2e-6);
      for (let i = 0; i < size; i++) {
        expect(data[i * size + i]).toBe(1);
        for (let j = 0; j < i; j++) expect(data[i * size + j]).toBe(data[j * size + i]);
      }
      for await (const { row, column, rows, columns, values } of seen.tiles({ kernel })) {
        for (let at = 0; at < rows * columns; at++) {
          const [i, j] = [row + Math.floor(at / columns), column + (at % columns)];
          expect(values[at]).toBe(data[i * size + j]);
        }
      }
      expect(Math.fround(await seen.similarity(3, 7, { kernel }))).toBe(data[3 * size + 7]);
      expect(Math.fround(await seen.similarity(7, 3, { kernel }))).toBe(data[3 * size + 7]);
      const others = randomInputs(99, [3, 5]);
      const against = await seen.against(others, { kernel });
      expect(against.shape).toEqual([size, 3]);
      const between = exact(set, jacobians(model, [others])).correlation;
      const expected = between.map((row) => row.map(KERNELS[kernel]));
      within(`k ${kernel} against others`, `${d} outputs`, distance(against.data, expected.flat()), 2e-6);
    }),
  );

  it('k^C ≤ rotation ≤ orthogonal ≤ 1', () =>
    seeing(network(d, 80 + d), async (seen) => {
      const k = (await seen.matrix()).data;
      const rotated = (await seen.matrix({ kernel: 'rotation' })).data;
      const reflected = (await seen.matrix({ kernel: 'orthogonal' })).data;
      for (let at = 0; at < k.length; at++) {
        expect(rotated[at]! - k[at]!).toBeGreaterThan(-1e-6);
        expect(reflected[at]! - rotated[at]!).toBeGreaterThan(-1e-6);
        expect(reflected[at]!).toBeLessThanOrEqual(1);
        if (d > 1) continue;
        // There is one rotation of one output, and one reflection.
        expect(Math.abs(rotated[at]! - k[at]!)).toBeLessThan(1e-6);
        expect(Math.abs(reflected[at]! - Math.abs(k[at]!))).toBeLessThan(1e-6);
      }
    }));
});

it('outputs rotated for some inputs only: rotation does not see it, k^C does', async () => {
  // Where x0 > 0 the outputs are those of one network, elsewhere the same turned by a right angle.
  const wanted = exactOf(0);
  const turned = exactOf(Math.PI / 2);
  expect(Math.abs(rotation(wanted) - rotation(turned))).toBeLessThan(1e-12);
  expect(Math.abs(wanted.trace() - turned.trace())).toBeGreaterThan(0.5);
});

/** K^C of a pair whose second input's Jacobian is turned by an angle. */
function exactOf(angle: number): Matrix {
  const { model, inputs } = network(2, 7, 2);
  try {
    const set = jacobians(model, [inputs]);
    const [c, s] = [Math.cos(angle), Math.sin(angle)];
    const [first, second] = set.rows as [readonly Float64Array[], readonly Float64Array[]];
    const mixed = [
      second[0]!.map((value, p) => c * value - s * second[1]![p]!),
      second[0]!.map((value, p) => s * value + c * second[1]![p]!),
    ];
    return exact({ ...set, rows: [first, mixed] }).correlation[0]![1]!;
  } finally {
    model.dispose();
  }
}

describe('singular values', () => {
  it.each([2, 3, 4, 7, 10, 20])(
    'of d × d matrices, d = %i, are those of another algorithm, and so is the sign',
    (d) => {
      const decompose = singularValues(d);
      for (let seed = 1; seed <= 30; seed++) {
        const matrix = randomMatrix(d, seed);
        // Every third is singular: its last row repeats the first.
        if (seed % 3 === 0) matrix.setRow(d - 1, matrix.getRow(0));
        const { sum, smallest, turned } = decompose(Float64Array.from(matrix.to1DArray()));
        expect(Math.abs(sum - d * orthogonal(matrix))).toBeLessThan(1e-12 * d);
        const folded = (turned ? sum - 2 * smallest : sum) / d;
        expect(Math.abs(folded - rotation(matrix))).toBeLessThan(1e-12 * d);
      }
    },
  );

  it('of zero, of the identity, and of numbers that squares would lose', () => {
    const decompose = singularValues(3);
    expect(decompose(new Float64Array(9))).toEqual({ sum: 0, smallest: 0, turned: false });
    expect(decompose(Float64Array.of(1, 0, 0, 0, 1, 0, 0, 0, 1)).sum).toBeCloseTo(3, 14);
    expect(decompose(Float64Array.of(1, 0, 0, 0, 1, 0, 0, 0, -1))).toMatchObject({ turned: true });
    expect(decompose(Float64Array.of(1e-9, 0, 0, 0, 1, 0, 0, 0, 1e-9)).smallest).toBeCloseTo(1e-9, 20);
  });
});

it('the bits do not depend on the batch', async () => {
  const { model, inputs } = network(3, 5, 100);
  const results: Float32Array[] = [];
  for (const batch of [7, 100]) {
    await using engine = await open(model, { batch, threads: 0 });
    results.push((await (await engine.perspective(inputs)).matrix({ kernel: 'rotation' })).data);
  }
  model.dispose();
  expect(results[1]).toEqual(results[0]);
});

it('blocks of an invariant kernel are refused: it has none', () =>
  seeing(network(2, 3), async (seen) => {
    await expect(seen.blocks({ kernel: 'rotation' as 'inner' })).rejects.toThrow(/no kernel 'rotation' here/);
    await expect(seen.block(0, 1, { kernel: 'orthogonal' as 'inner' })).rejects.toThrow(
      /no kernel 'orthogonal' here/,
    );
    await expect(seen.similarity(0, 1, { kernel: 'cosine' as 'inner' })).rejects.toThrow(
      /no kernel 'cosine'/,
    );
  }));

it('single blocks and values of every kernel are those of all pairs', () =>
  seeing(network(3, 9), async (seen, { correlation, inner, influence }) => {
    for (const [kernel, blocks] of Object.entries({ correlation, inner, influence })) {
      const one = await seen.block(2, 5, { kernel: kernel as 'inner' });
      const wanted = blocks[2]![5]!;
      const scale = Math.max(1, ...wanted.to1DArray().map(Math.abs));
      expect(distance(one, wanted.to1DArray()) / scale).toBeLessThan(5e-6);
      const value = await seen.similarity(2, 5, { kernel: kernel as 'inner' });
      expect(Math.abs(value - wanted.trace() / 3) / scale).toBeLessThan(5e-6);
    }
  }));
