/** What a set will cost is said before anything runs. */
import * as tf from '@tensorflow/tfjs';
import { open } from 'netkin';
import { afterEach, beforeAll, expect, it, vi } from 'vitest';
import { randomInputs, randomise, startWasm } from '../oracle/random.js';

beforeAll(startWasm);
afterEach(() => void vi.restoreAllMocks());

it('the plan counts multiply-adds and bytes, says whether they fit, and times every stage', async () => {
  const { layers } = tf;
  const model = randomise(
    tf.sequential({ layers: [layers.dense({ units: 3, inputShape: [5] }), layers.dense({ units: 2 })] }),
    1,
  );
  await using engine = await open(model, { memory: 1.6 * 2 ** 20, threads: 0 });
  const plan = await engine.plan(randomInputs(2, [100, 5]));
  // By hand: (5 + 1) + 2·3 and (3 + 1) + 2·2 multiply-adds a pair; 20 values and 10 whitened ones an input, 112 inputs.
  expect(plan).toMatchObject({
    inputs: 100,
    pairs: 5050,
    allPairs: 5050 * 20,
    rowBytes: 112 * 30 * 4,
    fits: true,
    held: true,
    captures: 0,
  });
  expect(plan.softDensity).toBe(2 * 100 * 2 * (6 * 3 + 4 * 2));
  for (const seconds of Object.values(plan.seconds)) expect(seconds).toBeGreaterThan(0);
  const larger = await engine.plan(randomInputs(2, [3000, 5]));
  expect(larger).toMatchObject({ fits: true, held: false });
  expect(larger.captures).toBeGreaterThanOrEqual(1);
  expect(larger.seconds.allPairs).toBeGreaterThan(plan.seconds.allPairs);
  await using tight = await open(model, { memory: 2 ** 20, threads: 0 });
  expect((await tight.plan(randomInputs(2, [3000, 5]))).fits).toBe(false);
  await expect(tight.perspective(randomInputs(2, [3000, 5]))).rejects.toMatchObject({ code: 'memory' });
  model.dispose();
});

it('ends where the clock stands still during a call, and predicts no time', async () => {
  const model = randomise(tf.sequential({ layers: [tf.layers.dense({ units: 3, inputShape: [5] })] }), 1);
  await using engine = await open(model, { threads: 0 });
  vi.spyOn(performance, 'now').mockReturnValue(0);
  const { seconds } = await engine.plan(randomInputs(2, [100, 5]));
  expect(seconds).toEqual({ gradients: 0, allPairs: 0, softDensity: 0 });
  model.dispose();
});
