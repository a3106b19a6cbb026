/** D24: inputs and networks at the edge: one input, duplicates, zero gradients, singular kernels, calls that are stopped. */
import * as tf from '@tensorflow/tfjs';
import { NetkinError, open } from 'netkin';
import { beforeAll, describe, expect, it } from 'vitest';
import { randomInputs, randomise, startWasm } from '../oracle/random.js';
import { build, given, specimens } from '../oracle/zoo.js';
import { distance } from './measure.js';

beforeAll(startWasm);

const { layers } = tf;
type Symbol = tf.SymbolicTensor;

function chain(shape: number[], ...list: { apply(x: Symbol): unknown }[]): tf.LayersModel {
  const x = tf.input({ shape });
  return randomise(
    tf.model({ inputs: x, outputs: list.reduce((value: Symbol, layer) => layer.apply(value) as Symbol, x) }),
    5,
  );
}

/** A network that is dead where x is negative: no bias, ReLU of x itself. */
function deadBelowZero(): tf.LayersModel {
  const model = chain(
    [1],
    layers.dense({ units: 3, useBias: false, activation: 'relu' }),
    layers.dense({ units: 2, useBias: false }),
  );
  model.layers[1].setWeights([tf.ones([1, 3])]);
  return model;
}

describe('D24: one input', () => {
  it.each(specimens)('of %s is like itself', async (name) => {
    const specimen = build(name);
    await using engine = await open(specimen.model);
    const inputs = Object.fromEntries(
      specimen.inputs.map(({ shape, data }, i) => [
        specimen.model.inputNames[i],
        { shape: [1, ...shape.slice(1)], data: data.slice(0, data.length / shape[0]) },
      ]),
    );
    const seen = await engine.perspective(inputs);
    expect([...(await seen.matrix()).data]).toEqual([1]);
    expect((await seen.density('soft'))[0]).toBeCloseTo(1, 5);
    expect([...(await seen.density({ hard: 1 }))]).toEqual([1]);
    expect([...(await seen.nearest()).indices]).toEqual([0]);
    expect((await seen.uncertainty())[0]).toBeCloseTo(1, 4);
    const d = engine.network.outputs[0].size;
    const { labels, factor } = await seen
      .denoise({ shape: [1, d], data: new Float32Array(d).fill(1) })
      .catch(async (error) => {
        if (d === 1 || !(error instanceof NetkinError)) throw error;
        return seen.denoise([0]);
      });
    expect(factor[0]).toBeCloseTo(1, 6);
    expect(labels[0]).toBeCloseTo(1, 5);
    await expect(seen.suspects([0])).rejects.toMatchObject({ code: 'input' });
    specimen.model.dispose();
  });
});

describe('D24: duplicates', () => {
  it('are alike, and shrink noise by 1/√N (D19)', async () => {
    for (const name of ['MLP, d = 1', 'MLP, d = 3, tanh']) {
      const { model, inputs } = build(name);
      const [{ shape, data }] = inputs;
      const width = shape[1];
      const same = {
        shape: [20, width],
        data: Float32Array.from({ length: 20 * width }, (_, i) => data[i % width]),
      };
      await using engine = await open(model);
      const seen = await engine.perspective(same);
      for (const value of (await seen.matrix()).data) expect(Math.abs(value - 1)).toBeLessThan(2e-6);
      const labels = randomInputs(1, [20, seen.outputs]);
      const denoised = await seen.denoise(labels);
      for (let i = 0; i < 20; i++) {
        expect(denoised.factor[i]).toBeCloseTo(1 / Math.sqrt(20), 8);
        for (let c = 0; c < seen.outputs; c++) {
          const mean =
            Array.from({ length: 20 }, (_, j) => labels.data[j * seen.outputs + c]).reduce(
              (a, b) => a + b,
              0,
            ) / 20;
          expect(denoised.labels[i * seen.outputs + c]).toBeCloseTo(mean, 5);
        }
      }
      model.dispose();
    }
  });
});

describe('D24: zero gradients', () => {
  it('are flagged, similar to nothing, and give no NaN but where that is said', async () => {
    const model = deadBelowZero();
    await using engine = await open(model);
    const data = Float32Array.from({ length: 21 }, (_, i) => (i % 4 === 1 ? -1 - i : 1 + i));
    const zero = [...data.keys()].filter((i) => data[i] < 0);
    const seen = await engine.perspective({ shape: [21, 1], data });
    expect(seen.flags.zero).toEqual(zero);
    const { data: k } = await seen.matrix();
    for (let i = 0; i < 21; i++) {
      for (let j = 0; j < 21; j++) {
        if (zero.includes(i) || zero.includes(j)) expect(k[i * 21 + j]).toBe(0);
        else expect(k[i * 21 + j]).toBeGreaterThan(0.9);
      }
    }
    for (const kernel of ['inner', 'influence'] as const) {
      expect((await seen.matrix({ kernel })).data.every(Number.isFinite)).toBe(true);
    }
    for (const kernel of ['correlation', 'inner', 'influence'] as const) {
      expect((await seen.blocks({ kernel })).data.every(Number.isFinite)).toBe(true);
    }
    const counts = await seen.density({ hard: 0.5 });
    expect([...counts]).toEqual([...data].map((value) => (value < 0 ? 0 : 21 - zero.length)));
    expect((await seen.density('soft')).every(Number.isFinite)).toBe(true);
    expect([...(await seen.uncertainty()).keys()].length).toBe(21);
    const uncertain = await seen.uncertainty();
    expect([...uncertain.keys()].filter((i) => Number.isNaN(uncertain[i]))).toEqual(zero);
    const denoised = await seen.denoise(randomInputs(1, [21, 2]));
    expect(denoised.undefinedAt).toEqual(zero);
    expect([...denoised.factor.keys()].filter((i) => Number.isNaN(denoised.factor[i]))).toEqual(zero);
    expect(await seen.similarity(1, 1)).toBe(0);
    expect(await seen.similarity(0, 1)).toBe(0);
    model.dispose();
  });

  it('everywhere are refused', async () => {
    const model = deadBelowZero();
    await using engine = await open(model);
    const dead = { shape: [3, 1], data: Float32Array.of(-1, -2, -3) };
    await expect(engine.perspective(dead)).rejects.toMatchObject({
      code: 'input',
      message: expect.stringMatching(/zero gradient/),
    });
    model.dispose();
  });
});

describe('D24: a singular kernel', () => {
  it('of an output that stands twice is flagged and handled', async () => {
    const x = tf.input({ shape: [4] });
    const hidden = layers.dense({ units: 5, activation: 'tanh' }).apply(x) as Symbol;
    const last = layers.dense({ units: 1 }).apply(hidden) as Symbol;
    const twice = layers.concatenate().apply([last, last]) as Symbol;
    const model = randomise(tf.model({ inputs: x, outputs: twice }), 7);
    const single = tf.model({ inputs: x, outputs: last });
    const inputs = randomInputs(2, [21, 4]);
    await using engine = await open(model, { output: 'all' });
    await using plain = await open(single);
    const seen = await engine.perspective(inputs);
    expect(seen.flags.singular).toEqual([...Array(21).keys()]);
    const [{ data: k }, { data: once }] = [
      await seen.matrix(),
      await (await plain.perspective(inputs)).matrix(),
    ];
    expect(
      distance(
        k,
        once.map((value) => value / 2),
      ),
    ).toBeLessThan(2e-6);
    expect((await seen.blocks()).data.every(Number.isFinite)).toBe(true);
    model.dispose();
  });

  it('of nearly equal outputs is flagged as nearly singular', async () => {
    const model = chain(
      [4],
      layers.dense({ units: 5, activation: 'tanh' }),
      layers.dense({ units: 2, useBias: false }),
    );
    const [first, , last] = model.getWeights();
    const values = (last.arraySync() as number[][]).map(([a]) => [a, a]);
    model.layers[2].trainable = false;
    values[0][1] *= 1.0005;
    model.layers[2].setWeights([tf.tensor2d(values)]);
    expect(first.shape).toEqual([4, 5]);
    await using engine = await open(model);
    const { flags } = await engine.perspective(randomInputs(2, [5, 4]));
    expect(flags.nearlySingular.length + flags.singular.length).toBe(5);
    model.dispose();
  });
});

describe('a call that is stopped', () => {
  it("ends with code 'aborted', and the perspective answers as before", async () => {
    const specimen = build('CNN with max-pool and softmax, d = 4');
    await using engine = await open(specimen.model);
    const seen = await engine.perspective(given(specimen));
    const before = [await seen.matrix(), await seen.density({ power: 2 })];
    const signal = AbortSignal.abort();
    const inputs = given(specimen);
    const calls = [
      () => seen.matrix({ signal }),
      () => seen.matrix({ signal, kernel: 'influence' }),
      () => seen.blocks({ signal }),
      () => seen.density('soft', { signal }),
      () => seen.density({ hard: 0.5 }, { signal }),
      () => seen.uncertainty({ signal }),
      () => seen.nearest(undefined, 3, { signal }),
      () => seen.nearest(inputs, 3, { signal }),
      () => seen.against(inputs, { signal }),
      () => seen.tiles({ signal }).next(),
      () => seen.suspects(new Int32Array(seen.size), 3, { signal }),
      () => seen.denoise(new Int32Array(seen.size), { signal }),
      () => engine.perspective(inputs, { signal }),
    ];
    for (const call of calls) await expect(call()).rejects.toMatchObject({ code: 'aborted' });
    expect([await seen.matrix(), await seen.density({ power: 2 })]).toEqual(before);
    specimen.model.dispose();
  });

  it('midway through a larger one too', async () => {
    const { model } = build('wide dense, d = 1, several chunks of k');
    await using engine = await open(model, { batch: 16 });
    const inputs = randomInputs(4, [1500, 301]);
    const stop = new AbortController();
    const half = engine.perspective(inputs, { signal: stop.signal, progress: () => stop.abort() });
    const seen = await half.catch(() => engine.perspective(inputs));
    const halt = new AbortController();
    const stopped = seen.blocks({ signal: halt.signal, progress: () => halt.abort() }).then(
      () => 'done',
      (error: NetkinError) => error.code,
    );
    expect(['done', 'aborted']).toContain(await stopped);
    expect([...(await seen.nearest(7, 1)).indices]).toEqual([7]);
    model.dispose();
  });
});
