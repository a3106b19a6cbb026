/**
 * What netkin promises, written once as a function of `open` and run in every runtime. It knows the package by its
 * types only; models are live tfjs models whose numbers can be checked by hand.
 */
import * as tf from '@tensorflow/tfjs';
import type { Engine, NdArray, OpenOptions } from 'netkin';
import { beforeAll, describe, expect, it } from 'vitest';

export type Open = (model: tf.LayersModel, options?: OpenOptions) => Promise<Engine>;

/** y = w x + b with weights row-major input × output. */
function linear(inputs: number, outputs: number, weights: number[]): tf.LayersModel {
  const model = tf.sequential({
    layers: [tf.layers.dense({ inputShape: [inputs], units: outputs, name: 'line' })],
  });
  const values = [tf.tensor2d(weights, [inputs, outputs]), tf.zeros([outputs])];
  model.setWeights(values);
  tf.dispose(values);
  return model;
}

const points: NdArray<Float32Array> = { shape: [4, 2], data: Float32Array.of(1, 0, 0, 1, 1, 1, -2, 0) };

/** k^C of a linear model: the cosine of (x, 1) and (x', 1), the 1 being the bias. */
function cosine(i: number, j: number): number {
  const at = (k: number) => [points.data[2 * k], points.data[2 * k + 1], 1];
  const dot = (a: number[], b: number[]) => a.reduce((sum, value, c) => sum + value * b[c], 0);
  return dot(at(i), at(j)) / Math.sqrt(dot(at(i), at(i)) * dot(at(j), at(j)));
}

export function contract(open: Open): void {
  let model: tf.LayersModel;
  let engine: Engine;
  beforeAll(async () => {
    // Opening starts the backend where it has not been started.
    model = linear(2, 1, [3, -1]);
    engine = await open(model);
    return async () => {
      await engine.dispose();
      model.dispose();
    };
  });

  describe('an engine', () => {
    it('describes the network: inputs, outputs, parameters, plan and check', () => {
      const { inputs, outputs, compared, parameters, terms, unused, check } = engine.network;
      expect(inputs.map(({ shape }) => shape)).toEqual([[2]]);
      expect(outputs.map(({ size, lookedThrough }) => [size, lookedThrough])).toEqual([[1, null]]);
      expect(compared).toBe(1);
      expect(parameters.map(({ name, shape, size }) => [name, shape, size])).toEqual([
        ['line/kernel', [2, 1], 2],
        ['line/bias', [1], 1],
      ]);
      expect(terms.flatMap((term) => term.parameters).sort()).toEqual(['line/bias', 'line/kernel']);
      expect(unused).toEqual([]);
      expect(check?.layers).toEqual(['line']);
    });

    it('gives a final softmax up for its logits, and says so', async () => {
      const classifier = tf.sequential({
        layers: [tf.layers.dense({ inputShape: [2], units: 3, activation: 'softmax', name: 'odds' })],
      });
      await using opened = await open(classifier);
      expect(opened.network.outputs[0].lookedThrough).toEqual({ layer: 'odds', kind: 'softmax' });
      const seen = await opened.perspective(points);
      for (let i = 0; i < 4; i++)
        for (let j = 0; j < 4; j++) expect(await seen.similarity(i, j)).toBeCloseTo(cosine(i, j), 6);
      classifier.dispose();
    });

    it.each([
      ['another width', { shape: [1, 3], data: new Float32Array(3) }],
      ['no input', { shape: [0, 2], data: new Float32Array(0) }],
      ['NaN', { shape: [1, 2], data: Float32Array.of(1, NaN) }],
      ['infinity', { shape: [1, 2], data: Float32Array.of(1, Infinity) }],
      ['too few numbers', { shape: [2, 2], data: new Float32Array(3) }],
    ])('refuses inputs with %s', async (_, inputs) => {
      await expect(engine.perspective(inputs)).rejects.toMatchObject({ name: 'NetkinError', code: 'input' });
    });

    it.each([
      { batch: 0 },
      { batch: 1.5 },
      { memory: -1 },
      { memory: 2 ** 40 },
      { output: [1] },
      { output: [] },
      { parameters: () => false },
      { precision: 0 },
      { precision: 15 },
      { precision: 'most' },
      { seed: 0.5 },
    ] as OpenOptions[])('refuses the options %j', async (options) => {
      await expect(open(model, options)).rejects.toMatchObject({ name: 'NetkinError', code: 'usage' });
    });

    it('estimates where a precision is given: as well as it says, the same for the same seed', async () => {
      // 16 numbers stand for a gradient of 40.
      const long = linear(40, 1, Array(40).fill(1));
      const waves = { shape: [3, 40], data: Float32Array.from({ length: 120 }, (_, i) => Math.sin(i * i)) };
      const matrices: Float32Array[] = [];
      for (const options of [{}, { precision: 16, seed: 1 }, { precision: 16, seed: 1, batch: 2 }] as const) {
        await using opened = await open(long, options);
        const { precision, deviation, terms } = opened.network;
        expect(precision).toBe(options.precision ?? 'exact');
        expect(terms[0].kind).toBe(precision === 'exact' ? 'materialised' : 'sketched');
        expect(terms[0].forms.sketched).toEqual(
          precision === 'exact' ? null : { multiplyAdds: 16, bytes: 64 },
        );
        expect(deviation).toBeLessThan(precision === 'exact' ? 1e-9 : Math.sqrt(3 / 16));
        matrices.push((await (await opened.perspective(waves)).matrix()).data);
      }
      const [exact, one, two] = matrices;
      expect(two).toEqual(one);
      expect(one).not.toEqual(exact);
      for (let at = 0; at < 9; at++) expect(Math.abs(one[at] - exact[at])).toBeLessThan(at % 4 ? 0.8 : 1e-6);
      long.dispose();
    });

    it('refuses what does not fit its memory, and work after its end', async () => {
      await using small = await open(model, { memory: 100 });
      await expect(small.perspective(points)).rejects.toMatchObject({ code: 'memory' });
      const ended = await open(model);
      await ended.dispose();
      await ended.dispose();
      await expect(ended.perspective(points)).rejects.toMatchObject({ code: 'usage' });
    });
  });

  describe('a perspective', () => {
    it('has the similarities of the closed form', async () => {
      const seen = await engine.perspective(points);
      expect([seen.size, seen.outputs]).toEqual([4, 1]);
      expect([...seen.logits]).toEqual([3, -1, 2, -6]);
      const { shape, data } = await seen.matrix();
      expect(shape).toEqual([4, 4]);
      for (let i = 0; i < 4; i++)
        for (let j = 0; j < 4; j++) expect(data[4 * i + j]).toBeCloseTo(cosine(i, j), 6);
      expect([...(await seen.matrix({ kernel: 'inner' })).data.subarray(0, 4)]).toEqual([2, 1, 2, -1]);
      expect([...(await seen.matrix({ kernel: 'influence' })).data.subarray(0, 4)]).toEqual([
        1, 0.5, 1, -0.5,
      ]);
      expect(seen.flags).toMatchObject({ zero: [], singular: [], nearlySingular: [] });
      expect([...seen.selfKernels.data]).toEqual([2, 2, 3, 5]);
    });

    it('ranks, counts, averages and explains', async () => {
      const seen = await engine.perspective(points);
      expect([...(await seen.nearest(0, 4)).indices]).toEqual([0, 2, 1, 3]);
      expect([...(await seen.density({ hard: 0.45 }))]).toEqual([3, 3, 3, 1]);
      const sum = [0, 1, 2, 3].reduce((total, j) => total + cosine(0, j), 0);
      expect((await seen.density())[0]).toBeCloseTo(sum, 6);
      // Weights of input 0 are (2, 1, 2, -1) / 4.
      const { labels, factor } = await seen.denoise(Float32Array.of(4, 0, 0, 4));
      expect(labels[0]).toBeCloseTo(1, 6);
      expect(factor[0]).toBeCloseTo(Math.sqrt(10) / 4, 6);
      expect((await seen.uncertainty())[0]).toBeCloseTo(2 / 4, 6);
      const { layers } = await seen.explain(0, 1);
      expect(layers.map(({ layer }) => layer)).toEqual(['line']);
      expect((await seen.suspects(Float32Array.of(1, 1, 1, 9))).length).toBe(4);
    });

    it('compares with inputs outside the set', async () => {
      const seen = await engine.perspective(points);
      const { shape, data } = await seen.against({ shape: [1, 2], data: Float32Array.of(2, 2) });
      expect(shape).toEqual([4, 1]);
      expect(data[2]).toBeCloseTo(5 / Math.sqrt(27), 6);
      const { indices } = await seen.nearest({ shape: [1, 2], data: Float32Array.of(-3, 0) }, 1);
      expect([...indices]).toEqual([3]);
    });

    it.each([
      ['an input that does not exist', 'similarity', [0, 4]],
      ['a negative input', 'block', [-1, 0]],
      ['more neighbours than inputs', 'nearest', [0, 5]],
      ['no neighbour', 'nearest', [0, 0]],
      ['a power of zero', 'density', [{ power: 0 }]],
      ['a threshold that is no number', 'density', [{ hard: NaN }]],
      ['an unknown kernel', 'matrix', [{ kernel: 'cosine' }]],
    ] as const)('refuses %s', async (_, method, parameters) => {
      const seen = await engine.perspective(points);
      const call = Reflect.get(seen, method) as (...given: unknown[]) => Promise<unknown>;
      await expect(call.apply(seen, [...parameters])).rejects.toMatchObject({
        name: 'NetkinError',
        code: 'usage',
      });
    });

    it('refuses labels of another length or another kind', async () => {
      const seen = await engine.perspective(points);
      await expect(seen.denoise([1, 2, 3])).rejects.toMatchObject({ code: 'input' });
      await expect(seen.suspects([1, 2, NaN, 4])).rejects.toMatchObject({ code: 'input' });
      const short = { shape: [4, 1], data: new Float32Array(3) };
      await expect(seen.denoise(short)).rejects.toMatchObject({ code: 'input' });
    });

    it('reports progress from 0 to 1 and stops when told to', async () => {
      const reports: number[] = [];
      const seen = await engine.perspective(points, { progress: ({ done }) => reports.push(done) });
      expect(reports.at(-1)).toBe(1);
      expect(reports.every((done) => done >= 0 && done <= 1)).toBe(true);
      await expect(seen.matrix({ signal: AbortSignal.abort() })).rejects.toMatchObject({ code: 'aborted' });
      expect((await seen.matrix()).shape).toEqual([4, 4]);
    });
  });

  describe('an index', () => {
    it('reopens as the perspective that it was saved from, with what was attached', async () => {
      const seen = await engine.perspective(points);
      const bytes = await seen.save({ labels: [1, 2, 3, 4], names: ['a', 'b', 'c', 'd'] });
      const again = await engine.reopen(bytes);
      expect([again.size, again.outputs, again.rowError]).toEqual([4, 1, null]);
      expect([...again.logits]).toEqual([3, -1, 2, -6]);
      expect([again.names, [...again.labels!.data]]).toEqual([
        ['a', 'b', 'c', 'd'],
        [1, 2, 3, 4],
      ]);
      expect((await again.matrix()).data).toEqual((await seen.matrix()).data);
      expect(await again.density()).toEqual(await seen.density());
      expect(await again.nearest(points, 2)).toEqual(await seen.nearest(points, 2));
      expect(await again.save()).toEqual(bytes);
    });

    it('as int8 says what that does', async () => {
      const seen = await engine.perspective(points);
      const again = await engine.reopen(await seen.save({ rows: 'int8' }));
      const { pairs, largest, bound } = again.rowError!;
      expect(pairs).toBe(6);
      const [exact, rounded] = [(await seen.matrix()).data, (await again.matrix()).data];
      const most = Math.max(...exact.map((value, at) => Math.abs(value - rounded[at])));
      expect(most).toBeLessThanOrEqual(largest + 1e-6);
      expect(largest).toBeLessThanOrEqual(bound + 1e-6);
      expect(bound).toBeLessThan(0.05);
    });

    it('is refused where it is damaged, and by another network', async () => {
      const bytes = await (await engine.perspective(points)).save();
      const refused = { name: 'NetkinError', code: 'input' };
      for (const wrong of [bytes.slice(0, 100), bytes.map((byte, at) => (at === 500 ? byte ^ 1 : byte))])
        await expect(engine.reopen(wrong)).rejects.toMatchObject(refused);
      const other = linear(2, 1, [3, -2]);
      await using another = await open(other);
      await expect(another.reopen(bytes)).rejects.toMatchObject(refused);
      other.dispose();
    });
  });
}
