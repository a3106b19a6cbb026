/** What one method says follows from what another says: on more inputs than one strip holds. */
import { type Engine, open, type Perspective } from 'netkin';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { randomInputs, startWasm } from '../oracle/random.js';
import { build, type Specimen } from '../oracle/zoo.js';
import { distance, relative } from './measure.js';

const SIZE = 275;
let specimen: Specimen;
let engine: Engine;
let seen: Perspective;
let k: Float32Array;

beforeAll(async () => {
  await startWasm();
  specimen = build('MLP, d = 3, tanh');
  engine = await open(specimen.model);
  seen = await engine.perspective(randomInputs(31, [SIZE, 4], 2));
  k = (await seen.matrix()).data;
});
afterAll(async () => {
  await engine.dispose();
  specimen.model.dispose();
});

/** The columns of a row, best first, ties by smaller index. */
function ranked(row: number): number[] {
  const at = (j: number) => k[row * SIZE + j];
  return [...Array(SIZE).keys()].sort((a, b) => at(b) - at(a) || a - b);
}

describe('the matrix', () => {
  it.each(['correlation', 'inner'] as const)('of %s is symmetric, bit for bit', async (kernel) => {
    const { data } = await seen.matrix({ kernel });
    for (let i = 0; i < SIZE; i++)
      for (let j = 0; j < i; j++) expect(data[i * SIZE + j]).toBe(data[j * SIZE + i]);
  });

  it('has ones on its diagonal and nothing beyond one', () => {
    for (let i = 0; i < SIZE; i++) expect(k[i * SIZE + i]).toBe(1);
    expect(k.every((value) => value >= -1 && value <= 1)).toBe(true);
  });

  it.each(['correlation', 'inner', 'influence'] as const)(
    'of %s is put together from its tiles',
    async (kernel) => {
      const whole = await seen.matrix({ kernel });
      const put = new Float32Array(SIZE * SIZE).fill(NaN);
      for await (const tile of seen.tiles({ kernel })) {
        expect(tile.values.length).toBe(tile.rows * tile.columns);
        for (let r = 0; r < tile.rows; r++) {
          put.set(
            tile.values.subarray(r * tile.columns, (r + 1) * tile.columns),
            (tile.row + r) * SIZE + tile.column,
          );
        }
      }
      expect(put).toEqual(whole.data);
    },
  );

  it('is the trace of its blocks', async () => {
    for (const kernel of ['correlation', 'inner', 'influence'] as const) {
      const [{ data: blocks }, { data }] = [await seen.blocks({ kernel }), await seen.matrix({ kernel })];
      const d = seen.outputs;
      const traces = data.map((_, pair) => {
        let sum = 0;
        for (let c = 0; c < d; c++) sum += blocks[pair * d * d + c * d + c];
        return sum / d;
      });
      expect(distance(traces, data) / Math.max(...data.map(Math.abs))).toBeLessThan(1e-6);
    }
  });
});

describe('D15: the nearest', () => {
  it('are the sorted matrix', async () => {
    const count = 12;
    const { indices, similarities } = await seen.nearest(undefined, count);
    for (let row = 0; row < SIZE; row++) {
      const wanted = ranked(row).slice(0, count);
      expect([...indices.subarray(row * count, (row + 1) * count)]).toEqual(wanted);
      expect([...similarities.subarray(row * count, (row + 1) * count)]).toEqual(
        wanted.map((j) => k[row * SIZE + j]),
      );
    }
  });

  it('of one input are its row of all of them, itself first', async () => {
    for (const row of [0, 15, 16, 255, 256, 274]) {
      const { indices } = await seen.nearest(row, SIZE);
      expect([...indices]).toEqual(ranked(row));
      expect(indices[0]).toBe(row);
    }
  });

  it('others leave out the input', async () => {
    const { indices } = await seen.nearestOthers(7);
    for (let row = 0; row < SIZE; row++) {
      expect([...indices.subarray(row * 7, (row + 1) * 7)]).toEqual(
        ranked(row)
          .filter((j) => j !== row)
          .slice(0, 7),
      );
    }
  });
});

describe('D12, D13: the density', () => {
  it.each([-1, -0.3, 0, 0.25, 0.7, 0.9, 0.999, 1, 1.5])(
    'counts the matrix where k >= %d',
    async (threshold) => {
      const counted = Float32Array.from(
        { length: SIZE },
        (_, i) => k.subarray(i * SIZE, (i + 1) * SIZE).filter((v) => v >= threshold).length,
      );
      expect(await seen.density({ hard: threshold })).toEqual(counted);
    },
  );

  it.each([0.5, 1, 2, 3, 4, 16])('adds up the matrix to the power %d', async (exponent) => {
    const sums = Float64Array.from({ length: SIZE }, (_, i) =>
      k.subarray(i * SIZE, (i + 1) * SIZE).reduce((sum, v) => sum + (v > 0 ? v ** exponent : 0), 0),
    );
    expect(relative(await seen.density({ power: exponent }), sums)).toBeLessThan(5e-7);
  });

  it('adds up the matrix, in linear time', async () => {
    const sums = Float64Array.from({ length: SIZE }, (_, i) =>
      k.subarray(i * SIZE, (i + 1) * SIZE).reduce((sum, v) => sum + v, 0),
    );
    expect(distance(await seen.density('soft'), sums)).toBeLessThan(1e-6 * SIZE);
  });
});
