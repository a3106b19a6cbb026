/** The worker that an engine lives in is killed. */
import { open } from 'netkin';
import { beforeAll, expect, test } from 'vitest';
import { nodeRuntime } from '../../node/runtime.js';
import type { RemoteWorker } from '../../src/runtime.js';
import { startWasm } from '../oracle/random.js';
import { inputs, network, openRemote, outcome, pause } from './fixture.js';

beforeAll(startWasm);

test('calls under way and later ones end with the reason; another engine can be opened', async () => {
  const model = network();
  const { engine, worker } = await openRemote(model);
  const seen = await engine.perspective(inputs);
  const expected = await seen.density();
  const calls = [seen.blocks(), seen.matrix(), engine.perspective(inputs)].map(outcome);
  await pause(60);
  worker.terminate();
  expect(await Promise.all(calls)).toEqual(['worker', 'worker', 'worker']);
  await expect(seen.density()).rejects.toThrow(/ended: exit code 1\. Open the model again/);
  await engine.dispose();

  const again = await open(model, { worker: true });
  expect(await (await again.perspective(inputs)).density()).toEqual(expected);
  await again.dispose();
  model.dispose();
});

test('an engine whose worker cannot be started is refused with the reason', async () => {
  const model = network();
  const { openWith } = await import('netkin/core');
  const spawn = async () => {
    throw new Error('no threads left');
  };
  const barren = openWith({ ...nodeRuntime, spawn });
  await expect(barren(model, { worker: true })).rejects.toThrow('no threads left');
  model.dispose();
});

test('where one of several workers cannot be started, the others end', async () => {
  const { Pool } = await import('../../src/workers/pool.js');
  const ends: string[] = [];
  let tries = 0;
  const spawn = async () => {
    tries += 1;
    if (tries === 3) throw new Error('no threads left');
    const name = `worker ${tries}`;
    return { ended: new Promise(() => {}), terminate: () => ends.push(name) } as unknown as RemoteWorker;
  };
  await expect(Pool.start({ ...nodeRuntime, spawn }, 4)).rejects.toThrow('no threads left');
  expect(ends).toEqual(['worker 1', 'worker 2', 'worker 4']);
});

test('a worker of which nobody hears that it ended does not keep its calls: disposing ends them', async () => {
  const { Calls } = await import('../../src/remote/calls.js');
  let terminated = 0;
  const deaf = {
    host: {},
    hold: () => {},
    ended: new Promise(() => {}),
    terminate: () => {
      terminated += 1;
    },
  } as unknown as RemoteWorker;
  const calls = new Calls(deaf);
  const pending = outcome(calls.ask(() => new Promise(() => {})));
  await calls.end();
  expect([await pending, terminated]).toEqual(['usage', 1]);
});
