/** The worker that an engine lives in is killed. */
import { open } from 'netkin';
import { beforeAll, expect, test } from 'vitest';
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

test('an engine whose worker never starts is refused', async () => {
  const model = network();
  const { engine, worker } = await openRemote(model);
  worker.terminate();
  expect(await outcome(engine.perspective(inputs))).toBe('worker');
  model.dispose();
});
