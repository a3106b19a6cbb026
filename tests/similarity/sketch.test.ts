/** Sketches estimate inner products without bias and within the stated error, and depend on their seed only. */
import { describe, expect, it } from 'vitest';
import { Arena } from '../../src/kernel/arena.js';
import { LANES, wasmKernel } from '../../src/kernel/kernel.js';
import { plainKernel } from '../../src/kernel/plain.js';
import type { FactorBatch, Layout, Term } from '../../src/plan.js';
import { deviation } from '../../src/precision.js';
import { stream } from '../../src/random.js';
import { RowWriter, reserveStaging } from '../../src/similarity/row-writer.js';
import { reserveRows } from '../../src/similarity/rows.js';
import { module } from '../kernel/fixture.js';
import { noise } from '../oracle/random.js';

/** A term of this layout, sketched to m numbers. */
function sketchedTerm(source: Layout, m: number, key: number): Term {
  const own = { positions: 1, left: 0, right: m, sketch: { source, key } };
  return { layer: 'one', parameters: [], rule: 'dense', kind: 'sketched', size: 0, ...own };
}

/** n gradients, d outputs each, as factors; those of an input resemble those of its neighbour. */
function factors(
  { positions, left, right }: Layout,
  inputs: number,
  outputs: number,
  seed: number,
): FactorBatch {
  const next = noise(seed);
  const alike = (width: number, share: number) => {
    const common = Float32Array.from({ length: positions * width }, next);
    return Float32Array.from(
      { length: inputs * positions * width },
      (_, i) => share * common[i % common.length] + (1 - share) * next(),
    );
  };
  const rights = Array.from({ length: outputs }, () => alike(right, 0.4));
  return { inputs, terms: [{ left: alike(left, 0.6), right: rights }] };
}

/** The gradients themselves, [input][output] rows of left × right products. */
function gradients({ positions, left, right }: Layout, batch: FactorBatch): Float64Array[][] {
  const [factor] = batch.terms;
  return Array.from({ length: batch.inputs }, (_, x) =>
    factor.right.map((values) => {
      const whole = new Float64Array(Math.max(1, left) * right);
      for (let t = x * positions; t < (x + 1) * positions; t++) {
        for (let k = 0; k < whole.length; k++) {
          const a = left > 0 ? factor.left[t * left + Math.floor(k / right)] : 1;
          whole[k] += a * values[t * right + (k % right)];
        }
      }
      return whole;
    }),
  );
}

/** The sketches [input][output] of a batch. */
function sketches(
  layout: Layout,
  batch: FactorBatch,
  m: number,
  seed: number,
  plain = false,
): Float64Array[][] {
  const outputs = batch.terms[0].right.length;
  const memory = new WebAssembly.Memory({ initial: 16, maximum: 65536 });
  const kernel = plain ? plainKernel(memory) : wasmKernel(module, memory);
  const terms = [sketchedTerm(layout, m, stream(seed, 0))];
  const arena = new Arena(memory);
  const rows = reserveRows(
    { kernel, arena, executor: null, screening: 'never' },
    { terms, outputs },
    0,
    batch.inputs,
  );
  new RowWriter(kernel, arena, rows, reserveStaging(rows, arena)).append(batch);
  return Array.from({ length: batch.inputs }, (_, x) =>
    Array.from({ length: outputs }, (_, c) => {
      const panel = Math.floor(x / LANES) * outputs + c;
      const values = arena.floats(rows.values[0] + panel * m * LANES * 4, m * LANES);
      return Float64Array.from({ length: m }, (_, r) => values[r * LANES + (x % LANES)]);
    }),
  );
}

const dot = (a: Float64Array, b: Float64Array) => a.reduce((sum, value, i) => sum + value * b[i], 0);
const cosine = (a: Float64Array, b: Float64Array) => dot(a, b) / Math.sqrt(dot(a, a) * dot(b, b));

const layouts: [string, Layout][] = [
  ['a dense layer', { positions: 1, left: 40, right: 24 }],
  ['a layer of one output', { positions: 1, left: 700, right: 1 }],
  ['a layer used at 5 positions', { positions: 5, left: 30, right: 20 }],
  ['a row', { positions: 1, left: 0, right: 1000 }],
];

describe.each(layouts)('the sketch of %s', (_, layout) => {
  const m = 96;
  const batch = factors(layout, 4, 2, 1);
  const exact = gradients(layout, batch);
  const trials = Array.from({ length: 400 }, (_, seed) => sketches(layout, batch, m, seed));

  it('has the inner products of the gradients on the mean over seeds', () => {
    for (const [x, y, c, e] of [
      [0, 1, 0, 0],
      [0, 0, 1, 1],
      [2, 3, 0, 1],
    ]) {
      const wanted = dot(exact[x][c], exact[y][e]);
      const scale = Math.sqrt(dot(exact[x][c], exact[x][c]) * dot(exact[y][e], exact[y][e]));
      const found = trials.map((one) => dot(one[x][c], one[y][e]));
      const mean = found.reduce((sum, value) => sum + value) / found.length;
      // The variance of an inner product is at most 4 / m; four standard deviations of the mean.
      expect(Math.abs(mean - wanted) / scale).toBeLessThan((4 * 2) / Math.sqrt(m * found.length));
    }
  });

  it('errs in a cosine by what the network will say of itself', () => {
    for (const [x, y] of [
      [0, 1],
      [1, 2],
      [0, 3],
    ]) {
      const k = cosine(exact[x][0], exact[y][0]);
      const errors = trials.map((one) => cosine(one[x][0], one[y][0]) - k);
      const spread = Math.sqrt(errors.reduce((sum, error) => sum + error ** 2, 0) / errors.length);
      // 400 trials know it to within a tenth.
      const bound = 1.1 * deviation([sketchedTerm(layout, m, 0)], 1) * (1 - k ** 2);
      expect(spread).toBeLessThan(bound);
      expect(spread).toBeGreaterThan(bound / 3);
    }
  });

  it('is the same from plain loops', () => {
    const [one, twin] = [trials[7], sketches(layout, batch, m, 7, true)];
    for (const x of one.keys())
      for (const c of one[x].keys())
        for (let r = 0; r < m; r++) expect(one[x][c][r]).toBeCloseTo(twin[x][c][r], 4);
  });
});

it('positions are summed: twice the same use is twice the sketch', () => {
  const once = { positions: 1, left: 30, right: 20 };
  const twice = { ...once, positions: 2 };
  const { terms } = factors(once, 1, 1, 5);
  const doubled = {
    left: Float32Array.of(...terms[0].left, ...terms[0].left),
    right: [Float32Array.of(...terms[0].right[0], ...terms[0].right[0])],
  };
  const [[one]] = sketches(once, { inputs: 1, terms }, 64, 9);
  const [[two]] = sketches(twice, { inputs: 1, terms: [doubled] }, 64, 9);
  expect([...two]).toEqual([...one].map((value) => 2 * value));
});

it('the error of the mean cosine of d orthogonal outputs is smaller by √d', () => {
  const [layout, m, outputs] = [{ positions: 1, left: 0, right: 600 }, 64, 9];
  // Outputs live in parts of their own, so that K(x,x) is diagonal, and k^C the mean of the cosines.
  const right = Array.from({ length: outputs }, (_, c) =>
    factors(layout, 2, 1, c).terms[0].right[0].map((value, i) =>
      Math.floor((i % 600) / 66) === c ? value : 0,
    ),
  );
  const batch = { inputs: 2, terms: [{ left: new Float32Array(0), right }] };
  const exact = gradients(layout, batch);
  const mean = (rows: Float64Array[][]) =>
    rows[0].reduce((sum, row, c) => sum + cosine(row, rows[1][c]), 0) / outputs;
  const k = mean(exact);
  const errors = Array.from({ length: 300 }, (_, seed) => mean(sketches(layout, batch, m, seed)) - k);
  const spread = Math.sqrt(errors.reduce((sum, error) => sum + error ** 2, 0) / errors.length);
  expect(spread).toBeLessThan(1.1 * deviation([sketchedTerm(layout, m, 0)], outputs) * (1 - k ** 2));
});
