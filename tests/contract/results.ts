/** Results are plain typed arrays and belong to the caller; arguments stay as they are. */
import { type Claim, linear, points, wave } from './claim.js';
import { expect } from './expect.js';

export const resultClaims: readonly Claim[] = [
  {
    name: 'results are plain typed arrays of their own memory',
    async run({ engine }) {
      const seen = await engine.perspective(points);
      const { indices, similarities } = await seen.nearest();
      const results = [
        [(await seen.matrix()).data, Float32Array, 16],
        [(await seen.blocks()).data, Float32Array, 16],
        [(await seen.against(points)).data, Float32Array, 16],
        [(await engine.outputs(points)).data, Float32Array, 4],
        [await seen.density(), Float32Array, 4],
        [await seen.uncertainty(), Float32Array, 4],
        [await seen.block(0, 1), Float64Array, 1],
        [seen.logits, Float32Array, 4],
        [seen.selfKernels.data, Float64Array, 4],
        [indices, Int32Array, 16],
        [similarities, Float32Array, 16],
      ] as const;
      for (const [values, type, length] of results) {
        expect(Object.getPrototypeOf(values)).toBe(type.prototype);
        expect(values.length).toBe(length);
        // Neither shared nor part of a WebAssembly memory.
        expect(values.buffer).toBeInstanceOf(ArrayBuffer);
        expect(values.buffer.byteLength).toBe(values.byteLength);
      }
    },
  },
  {
    name: 'results are the caller’s to change, and inputs stay the caller’s',
    async run({ engine }) {
      const given = { shape: [4, 2], data: points.data.slice() };
      const seen = await engine.perspective(given);
      expect(given.data).toEqual(points.data);
      const first = await seen.matrix();
      const before = first.data.slice();
      first.data.fill(7);
      (await seen.nearest(0, 4)).indices.fill(7);
      seen.logits.fill(7);
      expect((await seen.matrix()).data).toEqual(before);
      expect([...(await seen.nearest(0, 4)).indices]).toEqual([0, 2, 1, 3]);
    },
  },
  {
    name: 'calls at the same time give what they give one after another',
    async run({ engine }) {
      const seen = await engine.perspective(wave(600));
      const calls = [
        async () => (await seen.matrix()).data,
        () => seen.density(),
        async () => (await seen.nearest(undefined, 3)).indices,
        async () => (await seen.against(points)).data,
      ];
      const together = await Promise.all(calls.map((call) => call()));
      for (const [i, call] of calls.entries()) expect(together[i]).toEqual(await call());
    },
  },
  {
    name: 'two engines at once give what each gives alone, and one outlives the other',
    async run(stage) {
      const model = linear(stage, 2, 2, [1, -2, 0.5, 4]);
      const look = async (engine: typeof stage.engine) => {
        const seen = await engine.perspective(wave(300));
        return [(await seen.matrix()).data, await seen.density({ power: 2.5 })];
      };
      const alone = await look(stage.engine);
      const other = await stage.open(model);
      const [ours, theirs] = await Promise.all([look(stage.engine), look(other)]);
      expect(ours).toEqual(alone);
      expect(theirs).toEqual(await look(other));
      expect(theirs).not.toEqual(ours);
      await other.dispose();
      expect(await look(stage.engine)).toEqual(alone);
      model.dispose();
    },
  },
];
