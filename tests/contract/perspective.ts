/** What a perspective computes, against closed forms. */
import { type Claim, classifier, cosine, points } from './claim.js';
import { expect } from './expect.js';

export const perspectiveClaims: readonly Claim[] = [
  {
    name: 'a perspective has the similarities of the closed form',
    async run({ engine }) {
      const seen = await engine.perspective(points);
      expect([seen.size, seen.outputs, seen.compared, seen.held]).toEqual([4, 1, [0], true]);
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
    },
  },
  {
    name: 'a perspective ranks, counts, averages and explains',
    async run({ engine }) {
      const seen = await engine.perspective(points);
      expect([...(await seen.nearest(0, 4)).indices]).toEqual([0, 2, 1, 3]);
      expect([...(await seen.nearestOthers(1)).indices]).toEqual([2, 2, 0, 1]);
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
    },
  },
  {
    name: 'a perspective says what layers and activities add, how labels differ, and corrects them',
    async run({ engine }) {
      const seen = await engine.perspective(points);
      const { similarity, layers } = await seen.explain(0, 1, { similarities: true, activities: 9 });
      expect(layers.length).toBe(1);
      expect(layers[0].similarity).toBeCloseTo(similarity, 6);
      const activities = layers[0].activities ?? [];
      expect(activities.reduce((sum, { share }) => sum + share, 0)).toBeCloseTo(similarity, 6);
      expect(activities.map(({ parameter }) => parameter).sort()).toEqual([
        'line/bias',
        'line/kernel',
        'line/kernel',
      ]);
      // The others of input 0 with positive weight are 1 and 2, which agree; those of 3 are all opposite or far.
      const fit = await seen.fit(Float32Array.of(1, 5, 5, 5));
      expect(fit.variance[0]).toBeCloseTo(0, 12);
      expect(fit.mean[0]).toBeCloseTo(5, 12);
      expect([fit.neighbours, fit.total]).toEqual([3, 3]);
      expect([fit.density.length, fit.error[0]]).toEqual([4, 2]);
      // Weights of input 0 are (2, 1, 2, -1) / 4.
      const { covariance, predictions, scaled } = await seen.denoise(Float32Array.of(4, 0, 0, 4));
      expect(covariance[0]).toBeCloseTo(10 / 16, 6);
      expect(predictions[0]).toBeCloseTo((2 * 3 - 1 + 2 * 2 + 6) / 4, 6);
      expect(scaled[0]).toBeCloseTo(Math.sqrt(10) / 2, 6);
      const { labels, rounds } = await seen.correct(Float32Array.of(4, 0, 0, 4), 1);
      expect(labels[0]).toBeCloseTo(1, 6);
      expect([rounds.length, rounds[0].changed]).toEqual([1, null]);
    },
  },
  {
    name: 'a perspective compares with inputs outside the set',
    async run({ engine }) {
      const seen = await engine.perspective(points);
      const { shape, data } = await seen.against({ shape: [1, 2], data: Float32Array.of(2, 2) });
      expect(shape).toEqual([4, 1]);
      expect(data[2]).toBeCloseTo(5 / Math.sqrt(27), 6);
      const { indices } = await seen.nearest({ shape: [1, 2], data: Float32Array.of(-3, 0) }, 1);
      expect([...indices]).toEqual([3]);
    },
  },
  {
    name: 'the blocks and tiles of a perspective are those of its matrix',
    async run({ engine }) {
      const seen = await engine.perspective(points);
      const { data } = await seen.matrix();
      const blocks = await seen.blocks();
      expect(blocks.shape).toEqual([4, 4, 1, 1]);
      expect(blocks.data[7]).toBeCloseTo(cosine(1, 3), 6);
      expect((await seen.block(1, 3))[0]).toBeCloseTo(cosine(1, 3), 6);
      const tiled = new Float32Array(16).fill(NaN);
      for await (const { row, column, rows, columns, values } of seen.tiles())
        for (let i = 0; i < rows; i++)
          for (let j = 0; j < columns; j++) tiled[(row + i) * 4 + column + j] = values[i * columns + j];
      for (let i = 0; i < 4; i++) for (let j = i; j < 4; j++) expect(tiled[4 * i + j]).toBe(data[4 * i + j]);
    },
  },
  {
    name: 'a perspective compares up to rotations, up to reflections, and output by output',
    async run({ engine }) {
      const seen = await engine.perspective(points);
      // One output has one rotation, which changes nothing, and one reflection, which changes the sign.
      for (const kernel of ['rotation', 'orthogonal'] as const) {
        const { data } = await seen.matrix({ kernel });
        const sign = kernel === 'orthogonal' ? Math.abs : Number;
        for (let i = 0; i < 4; i++)
          for (let j = 0; j < 4; j++) expect(data[4 * i + j]).toBeCloseTo(sign(cosine(i, j)), 6);
        expect(await seen.similarity(0, 3, { kernel })).toBeCloseTo(sign(cosine(0, 3)), 6);
      }
      const { shape, data } = await seen.perOutput();
      expect(shape).toEqual([4, 4, 1]);
      expect(data[7]).toBeCloseTo(cosine(1, 3), 6);
      expect([...(await seen.block(3, 0, { kernel: 'inner' }))]).toEqual([-1]);
    },
  },
  {
    name: 'a perspective of contrasts draws the same adversaries anywhere, and its index keeps them',
    async run(stage) {
      const odds = classifier(stage, 4);
      const output = { contrast: 0, adversary: 'sampled' } as const;
      await using opened = await stage.open(odds, { output, seed: 5 });
      const seen = await opened.perspective(points);
      expect([seen.compared, seen.comparesOthers, [...seen.ranks]]).toEqual([null, false, [1, 1, 1, 1]]);
      const { data } = await seen.matrix();
      // Under seed 5 they are classes 1, 2, 3, 1: contrasts z_0 − z_a and z_0 − z_b have half in common.
      const drawn = [1, 2, 3, 1];
      for (let i = 0; i < 4; i++)
        for (let j = 0; j < 4; j++)
          expect(data[4 * i + j]).toBeCloseTo((drawn[i] === drawn[j] ? 1 : 0.5) * cosine(i, j), 6);
      const again = await opened.reopen(await seen.save());
      expect((await again.matrix()).data).toEqual(data);
      expect([...again.ranks]).toEqual([1, 1, 1, 1]);
      await expect(again.against(points)).rejects.toMatchObject({ name: 'NetkinError', code: 'usage' });
      odds.dispose();
    },
  },
];
