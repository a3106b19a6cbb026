/** `precision: m` on whole networks: the same bits every way, errors within what the network says of itself. */
import * as tf from '@tensorflow/tfjs';
import { type OpenOptions, open } from 'netkin';
import { beforeAll, describe, expect, it } from 'vitest';
import { randomInputs, randomise, startWasm } from '../oracle/random.js';
import { build, given, type Specimen } from '../oracle/zoo.js';
import { distance } from './measure.js';

beforeAll(startWasm);

const sketchable = [
  'MLP, d = 1',
  'wide dense, d = 1, several chunks of k',
  'CNN with max-pool and softmax, d = 4',
  'residual net with batch norm, d = 3',
  'shared convolution and PReLU, d = 2',
  'conv1d, then dense at every position',
  'siamese, d = 2',
];

async function matrixOf(specimen: Specimen, options: OpenOptions) {
  await using engine = await open(specimen.model, { ...options, check: false, threads: 0 });
  const seen = await engine.perspective(given(specimen));
  return { data: (await seen.matrix()).data, size: seen.size, network: engine.network };
}

describe.each(sketchable)('%s, sketched to 16', (name) => {
  it('gives the same bits for any batch, other ones for another seed', async () => {
    const specimen = build(name);
    const { data, network } = await matrixOf(specimen, { precision: 16, seed: 3 });
    expect(network.terms.some(({ kind }) => kind === 'sketched')).toBe(true);
    for (const batch of [1, 7, 16])
      expect((await matrixOf(specimen, { precision: 16, seed: 3, batch })).data).toEqual(data);
    expect((await matrixOf(specimen, { precision: 16, seed: 4 })).data).not.toEqual(data);
    specimen.model.dispose();
  });

  it('errs over many seeds by no more than the network says, on the mean over pairs', async () => {
    const specimen = build(name);
    const exact = await matrixOf(specimen, {});
    expect(exact.network.deviation).toBe(0);
    let [squares, pairs, deviation] = [0, 0, 0];
    for (let seed = 0; seed < 20; seed++) {
      const { data, size, network } = await matrixOf(specimen, { precision: 16, seed });
      deviation = network.deviation;
      for (let at = 0; at < data.length; at++) {
        if (at % (size + 1) === 0) continue;
        squares += ((data[at] - exact.data[at]) / (1 - exact.data[at] ** 2)) ** 2;
        pairs += 1;
      }
    }
    expect(Math.sqrt(squares / pairs)).toBeLessThan(deviation);
    specimen.model.dispose();
  });

  it('keeps K^C(x,x) = I, shares that sum to the similarity, and signs that other inputs share', async () => {
    const specimen = build(name);
    await using engine = await open(specimen.model, { precision: 16, check: false });
    const seen = await engine.perspective(given(specimen));
    const d = seen.outputs;
    const own = await seen.block(2, 2);
    for (let at = 0; at < own.length; at++) expect(own[at]).toBeCloseTo(at % (d + 1) === 0 ? 1 : 0, 5);
    const { similarity, layers } = await seen.explain(1, 3);
    expect(layers.reduce((sum, { share }) => sum + share, 0)).toBeCloseTo(similarity, 6);
    const matrix = (await seen.matrix()).data;
    expect(matrix[seen.size + 3]).toBeCloseTo(similarity, 6);
    expect(distance((await seen.against(given(specimen))).data, matrix)).toBeLessThan(1e-6);
    const [soft, sums] = [await seen.density(), new Float64Array(seen.size)];
    for (let at = 0; at < matrix.length; at++) sums[Math.floor(at / seen.size)] += matrix[at];
    expect(distance(soft, sums)).toBeLessThan(1e-4);
    specimen.model.dispose();
  });
});

it('a sketch that costs more than every layer leaves all of them exact', async () => {
  const specimen = build('CNN with max-pool and softmax, d = 4');
  const { data, network } = await matrixOf(specimen, { precision: 65536, seed: 1 });
  expect([network.precision, network.deviation]).toEqual([65536, 0]);
  expect(data).toEqual((await matrixOf(specimen, {})).data);
  specimen.model.dispose();
});

describe('the planner', () => {
  const { layers } = tf;
  // By hand: 20 + 1 activities and 30 values, used once; 9 positions of 18 + 1 and 5.
  const dense = () =>
    randomise(
      tf.sequential({ layers: [layers.dense({ units: 30, inputShape: [20] }), layers.dense({ units: 2 })] }),
      1,
    );

  it('says what each form of a layer costs, and takes the cheapest', async () => {
    const model = dense();
    await using exact = await open(model);
    expect(exact.network.terms[0]).toMatchObject({
      kind: 'factored',
      forms: {
        factored: { multiplyAdds: 21 + 2 * 30, bytes: 4 * (21 + 2 * 30) },
        materialised: { multiplyAdds: 2 * 630, bytes: 8 * 630 },
        sketched: null,
      },
    });
    await using engine = await open(model, { precision: 40, seed: 7 });
    const [wide, last] = engine.network.terms;
    expect(wide).toMatchObject({
      kind: 'sketched',
      positions: 1,
      left: 0,
      right: 40,
      multiplyAddsPerPair: 80,
    });
    expect(wide.forms.sketched).toEqual({ multiplyAdds: 80, bytes: 320 });
    expect(last).toMatchObject({ kind: 'factored', multiplyAddsPerPair: 31 + 2 * 2 });
    expect(engine.network.deviation).toBeCloseTo(Math.sqrt(((8 / 40) * (1 - 8 / 32)) / 40 + 1 / 40), 12);
    const plan = await engine.plan(randomInputs(1, [100, 20]));
    expect(plan.terms).toEqual(engine.network.terms);
    expect(plan.allPairs).toBe(5050 * (80 + 35));
    model.dispose();
  });

  it('knows the precision that would fit', async () => {
    const model = dense();
    const inputs = randomInputs(1, [100, 20]);
    // 116 numbers an input, twice for 112 inputs: 104 kB; with the first layer sketched to 16, 67 · 4 · 2 · 112 = 60 kB.
    const exact = await leastMemory(model, inputs, {});
    const sketched = await leastMemory(model, inputs, { precision: 16 });
    expect(sketched).toBeLessThan(exact);
    await using between = await open(model, { threads: 0, memory: (exact + sketched) / 2 });
    const { fits, fittingPrecision } = await between.plan(inputs);
    expect(fits).toBe(false);
    expect([16, 32]).toContain(fittingPrecision);
    await expect(between.perspective(inputs)).rejects.toThrow(`or precision ${fittingPrecision}`);
    await using enough = await open(model, { threads: 0, memory: exact });
    expect(await enough.plan(inputs)).toMatchObject({ fits: true, fittingPrecision: null });
    model.dispose();
  });

  it.each([
    { precision: 15 },
    { precision: 0 },
    { precision: 65537 },
    { precision: 20.5 },
    { seed: -1 },
    { seed: 2 ** 32 },
  ])('refuses %j', async (options) => {
    const model = dense();
    await expect(open(model, options)).rejects.toMatchObject({ code: 'usage' });
    model.dispose();
  });

  it('refuses a sketch smaller than the number of functions', async () => {
    const model = tf.sequential({ layers: [layers.dense({ units: 20, inputShape: [4] })] });
    await expect(open(model, { precision: 19 })).rejects.toMatchObject({ code: 'usage' });
    await (await open(model, { precision: 19, output: [1, 2] })).dispose();
    model.dispose();
  });
});

/** The smallest memory that fits, to a kilobyte. */
async function leastMemory(
  model: tf.LayersModel,
  inputs: ReturnType<typeof randomInputs>,
  options: OpenOptions,
): Promise<number> {
  let [low, high] = [2 ** 10, 2 ** 24];
  while (high - low > 1000) {
    const memory = (low + high) / 2;
    await using engine = await open(model, { ...options, threads: 0, memory, check: false });
    if ((await engine.plan(inputs)).fits) high = memory;
    else low = memory;
  }
  return high;
}
