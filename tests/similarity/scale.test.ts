/** Inputs and gradients of extreme size: k^C has no scale, and what float32 cannot hold is refused. */
import * as tf from '@tensorflow/tfjs';
import { open } from 'netkin';
import { beforeAll, describe, expect, it } from 'vitest';
import { randomInputs, randomise, startWasm } from '../oracle/random.js';
import { distance } from './measure.js';

beforeAll(startWasm);

/** Without biases the activities are as small as the inputs. */
function unbiased(): tf.LayersModel {
  const { layers } = tf;
  return randomise(
    tf.sequential({
      layers: [
        layers.dense({ units: 8, activation: 'linear', useBias: false, inputShape: [4] }),
        layers.dense({ units: 3, useBias: false }),
      ],
    }),
    2,
  );
}

describe('a network without biases', () => {
  it.each([1e-25, 1e-20, 1e-10, 1e10, 1e15])(
    'sees inputs times %d as alike as the inputs',
    async (factor) => {
      const model = unbiased();
      await using engine = await open(model, { check: false });
      const inputs = randomInputs(3, [30, 4]);
      const scaled = { shape: inputs.shape, data: inputs.data.map((value) => value * factor) };
      const [one, other] = [await engine.perspective(inputs), await engine.perspective(scaled)];
      expect(distance((await one.matrix()).data, (await other.matrix()).data)).toBeLessThan(2e-6);
      expect(distance(await one.density(), await other.density())).toBeLessThan(1e-4);
      model.dispose();
    },
  );

  it('refuses inner products that float32 cannot hold', async () => {
    const model = unbiased();
    await using engine = await open(model, { check: false });
    const inputs = randomInputs(3, [5, 4]);
    const scaled = { shape: inputs.shape, data: inputs.data.map((value) => value * 1e-20) };
    const seen = await engine.perspective(scaled);
    await expect(seen.matrix({ kernel: 'inner' })).rejects.toMatchObject({ code: 'input' });
    model.dispose();
  });
});

it('new inputs are refused once the weights of a live model have changed', async () => {
  const model = unbiased();
  await using engine = await open(model);
  const inputs = randomInputs(3, [5, 4]);
  const seen = await engine.perspective(inputs);
  expect((await seen.against(inputs)).shape).toEqual([5, 5]);
  model.setWeights(model.getWeights().map((weight) => tf.mul(weight, 2)));
  await expect(seen.against(inputs)).rejects.toMatchObject({ code: 'usage' });
  expect((await seen.matrix()).shape).toEqual([5, 5]);
  model.dispose();
});

it('weights that change while inputs are captured are refused, never mixed', async () => {
  const model = unbiased();
  await using engine = await open(model, { batch: 16, threads: 0 });
  let changed = false;
  const progress = () => {
    if (changed) return;
    changed = true;
    model.setWeights(model.getWeights().map((weight) => tf.mul(weight, 2)));
  };
  // Large enough that the capture gives way, and so reports, before it ends.
  const capture = engine.perspective(randomInputs(3, [20_000, 4]), { progress });
  await expect(capture).rejects.toMatchObject({
    code: 'usage',
    message: expect.stringContaining('weights changed'),
  });
  model.dispose();
});

it('inner products with other inputs that overflow float32 are refused, never infinite', async () => {
  const model = unbiased();
  await using engine = await open(model, { check: false });
  const inputs = randomInputs(3, [5, 4]);
  const huge = (factor: number) => ({
    shape: inputs.shape,
    data: inputs.data.map((value) => value * factor),
  });
  const seen = await engine.perspective(huge(1e15));
  await expect(seen.against(huge(1e27), { kernel: 'inner' })).rejects.toMatchObject({ code: 'input' });
  const blocks = seen.blocks({ kernel: 'inner', against: huge(1e27) });
  await expect(blocks).rejects.toMatchObject({ code: 'input' });
  expect((await seen.against(huge(1e15))).data.every(Number.isFinite)).toBe(true);
  model.dispose();
});

it('images smaller than a window are refused by layer and size', async () => {
  const { layers } = tf;
  const model = tf.sequential({
    layers: [
      layers.conv2d({ name: 'first', filters: 2, kernelSize: 3, inputShape: [null, null, 3] }),
      layers.globalAveragePooling2d({}),
      layers.dense({ units: 2 }),
    ],
  });
  await using engine = await open(randomise(model, 4));
  await expect(engine.perspective(randomInputs(5, [4, 2, 2, 3]))).rejects.toMatchObject({
    code: 'input',
    message: expect.stringContaining("Layer 'first': images of 2 × 2 are smaller than its window of 3 × 3"),
  });
  expect((await engine.perspective(randomInputs(5, [4, 5, 5, 3]))).size).toBe(4);
  model.dispose();
});

it('what callers without types hand over is refused in words', async () => {
  const model = unbiased();
  await using engine = await open(model);
  const wrong = [
    undefined,
    null,
    'x.npy',
    [[1, 2, 3, 4]],
    { data: new Float32Array(4) },
    { shape: [1, 4], data: [1, 2, 3, 4] },
  ];
  for (const inputs of wrong) {
    await expect(engine.perspective(inputs as never)).rejects.toMatchObject({
      name: 'NetkinError',
      code: 'input',
    });
  }
  const seen = await engine.perspective(randomInputs(3, [5, 4]));
  for (const kind of [{}, { hard: 0.5, power: 2 }, 'hard', null]) {
    await expect(seen.density(kind as never)).rejects.toMatchObject({ name: 'NetkinError', code: 'usage' });
  }
  await expect(open(model, { of: 'x' } as never)).rejects.toMatchObject({ code: 'usage' });
  await expect(open(model, { unknown: 1 } as never)).rejects.toMatchObject({ code: 'usage' });
  model.dispose();
});
