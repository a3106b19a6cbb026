/** Which sets are served, and what is said of inputs that flags were set for. */
import * as tf from '@tensorflow/tfjs';
import { explainer, type OpenOptions, open } from 'netkin';
import { afterEach, beforeAll, describe, expect, test, vi } from 'vitest';
import { writePng } from '../../src/format/image.js';
import { explainer as edgeExplainer } from '../../web/edge.js';
import { startWasm } from '../oracle/random.js';

beforeAll(startWasm);
afterEach(() => void vi.restoreAllMocks());

/** f(x) = (x0 - x1) + x2 through weights that are not trained; then `outputs` times the same. */
function network(outputs: number, inputs = 1): tf.LayersModel {
  const { layers } = tf;
  const images = Array.from({ length: inputs }, () => tf.input({ shape: [1, 4, 1] }));
  const pixels = images.map((image) => layers.flatten().apply(image) as tf.SymbolicTensor);
  const sum = (inputs > 1 ? layers.add().apply(pixels) : pixels[0]) as tf.SymbolicTensor;
  const fixed = { useBias: false, trainable: false };
  const features = layers.dense({
    ...fixed,
    units: 2,
    weights: [tf.tensor2d([1, 0, -1, 0, 0, 1, 0, 0], [4, 2])],
  });
  const last = layers.dense({ units: 1, useBias: false, name: 'last', weights: [tf.ones([2, 1])] });
  const f = last.apply(features.apply(sum)) as tf.SymbolicTensor;
  const several = layers.dense({ ...fixed, units: outputs, weights: [tf.ones([1, outputs])] });
  const ending = (outputs > 1 ? several.apply(f) : f) as tf.SymbolicTensor;
  return tf.model({ inputs: images, outputs: ending });
}

const set = { shape: [2, 1, 4, 1], data: Float32Array.of(0, 0, 0, 0, 1, 0, 0, 0) };
const png = writePng({ width: 4, height: 1, channels: 1, data: Uint8Array.of(0, 80, 240, 0) });
const ask = () => new Request('http://here/?layers=1', { method: 'POST', body: new Uint8Array(png) });

test.each([1, 2])(
  'examples count by what they are to themselves: 0 of a zero gradient, 1 of %i outputs',
  async (d) => {
    const engine = await open(network(d), { threads: 0 });
    const seen = await engine.perspective(set);
    expect(seen.flags).toMatchObject({ zero: [0], singular: d > 1 ? [1] : [] });
    const { density } = await (await explainer(engine, seen)(ask())).json();
    // cos((-1, 3), (1, 0)), of 1 / d; there is no other example around either of the two.
    expect(density.alike).toBeCloseTo(-Math.sqrt(0.1) / d, 5);
    expect(density.fewerAround).toBe(0);
  },
);

describe('what cannot be served is refused before anyone asks', () => {
  const refused = async (model: tf.LayersModel, options: OpenOptions, inputs: object, more = {}) => {
    const engine = await open(model, { threads: 0, ...options });
    const seen = await engine.perspective(inputs as never, more);
    return () => explainer(engine, seen);
  };

  test('several inputs', async () => {
    const model = network(1, 2);
    const [first, second] = model.inputNames;
    const act = await refused(model, {}, { [first!]: set, [second!]: set });
    expect(act).toThrow(saying('unsupported', /2 inputs.*one image/));
  });

  test('a loss, and contrasts that are given', async () => {
    const byLoss = await refused(network(1), { of: 'loss' }, set, { labels: Float32Array.of(1, 2) });
    expect(byLoss).toThrow(saying('unsupported', /loss.*not known/));
    const classes = tf.sequential({
      layers: [
        tf.layers.flatten({ inputShape: [1, 4, 1] }),
        tf.layers.dense({ units: 3, activation: 'softmax' }),
      ],
    });
    const given = await refused(classes, { output: { contrast: [0, 1] } }, set);
    expect(given).toThrow(saying('unsupported', /given contrasts.*not known/));
    const predicted = await refused(classes, { output: 'contrast' }, set);
    expect(predicted()).toBeInstanceOf(Function);
  });

  test('a perspective that was disposed of', async () => {
    const engine = await open(network(1), { threads: 0 });
    const seen = await engine.perspective(set);
    seen[Symbol.dispose]();
    expect(() => explainer(engine, seen)).toThrow(saying('usage', /disposed of/));
  });
});

test('weights that change under the server are its own fault', async () => {
  const model = network(1);
  const engine = await open(model, { threads: 0 });
  const onError = vi.fn();
  const handler = explainer(engine, await engine.perspective(set), { onError });
  model.getLayer('last').setWeights([tf.ones([2, 1])]);
  expect((await handler(ask())).status).toBe(500);
  expect(onError.mock.calls).toEqual([[saying('usage', /weights changed/)]]);
  const away = AbortSignal.abort();
  expect((await handler(new Request(ask(), { signal: away }))).status).toBe(500);
  expect(onError).toHaveBeenCalledTimes(1);
});

test('an image that a model of any size has no room for is the caller’s fault', async () => {
  const { layers } = tf;
  const model = tf.sequential({
    layers: [
      layers.conv2d({ inputShape: [null, null, 1], filters: 2, kernelSize: 2 }),
      layers.globalAveragePooling2d({}),
      layers.dense({ units: 1 }),
    ],
  });
  const engine = await open(model, { threads: 0 });
  const data = Float32Array.from({ length: 18 }, (_, i) => Math.sin(i));
  const handler = explainer(engine, await engine.perspective({ shape: [2, 3, 3, 1], data }));
  const response = await handler(ask());
  expect(response.status).toBe(400);
  expect((await response.json()).error.message).toMatch(/4 × 1|1 × 4/);
});

test('at the edge no request waits for a timer that went with another', async () => {
  const engine = await open(network(1), { threads: 0 });
  const seen = await engine.perspective(set);
  const handler = edgeExplainer(engine, seen);
  let time = 0;
  // Every look at the clock says that it is time to give way, and who gives way never comes back.
  vi.spyOn(Date, 'now').mockImplementation(() => (time += 1000));
  const timers = vi.spyOn(globalThis, 'setTimeout').mockImplementation(() => 0 as never);
  expect((await handler(ask())).status).toBe(200);
  expect(timers).not.toHaveBeenCalled();
});

function saying(code: string, message: RegExp) {
  return expect.objectContaining({ code, message: expect.stringMatching(message) });
}
