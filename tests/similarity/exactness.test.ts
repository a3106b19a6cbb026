/** Every quantity of issue 2 on every specimen, against the float64 oracle: D13 the soft density, D7 the shares of layers, D19 averages. */
import { type Engine, open, type Perspective } from 'netkin';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import {
  denoise,
  type Exact,
  exact,
  hard,
  power,
  shares,
  soft,
  traces,
  uncertainty,
} from '../oracle/kernels.js';
import { type Jacobians, jacobians } from '../oracle/network.js';
import { noise, startWasm } from '../oracle/random.js';
import { build, given, type Specimen, specimens } from '../oracle/zoo.js';
import { distance, magnitude, printErrors, relative, within } from './measure.js';

beforeAll(startWasm);
afterAll(printErrors);

describe.each(specimens)('%s', (name) => {
  let specimen: Specimen;
  let engine: Engine;
  let seen: Perspective;
  let set: Jacobians;
  let wanted: Exact;
  let k: number[][];

  beforeAll(async () => {
    specimen = build(name);
    engine = await open(specimen.model);
    seen = await engine.perspective(given(specimen));
    set = jacobians(specimen.model, specimen.inputs);
    wanted = exact(set);
    k = traces(wanted.correlation);
  });
  afterAll(async () => {
    await engine.dispose();
    specimen.model.dispose();
  });

  it('has the outputs that the network computes', () => {
    expect(seen.outputs).toBe(set.outputs);
    within(
      'logits',
      name,
      distance(
        seen.logits,
        set.values.flatMap((row) => [...row]),
      ),
      3e-6,
    );
  });

  it('correlates within 2e-6', async () => {
    const { shape, data } = await seen.matrix();
    expect(shape).toEqual([set.size, set.size]);
    within('k^C', name, distance(data, k.flat()), 2e-6);
  });

  it('has inner products within 3e-6 of the largest', async () => {
    const inner = traces(wanted.inner).flat();
    const { data } = await seen.matrix({ kernel: 'inner' });
    within('inner / largest', name, distance(data, inner) / magnitude(inner), 3e-6);
  });

  it('has influences within 5e-6 of the largest', async () => {
    const influence = traces(wanted.influence).flat();
    const { data } = await seen.matrix({ kernel: 'influence' });
    within('influence / largest', name, distance(data, influence) / magnitude(influence), 5e-6);
  });

  it.each(['correlation', 'inner', 'influence'] as const)('has %s blocks within 5e-6', async (kernel) => {
    const { shape, data } = await seen.blocks({ kernel });
    expect(shape).toEqual([set.size, set.size, set.outputs, set.outputs]);
    const blocks = wanted[kernel].flat().flatMap((block) => block.to1DArray());
    const scale = kernel === 'correlation' ? 1 : magnitude(blocks);
    within(`${kernel} blocks`, name, distance(data, blocks) / scale, 5e-6);
  });

  it('gives single similarities and blocks as it gives all of them', async () => {
    const [i, j] = [1, set.size - 1];
    within('similarity', name, Math.abs((await seen.similarity(i, j)) - k[i][j]), 2e-6);
    within('block', name, distance(await seen.block(i, j), wanted.correlation[i][j].to1DArray()), 5e-6);
  });

  it('counts neighbours softly within 5e-6 relative to what is added up', async () => {
    const sums = soft(k);
    const found = await seen.density('soft');
    const parts = k.map((row) => row.reduce((sum, value) => sum + Math.abs(value), 0));
    within(
      'soft density / sum of |k|',
      name,
      distance(
        found.map((v, i) => v / parts[i]),
        sums.map((v, i) => v / parts[i]),
      ),
      5e-6,
    );
    const plain = sums.map((value, i) => (Math.abs(value) > parts[i] / 10 ? i : -1)).filter((i) => i >= 0);
    within(
      'soft density, relative',
      name,
      relative(
        plain.map((i) => found[i]),
        plain.map((i) => sums[i]),
      ),
      5e-6,
    );
  });

  it.each([0.25, 1, 2, 3, 7.5])('sums powers %d within 5e-6 relative', async (exponent) => {
    // Roots of correlations near zero have no relative accuracy; issue 2 asks for powers from 1 on.
    const limit = exponent < 1 ? 1e-3 : 5e-6;
    within(
      `power ${exponent} density`,
      name,
      relative(await seen.density({ power: exponent }), power(k, exponent)),
      limit,
    );
  });

  it.each([-0.2, 0, 0.3, 0.5, 0.9, 0.99])('counts k >= %d as the oracle does', async (threshold) => {
    const found = await seen.density({ hard: threshold });
    const [low, high] = [hard(k, threshold + 2e-6), hard(k, threshold - 2e-6)];
    found.forEach((value, i) => {
      expect(value).toBeGreaterThanOrEqual(low[i]);
      expect(value).toBeLessThanOrEqual(high[i]);
    });
  });

  it('denoises as the definition says', async () => {
    const next = noise(5);
    const classifier = engine.network.outputs[0].lookedThrough !== null;
    const d = set.outputs;
    const table = set.values.map(() => Array.from({ length: d }, next));
    const given = { shape: [set.size, d], data: Float32Array.from(table.flat()) };
    const labels = classifier ? table.map((row) => row.indexOf(Math.max(...row))) : given;
    const rows = classifier
      ? (labels as number[]).map((id) => table[0].map((_, c) => (c === id ? 1 : 0)))
      : table.map((row) => row.map(Math.fround));
    const predictions = set.values.map((row) => {
      if (!classifier) return [...row];
      const total = row.reduce((sum, value) => sum + Math.exp(value), 0);
      return Array.from(row, (value) => Math.exp(value) / total);
    });
    const truth = denoise(wanted, rows, predictions);
    const found = await seen.denoise(labels);
    expect(found.undefinedAt).toEqual([]);
    const wide = (values: number[][]) => Float64Array.from(values.flat());
    within(
      'denoised labels / largest',
      name,
      distance(found.labels, wide(truth.labels)) / magnitude(wide(truth.labels)),
      1e-3,
    );
    within(
      'denoised predictions / largest',
      name,
      distance(found.predictions, wide(truth.predictions)) / magnitude(wide(truth.predictions)),
      1e-3,
    );
    truth.covariance.forEach((wanted, i) => {
      const own = found.covariance.subarray(i * d * d, (i + 1) * d * d);
      const numbers = wanted.to1DArray();
      within('Σ W Wᵀ / largest', `${name} ${i}`, distance(own, numbers) / magnitude(numbers), 2e-3);
    });
    within(
      'φ √N',
      name,
      relative(
        found.scaled,
        found.factor.map((value) => value * Math.sqrt(set.size)),
      ),
      1e-12,
    );
    within('denoising factor', name, relative(found.factor, truth.factor), 1e-3);
    within('shift / largest', name, distance(found.shift, truth.shift) / magnitude(truth.shift), 1e-3);
    within('residual', name, relative([found.residual], [truth.residual]), 1e-3);
  });

  it('is uncertain as the definition says', async () => {
    const truth = uncertainty(wanted);
    const found = await seen.uncertainty();
    within(
      '1 / uncertainty',
      name,
      distance(
        found.map((v) => 1 / v),
        truth.map((v) => 1 / v),
      ) / magnitude(truth.map((v) => 1 / v)),
      5e-6,
    );
  });

  it('shares a similarity among the layers', async () => {
    const [i, j] = [0, set.size - 2];
    const truth = shares(set, i, j);
    const found = await seen.explain(i, j);
    expect(found.layers.map(({ layer }) => layer).sort()).toEqual([...truth.keys()].sort());
    for (const { layer, share } of found.layers)
      within('layer share', name, Math.abs(share - truth.get(layer)!), 2e-6);
    expect(found.layers.reduce((sum, { share }) => sum + share, 0)).toBeCloseTo(found.similarity, 12);
  });
});
