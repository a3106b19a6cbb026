/** Engines that are disposed of in mid-call: the call ends with the reason, and nothing of the engine stays. */
import * as tf from '@tensorflow/tfjs';
import { open } from 'netkin';
import { beforeAll, expect, test } from 'vitest';
import { modelFiles } from '../model-files.js';
import { randomInputs, randomise, startWasm } from '../oracle/random.js';
import { openCounted, outcome, pause } from './fixture.js';

beforeAll(startWasm);

const images = randomInputs(3, [1500, 12, 12, 2]);

/** Slow enough to capture that workers take part. */
function convolutions(): tf.LayersModel {
  const { layers } = tf;
  return randomise(
    tf.sequential({
      layers: [
        layers.conv2d({ filters: 24, kernelSize: 5, activation: 'tanh', inputShape: [12, 12, 2] }),
        layers.conv2d({ filters: 24, kernelSize: 5, activation: 'relu' }),
        layers.flatten(),
        layers.dense({ units: 8, activation: 'softmax' }),
      ],
    }),
    2,
  );
}

test('a capture by workers ends, and so do they', async () => {
  const model = convolutions();
  let started = 0;
  for (const delay of [20, 400, 1200, 2000]) {
    const counted = await openCounted(model, { threads: 2, check: false });
    const call = outcome(counted.engine.perspective(images));
    await pause(delay);
    await counted.engine.dispose();
    expect(await call).toMatch(/usage|worker|done/);
    await expect.poll(counted.alive, { timeout: 10_000 }).toBe(0);
    started += counted.started();
  }
  expect(started).toBeGreaterThan(0);
  model.dispose();
});

test('a capture with a model that the engine loaded ends with the reason, not with an error of tfjs', async () => {
  const files = await modelFiles(convolutions());
  for (const threads of [0, 2]) {
    const engine = await open(files, { threads, check: false });
    const calls = [engine.perspective(images), engine.outputs(images)].map(outcome);
    await pause(60);
    await engine.dispose();
    const ends = await Promise.all(calls);
    // On a fast machine the forward pass may be done by then.
    expect(ends.filter((end) => end !== 'usage' && end !== 'done')).toEqual([]);
    expect(ends).toContain('usage');
  }
});
