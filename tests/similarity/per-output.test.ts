/** Every output compared by itself (method, section 1). */
import * as tf from '@tensorflow/tfjs';
import { open } from 'netkin';
import { beforeAll, expect, test } from 'vitest';
import { perOutput } from '../oracle/kernels.js';
import { jacobians } from '../oracle/network.js';
import { randomInputs, randomise, startWasm } from '../oracle/random.js';
import { build, given, specimens } from '../oracle/zoo.js';
import { distance } from './measure.js';

beforeAll(startWasm);

const { layers } = tf;

test.each(specimens)('%s: entry c is k^C of an engine with output [c], and of the twin', async (name) => {
  const specimen = build(name);
  try {
    await using engine = await open(specimen.model);
    const seen = await engine.perspective(given(specimen));
    const { shape, data } = await seen.perOutput();
    const { size, outputs: d } = seen;
    expect(shape).toEqual([size, size, d]);
    const wanted = perOutput(jacobians(specimen.model, specimen.inputs));
    expect(distance(data, wanted.flat(2))).toBeLessThan(2e-6);
    for (let c = 0; c < d; c++) {
      await using alone = await open(specimen.model, { output: [c] });
      const k = (await (await alone.perspective(given(specimen))).matrix()).data;
      const own = k.map((_, pair) => data[pair * d + c]!);
      expect(distance(own, k)).toBeLessThan(1e-6);
    }
  } finally {
    specimen.model.dispose();
  }
});

test('inner products are the diagonals of the blocks; other inputs are columns', async () => {
  const model = randomise(
    tf.sequential({
      layers: [layers.dense({ inputShape: [4], units: 6, activation: 'tanh' }), layers.dense({ units: 3 })],
    }),
    2,
  );
  try {
    await using engine = await open(model);
    const seen = await engine.perspective(randomInputs(3, [19, 4]));
    const against = randomInputs(4, [5, 4]);
    for (const options of [{}, { against }]) {
      const inner = await seen.perOutput({ ...options, kernel: 'inner' });
      const blocks = await seen.blocks({ ...options, kernel: 'inner' });
      expect(inner.shape).toEqual(blocks.shape.slice(0, 3));
      const diagonal = inner.data.map((_, at) => blocks.data[Math.floor(at / 3) * 9 + (at % 3) * 4]!);
      expect(inner.data).toEqual(diagonal);
    }
    const cosines = await seen.perOutput({ against });
    expect(cosines.shape).toEqual([19, 5, 3]);
    for (const value of cosines.data) expect(Math.abs(value)).toBeLessThanOrEqual(1);
  } finally {
    model.dispose();
  }
});

test('an output without a gradient is similar to nothing, itself included', async () => {
  const model = tf.sequential({ layers: [layers.dense({ inputShape: [2], units: 2, activation: 'relu' })] });
  model.setWeights([tf.tensor2d([1, -1, 0, 0], [2, 2]), tf.tensor1d([0, 0])]);
  try {
    await using engine = await open(model, { check: false });
    // The second unit is dead at the first input, the first at the second.
    const seen = await engine.perspective({ shape: [2, 2], data: Float32Array.of(1, 0, -1, 0) });
    expect(Array.from((await seen.perOutput()).data)).toEqual([1, 0, 0, 0, 0, 0, 0, 1]);
  } finally {
    model.dispose();
  }
});
