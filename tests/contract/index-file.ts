/** The portable index: saved anywhere, reopened as what it was, refused where it is not. */
import { type Claim, linear, points } from './claim.js';
import { expect } from './expect.js';

export const indexClaims: readonly Claim[] = [
  {
    name: 'an index reopens as the perspective that it was saved from, with what was attached',
    async run({ engine }) {
      const seen = await engine.perspective(points);
      const bytes = await seen.save({ labels: [1, 2, 3, 4], names: ['a', 'b', 'c', 'd'] });
      const again = await engine.reopen(bytes);
      expect([again.size, again.outputs, again.rowError]).toEqual([4, 1, null]);
      expect([...again.logits]).toEqual([3, -1, 2, -6]);
      expect(again.names).toEqual(['a', 'b', 'c', 'd']);
      expect([...again.labels!.data]).toEqual([1, 2, 3, 4]);
      expect((await again.matrix()).data).toEqual((await seen.matrix()).data);
      expect(await again.density()).toEqual(await seen.density());
      expect(await again.nearest(points, 2)).toEqual(await seen.nearest(points, 2));
      expect(await again.save()).toEqual(bytes);
    },
  },
  {
    name: 'an index as int8 says what that does',
    async run({ engine }) {
      const seen = await engine.perspective(points);
      const again = await engine.reopen(await seen.save({ rows: 'int8' }));
      const { pairs, largest, bound } = again.rowError!;
      expect(pairs).toBe(6);
      const [exact, rounded] = [(await seen.matrix()).data, (await again.matrix()).data];
      const most = Math.max(...exact.map((value, at) => Math.abs(value - rounded[at])));
      expect(most).toBeLessThanOrEqual(largest + 1e-6);
      expect(largest).toBeLessThanOrEqual(bound + 1e-6);
      expect(bound).toBeLessThan(0.05);
    },
  },
  {
    name: 'an index is refused where it is damaged, and by another network',
    async run(stage) {
      const bytes = await (await stage.engine.perspective(points)).save();
      const refused = { name: 'NetkinError', code: 'input' };
      for (const wrong of [bytes.slice(0, 100), bytes.map((byte, at) => (at === 500 ? byte ^ 1 : byte))])
        await expect(stage.engine.reopen(wrong)).rejects.toMatchObject(refused);
      const other = linear(stage, 2, 1, [3, -2]);
      await using another = await stage.open(other);
      await expect(another.reopen(bytes)).rejects.toMatchObject(refused);
      other.dispose();
    },
  },
];
