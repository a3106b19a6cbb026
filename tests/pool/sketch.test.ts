/** Sketches made by workers are those of one thread, bit for bit. */
import * as tf from '@tensorflow/tfjs';
import { afterEach, beforeAll, expect, it, vi } from 'vitest';
import type { Engine } from '../../src/engine.js';
import type { Runtime } from '../../src/runtime.js';
import { randomInputs, randomise, startWasm } from '../oracle/random.js';

// The built modules: a worker's entry is one of them.
const built = (path: string) => import(new URL(`../../dist/${path}`, import.meta.url).href);

beforeAll(startWasm);
afterEach(() => vi.restoreAllMocks());

it('gradients sketched by 0, 2 and 3 workers have the same bits', async () => {
  const { layers } = tf;
  const model = randomise(
    tf.sequential({
      layers: [
        layers.conv2d({ filters: 12, kernelSize: 5, activation: 'tanh', inputShape: [12, 12, 2] }),
        layers.maxPooling2d({ poolSize: 2 }),
        layers.conv2d({ filters: 12, kernelSize: 3, activation: 'relu' }),
        layers.flatten(),
        layers.dense({ units: 5 }),
      ],
    }),
    2,
  );
  const { LocalEngine: Built } = await built('src/local/engine.js');
  const { nodeRuntime } = await built('node/runtime.js');
  let spawned = 0;
  const counted: Runtime = {
    ...nodeRuntime,
    spawn: () => {
      spawned += 1;
      return nodeRuntime.spawn();
    },
  };
  // A clock on which every batch takes a minute: capturing is then worth workers.
  let clock = 0;
  vi.spyOn(Date, 'now').mockImplementation(() => (clock += 60_000));
  const inputs = randomInputs(1, [150, 12, 12, 2]);
  const results: Float32Array[] = [];
  for (const threads of [0, 2, 3]) {
    spawned = 0;
    const options = { threads, check: false, batch: 16, precision: 64, seed: 5 };
    const engine: Engine = await Built.open(model, counted, options);
    expect(engine.network.terms.filter(({ kind }) => kind === 'sketched').length).toBeGreaterThan(1);
    const seen = await engine.perspective(inputs);
    expect(spawned).toBe(threads);
    results.push((await seen.matrix()).data);
    await engine.dispose();
  }
  expect(results[1]).toEqual(results[0]);
  expect(results[2]).toEqual(results[0]);
  model.dispose();
});
