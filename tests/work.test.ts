/** Work that is ended early ends, however deep it was, and frees what it holds on the way. */
import { afterEach, expect, it, vi } from 'vitest';
import { run } from '../src/watch.js';
import { part, type Work } from '../src/work.js';

afterEach(() => void vi.restoreAllMocks());

it('a stopped loop over work that waits in its own finally blocks does not go on', async () => {
  const log: string[] = [];
  const inner = function* (round: number): Work<void> {
    try {
      for (let step = 0; step < 3; step++) {
        log.push(`round ${round}, step ${step}`);
        yield Promise.resolve();
      }
    } finally {
      yield Promise.resolve();
      log.push(`round ${round} closed`);
    }
  };
  const outer = function* (): Work<void> {
    try {
      for (let round = 0; round < 3; round++) yield* part(inner(round), round / 3, 1 / 3);
    } finally {
      log.push('closed');
    }
  };
  const controller = new AbortController();
  const call = run('rounds', outer(), { signal: controller.signal });
  await Promise.resolve();
  controller.abort();
  await expect(call).rejects.toMatchObject({ code: 'aborted' });
  expect(log).toEqual(['round 0, step 0', 'round 0 closed', 'closed']);
});

it('an error of the work itself is handed on', async () => {
  const failing = function* (): Work<void> {
    yield 0;
    throw new Error('it failed');
  };
  await expect(run('failing', part(failing(), 0, 1))).rejects.toThrow('it failed');
});

it('gives way, and can be stopped, where the clock stands still during a task', async () => {
  vi.spyOn(Date, 'now').mockReturnValue(0);
  const endless = function* (): Work<void> {
    for (;;) yield 0.5;
  };
  const controller = new AbortController();
  setTimeout(() => controller.abort());
  const progress = vi.fn();
  const call = run('endless', endless(), { signal: controller.signal, progress });
  await expect(call).rejects.toMatchObject({ code: 'aborted' });
  expect(progress).toHaveBeenCalledWith({ stage: 'endless', done: 0.5 });
});
