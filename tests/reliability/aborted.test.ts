/** A hundred calls stopped at random times: nothing is left behind, and the engine goes on. */
import * as tf from '@tensorflow/tfjs';
import type { Engine, Perspective } from 'netkin';
import { beforeAll, expect, test } from 'vitest';
import { noise, startWasm } from '../oracle/random.js';
import { inputs, network, openCounted, openRemote, outcome, pause, SIZE } from './fixture.js';

const ROUNDS = 100;
const labels = Array.from({ length: SIZE }, (_, i) => i % 8);

beforeAll(startWasm);

const calls: readonly ((engine: Engine, seen: Perspective, signal: AbortSignal) => Promise<unknown>)[] = [
  (engine, _, signal) => engine.perspective(inputs, { signal }),
  (_, seen, signal) => seen.blocks({ signal }),
  (_, seen, signal) => seen.density({ power: 2.5 }, { signal }),
  (_, seen, signal) => seen.denoise(labels, { signal }),
  (_, seen, signal) => seen.nearest(inputs, 5, { signal }),
];

async function abortAtRandom(engine: Engine): Promise<Record<string, number>> {
  const seen = await engine.perspective(inputs);
  const expected = await seen.density({ power: 2.5 });
  const random = noise(7);
  const ends: Record<string, number> = {};
  for (let round = 0; round < ROUNDS; round++) {
    const stopping = new AbortController();
    const end = outcome(calls[round % calls.length]!(engine, seen, stopping.signal));
    await pause(40 * (1 + random()));
    stopping.abort();
    const how = await end;
    ends[how] = (ends[how] ?? 0) + 1;
  }
  expect(await seen.density({ power: 2.5 })).toEqual(expected);
  return ends;
}

test.each([0, 2])('in this thread with %i workers: no tensor, and no worker too many', async (threads) => {
  const model = network();
  const { engine, alive } = await openCounted(model, { threads });
  await (await engine.perspective(inputs)).matrix();
  const before = tf.memory();
  const ends = await abortAtRandom(engine);
  const { numTensors, numBytes } = tf.memory();
  expect([numTensors, numBytes]).toEqual([before.numTensors, before.numBytes]);
  expect(Object.keys(ends).filter((end) => !['aborted', 'done'].includes(end))).toEqual([]);
  expect(ends.aborted).toBeGreaterThan(10);
  // All pairs of these blocks are work for the pool, which then stays; none was started beside it.
  expect(alive()).toBe(threads);
  await engine.dispose();
  await expect.poll(alive).toBe(0);
  model.dispose();
});

test('in a worker: no port stays open, and the worker lives on', async () => {
  const model = network();
  const { engine } = await openRemote(model);
  const open_ = () => process.getActiveResourcesInfo().filter((kind) => kind === 'MessagePort').length;
  await (await engine.perspective(inputs)).matrix({ progress: () => undefined });
  const before = open_();
  const ends = await abortAtRandom(engine);
  await pause(20);
  expect(open_()).toBeLessThanOrEqual(before);
  expect(Object.keys(ends).filter((end) => !['aborted', 'done'].includes(end))).toEqual([]);
  expect(ends.aborted).toBeGreaterThan(10);
  await engine.dispose();
  model.dispose();
});
