/** What netkin takes and gives back: tensors, a live model of the caller's, the choice of parameters. */
import * as tf from '@tensorflow/tfjs';
import { NetkinError, open } from 'netkin';
import { beforeAll, describe, expect, it } from 'vitest';
import { exact, traces } from '../oracle/kernels.js';
import { type Jacobians, jacobians } from '../oracle/network.js';
import { randomInputs, startWasm } from '../oracle/random.js';
import { build, given, type Specimen, specimens } from '../oracle/zoo.js';
import { distance } from '../similarity/measure.js';

beforeAll(startWasm);

/** The same Jacobians with the rows of some parameters only. */
function restricted(set: Jacobians, keep: (name: string) => boolean): Jacobians {
  const kept = set.parameters.filter(({ name }) => keep(name));
  const rows = set.rows.map((outputs) =>
    outputs.map((row) =>
      Float64Array.from(kept.flatMap(({ offset, size }) => [...row.subarray(offset, offset + size)])),
    ),
  );
  return { ...set, parameters: kept, rows };
}

async function correlations(
  { model, inputs }: Specimen,
  options: Parameters<typeof open>[1] = {},
): Promise<Float32Array> {
  await using engine = await open(model, options);
  return (await (await engine.perspective(given({ model, inputs, name: '' }))).matrix()).data;
}

describe('tensors', () => {
  it.each(specimens)('none is left behind by %s', async (name) => {
    const specimen = build(name);
    await correlations(specimen);
    const before = tf.memory();
    await using engine = await open(specimen.model);
    const seen = await engine.perspective(given(specimen));
    await seen.density();
    await seen.nearest();
    await seen.against(given(specimen));
    await engine.dispose();
    expect(tf.memory().numTensors).toBe(before.numTensors);
    expect(tf.memory().numBytes).toBe(before.numBytes);
    specimen.model.dispose();
  });

  it('none is left behind by errors', async () => {
    const { model } = build('MLP, d = 1');
    await using engine = await open(model);
    const before = tf.memory().numTensors;
    await expect(engine.perspective(randomInputs(1, [3, 5]))).rejects.toThrow(NetkinError);
    await expect(
      engine.perspective({ shape: [1, 6], data: Float32Array.from([1, 2, NaN, 4, 5, 6]) }),
    ).rejects.toThrow(NetkinError);
    await expect(engine.perspective({ shape: [0, 6], data: new Float32Array(0) })).rejects.toThrow(
      NetkinError,
    );
    await expect(engine.perspective({ shape: [1, 6], data: new Float32Array(6).fill(3e38) })).rejects.toThrow(
      NetkinError,
    );
    await expect(open(model, { parameters: () => false })).rejects.toThrow(/no trainable parameter matches/i);
    const stop = AbortSignal.abort();
    await expect(engine.perspective(randomInputs(1, [3, 6]), { signal: stop })).rejects.toMatchObject({
      code: 'aborted',
    });
    expect(tf.memory().numTensors).toBe(before);
    model.dispose();
  });
});

describe('a live model', () => {
  it('is left as it was: calls, predictions, training', async () => {
    const { model, inputs } = build('residual net with batch norm, d = 3');
    const x = tf.tensor(inputs[0].data, [...inputs[0].shape]);
    const predict = () => {
      const y = model.predict(x) as tf.Tensor;
      const values = y.dataSync().slice();
      y.dispose();
      return values;
    };
    const before = predict();
    const kernels = tf.getKernelsForBackend('wasm').map(({ kernelFunc }) => kernelFunc);
    await correlations({ name: '', model, inputs });
    expect(predict()).toEqual(before);
    expect(model.layers.some((layer) => Object.hasOwn(layer, 'call'))).toBe(false);
    expect(tf.getKernelsForBackend('wasm').every(({ kernelFunc }) => kernels.includes(kernelFunc))).toBe(
      true,
    );
    expect(Object.hasOwn(tf.engine(), 'runKernel')).toBe(false);
    x.dispose();
    model.dispose();
  });

  it("keeps a caller's own call method", async () => {
    const { model, inputs } = build('MLP, d = 1');
    const [, layer] = model.layers;
    const original = layer.call.bind(layer);
    let calls = 0;
    const own: typeof layer.call = (given, options) => {
      calls += 1;
      return original(given, options);
    };
    layer.call = own;
    await correlations({ name: '', model, inputs });
    expect(calls).toBeGreaterThan(0);
    expect(layer.call).toBe(own);
    model.dispose();
  });

  it('is not disposed of with the engine', async () => {
    const { model, inputs } = build('MLP, d = 1');
    const once = await correlations({ name: '', model, inputs });
    expect(await correlations({ name: '', model, inputs })).toEqual(once);
    model.dispose();
  });

  it('may change between two perspectives', async () => {
    const { model, inputs } = build('MLP, d = 3, tanh');
    await using engine = await open(model);
    const before = (await (await engine.perspective(inputs[0])).matrix()).data;
    const weights = model.getWeights().map((weight) => tf.mul(weight, 0.5));
    model.setWeights(weights);
    const after = (await (await engine.perspective(inputs[0])).matrix()).data;
    expect(distance(after, traces(exact(jacobians(model, inputs)).correlation).flat())).toBeLessThan(2e-6);
    expect(distance(after, before)).toBeGreaterThan(1e-3);
    tf.dispose(weights);
    model.dispose();
  });
});

describe('the choice of parameters', () => {
  it.each([1, 2, 4])('leaves out the frozen layer %d', async (index) => {
    const specimen = build('CNN with max-pool and softmax, d = 4');
    specimen.model.layers.filter((layer) => layer.weights.length > 0)[index % 3].trainable = false;
    const set = jacobians(specimen.model, specimen.inputs);
    expect(distance(await correlations(specimen), traces(exact(set).correlation).flat())).toBeLessThan(2e-6);
    specimen.model.dispose();
  });

  it.each(['kernel', 'bias', 'gamma', 'beta'])('can be restricted to every %s', async (part) => {
    const specimen = build('residual net with batch norm, d = 3');
    const set = restricted(jacobians(specimen.model, specimen.inputs), (name) => name.endsWith(`/${part}`));
    const found = await correlations(specimen, { parameters: (name) => name.endsWith(`/${part}`) });
    expect(distance(found, traces(exact(set).correlation).flat())).toBeLessThan(2e-6);
    specimen.model.dispose();
  });

  it('sees shapes and layer names', async () => {
    const specimen = build('shared convolution and PReLU, d = 2');
    const slopes = specimen.model.layers
      .filter((layer) => layer.getClassName() === 'PReLU')
      .map(({ name }) => `${name}/alpha`);
    const set = restricted(jacobians(specimen.model, specimen.inputs), (name) => slopes.includes(name));
    const found = await correlations(specimen, {
      parameters: (name, shape) => slopes.includes(name) && shape.length === 3,
    });
    expect(distance(found, traces(exact(set).correlation).flat())).toBeLessThan(2e-6);
    specimen.model.dispose();
  });
});

it('a second engine on a live model leaves the first as it was, its self-check included', async () => {
  const { model, inputs } = build('MLP, d = 1');
  await using first = await open(model);
  const seen = await first.perspective(inputs[0]);
  const before = await seen.against(inputs[0]);
  const weights = model.weights.map((weight) => weight.read().dataSync().slice());
  await using second = await open(model);
  expect(await seen.against(inputs[0])).toEqual(before);
  expect(await (await second.perspective(inputs[0])).against(inputs[0])).toEqual(before);
  expect(model.weights.map((weight) => weight.read().dataSync())).toEqual(weights);
  model.dispose();
});
