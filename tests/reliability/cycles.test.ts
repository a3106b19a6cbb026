/** Engines come and go: nothing of them stays. */

import { setFlagsFromString } from 'node:v8';
import { runInNewContext } from 'node:vm';
import * as tf from '@tensorflow/tfjs';
import { open } from 'netkin';
import { beforeAll, expect, test } from 'vitest';
import { modelFiles } from '../model-files.js';
import { startWasm } from '../oracle/random.js';
import { inputs, network } from './fixture.js';

beforeAll(startWasm);

/** Bytes of the process after everything that can be collected was. */
async function settledBytes(): Promise<number> {
  setFlagsFromString('--expose-gc');
  const collect = runInNewContext('gc') as () => void;
  for (let round = 0; round < 5; round++) {
    collect();
    await new Promise((resume) => setTimeout(resume, 20));
  }
  const { rss } = process.memoryUsage();
  return rss;
}

test('1000 times opened from files, used and disposed of: no tensor and no memory more', async () => {
  const files = await modelFiles(network());
  const few = { shape: [40, 12], data: inputs.data.subarray(0, 40 * 12) };
  const cycle = async () => {
    const engine = await open(files);
    using seen = await engine.perspective(few);
    await seen.nearest();
    await engine.dispose();
  };
  for (let warming = 0; warming < 200; warming++) await cycle();
  const before = { ...tf.memory(), settled: await settledBytes() };
  for (let round = 0; round < 800; round++) await cycle();
  const { numTensors, numBytes } = tf.memory();
  expect([numTensors, numBytes]).toEqual([before.numTensors, before.numBytes]);
  // A leak of one kernel memory (1 MiB) a cycle would be 800 MiB.
  expect(((await settledBytes()) - before.settled) / 2 ** 20).toBeLessThan(100);
});

test('two dozen engines in workers leave no worker', async () => {
  const model = network();
  const workers = () => process.getActiveResourcesInfo().filter((kind) => kind === 'Worker').length;
  const before = workers();
  for (let round = 0; round < 24; round++) {
    const engine = await open(model, { worker: true, threads: 0 });
    const seen = await engine.perspective({ shape: [40, 12], data: inputs.data.subarray(0, 480) });
    await seen.nearest();
    await engine.dispose();
  }
  await new Promise((resume) => setTimeout(resume, 200));
  expect(workers()).toBe(before);
  model.dispose();
});
