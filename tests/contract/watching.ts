/** Progress, and calls that are told to stop. */
import { type Claim, points, wave } from './claim.js';
import { expect } from './expect.js';

/** Enough for calls on its pairs to last longer than the engine works without looking up, on any machine. */
const MANY = 20_000;

export const watchingClaims: readonly Claim[] = [
  {
    name: 'a call reports progress from 0 to 1, never backwards, before it returns',
    async run({ engine }) {
      const reports: number[] = [];
      const seen = await engine.perspective(points, { progress: ({ done }) => reports.push(done) });
      expect(reports.at(-1)).toBe(1);
      reports.length = 0;
      const stages = new Set<string>();
      await seen.density('soft', {
        progress: ({ stage, done }) => {
          stages.add(stage);
          reports.push(done);
        },
      });
      expect([...stages]).toEqual(['density']);
      expect(reports.at(-1)).toBe(1);
      expect(reports.every((done) => done >= 0 && done <= 1)).toBe(true);
      expect(reports).toEqual([...reports].sort((a, b) => a - b));
    },
  },
  {
    name: 'a call whose signal was aborted before does not start',
    async run({ engine }) {
      const signal = AbortSignal.abort();
      const seen = await engine.perspective(points);
      const aborted = { name: 'NetkinError', code: 'aborted' };
      await expect(engine.perspective(points, { signal })).rejects.toMatchObject(aborted);
      await expect(seen.matrix({ signal })).rejects.toMatchObject(aborted);
      await expect(seen.nearest(0, 1, { signal })).rejects.toMatchObject(aborted);
      expect((await seen.matrix()).shape).toEqual([4, 4]);
    },
  },
  {
    name: 'a call under way ends when its signal is aborted; others, and later ones, do not',
    async run({ engine }) {
      using seen = await engine.perspective(wave(MANY));
      const stop = new AbortController();
      const stopped = seen.density({ power: 2 }, { signal: stop.signal });
      const other = seen.similarity(0, 1);
      stop.abort();
      await expect(stopped).rejects.toMatchObject({ name: 'NetkinError', code: 'aborted' });
      expect(await other).toBe(await seen.similarity(0, 1));
    },
  },
  {
    name: 'a long call reports before its end, and ends when it is stopped from there',
    async run({ engine }) {
      using seen = await engine.perspective(wave(MANY));
      const stop = new AbortController();
      const reports: number[] = [];
      const stopped = seen.density(
        { power: 2 },
        {
          signal: stop.signal,
          progress: ({ done }) => {
            reports.push(done);
            stop.abort();
          },
        },
      );
      await expect(stopped).rejects.toMatchObject({ name: 'NetkinError', code: 'aborted' });
      expect(reports[0]).toBeLessThan(1);
    },
  },
];
