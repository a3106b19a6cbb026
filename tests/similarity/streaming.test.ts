/** D14: rows that do not fit into memory are captured again, block by block: the same bits, or a refusal before the start. */
import { serialize } from 'node:v8';
import * as tf from '@tensorflow/tfjs';
import { type Engine, type OpenOptions, open, type Perspective } from 'netkin';
import { beforeAll, describe, expect, it } from 'vitest';
import { randomInputs, randomise, startWasm } from '../oracle/random.js';

beforeAll(startWasm);

/** Five strips, the last one short. */
const SIZE = 1100;

const networks: Readonly<
  Record<string, { make: () => tf.LayersModel; options?: OpenOptions; memory: number }>
> = {
  'an MLP, d = 5': {
    make: () =>
      tf.sequential({
        layers: [
          tf.layers.dense({ units: 40, activation: 'tanh', inputShape: [60] }),
          tf.layers.dense({ units: 5, activation: 'softmax' }),
        ],
      }),
    memory: 7 * 2 ** 20,
  },
  'a CNN, one output': {
    make: () =>
      tf.sequential({
        layers: [
          tf.layers.conv2d({ filters: 12, kernelSize: 3, activation: 'relu', inputShape: [6, 6, 1] }),
          tf.layers.maxPooling2d({ poolSize: 2 }),
          tf.layers.flatten(),
          tf.layers.dense({ units: 4 }),
        ],
      }),
    options: { output: [2] },
    memory: 4.2 * 2 ** 20,
  },
};

async function twoWays(
  name: string,
  use: (held: Perspective, streamed: Perspective, engines: Engine[]) => Promise<void>,
): Promise<void> {
  const { make, options, memory } = networks[name];
  const model = randomise(make(), 5);
  const inputs = randomInputs(1, [SIZE, ...(model.inputs[0].shape.slice(1) as number[])]);
  await using roomy = await open(model, { ...options, threads: 0 });
  await using tight = await open(model, { ...options, threads: 0, memory });
  const [held, streamed] = [await roomy.perspective(inputs), await tight.perspective(inputs)];
  expect([held.held, streamed.held]).toEqual([true, false]);
  await use(held, streamed, [roomy, tight]);
  model.dispose();
}

describe.each(Object.keys(networks))('D14: streaming %s', (name) => {
  it('gives the bits of rows that are held, in every measure', async () => {
    await twoWays(name, async (held, streamed) => {
      const shape = name.includes('MLP') ? [60] : [6, 6, 1];
      const other = randomInputs(2, [300, ...shape]);
      // So few are held beside rows that come and go.
      const few = randomInputs(3, [8, ...shape]);
      const calls: Record<string, (seen: Perspective) => Promise<unknown>> = {
        logits: async (seen) => seen.logits,
        selfKernels: async (seen) => seen.selfKernels,
        flags: async (seen) => seen.flags,
        nearest: (seen) => seen.nearest(undefined, 7),
        'nearest of one': (seen) => seen.nearest(777, 9),
        'nearest of others': (seen) => seen.nearest(other, 4),
        soft: (seen) => seen.density(),
        hard: (seen) => seen.density({ hard: 0.6 }),
        power: (seen) => seen.density({ power: 3 }),
        uncertainty: (seen) => seen.uncertainty(),
        denoise: (seen) => seen.denoise(labels(seen)),
        'denoise some': (seen) => seen.denoise(labels(seen), { inputs: [3, 4, 5, 900, 1099, 40] }),
        suspects: (seen) => seen.suspects(labels(seen), 50),
        explain: (seen) => seen.explain(5, 1001),
        'explain several': (seen) => seen.explain(5, [1001, 4, 3, ...Array(20).keys()]),
        block: (seen) => seen.block(1099, 0),
        matrix: (seen) => seen.matrix(),
        influence: (seen) => seen.matrix({ kernel: 'influence' }),
        inner: (seen) => seen.matrix({ kernel: 'inner' }),
        against: (seen) => seen.against(other, { kernel: 'influence' }),
        blocks: (seen) => seen.blocks({ against: other }),
        rotation: (seen) => seen.matrix({ kernel: 'rotation' }),
        'rotation against few': (seen) => seen.against(few, { kernel: 'rotation' }),
        'orthogonal against others': (seen) => seen.against(other, { kernel: 'orthogonal' }),
        'outputs against few': (seen) => seen.perOutput({ against: few }),
        'tiles of rotations': async (seen) => (await seen.tiles({ kernel: 'rotation' }).next()).value,
        'a pair': (seen) => seen.similarity(3, 1000, { kernel: 'influence' }),
        correct: (seen) => seen.correct(labels(seen), 2),
        fit: (seen) => seen.fit(labels(seen)),
        'explain in detail': (seen) => seen.explain(5, [1001, 4], { similarities: true, activities: 3 }),
        'explain another in detail': (seen) =>
          seen.explain(randomInputs(4, [1, ...shape]), [1001, 4], { similarities: true, activities: 3 }),
      };
      for (const [call, ask] of Object.entries(calls)) {
        // Strings, since a difference in half a million numbers takes minutes to be shown.
        const [found, expected] = [await ask(streamed), await ask(held)].map((value) =>
          serialize(value).toString('base64'),
        );
        expect(found === expected, call).toBe(true);
      }
    });
  });

  it('notices inputs that were changed meanwhile, and weights too', async () => {
    const { make, options, memory } = networks[name];
    const model = randomise(make(), 5);
    const inputs = randomInputs(1, [SIZE, ...(model.inputs[0].shape.slice(1) as number[])]);
    await using engine = await open(model, { ...options, threads: 0, memory });
    const seen = await engine.perspective(inputs);
    const before = inputs.data.slice();
    inputs.data.fill(0.25, 0, 36);
    await expect(seen.density()).rejects.toThrow(/inputs or the weights changed/);
    inputs.data.set(before);
    expect((await seen.density()).length).toBe(SIZE);
    const weights = model.getWeights().map((weight) => weight.mul(2));
    model.setWeights(weights);
    await expect(seen.density()).rejects.toMatchObject({ code: 'usage' });
    tf.dispose(weights);
    model.dispose();
  });
});

it('what cannot be streamed either is refused before anything is captured, with what would fit', async () => {
  const { make, memory } = networks['an MLP, d = 5'];
  const model = randomise(make(), 5);
  await using engine = await open(model, { threads: 0, memory: memory / 4 });
  const refusal = engine.perspective(randomInputs(1, [SIZE, 60]));
  await expect(refusal).rejects.toMatchObject({ code: 'memory' });
  await expect(refusal).rejects.toThrow(/needs \d+ MiB, memory allows \d+ MiB.*larger memory.*fewer outputs/);
  model.dispose();
});

it('a stopped call on streamed rows leaves the perspective usable', async () => {
  await twoWays('an MLP, d = 5', async (held, streamed) => {
    const controller = new AbortController();
    const { signal } = controller;
    const call = streamed.denoise(labels(streamed), { signal, progress: () => controller.abort() });
    await expect(call).rejects.toMatchObject({ code: 'aborted' });
    expect(await streamed.nearest(undefined, 5)).toEqual(await held.nearest(undefined, 5));
  });
});

it('what the caller does to logits and labels afterwards does not reach rows that are captured again', async () => {
  const { make, memory } = networks['an MLP, d = 5'];
  const model = randomise(make(), 5);
  await using engine = await open(model, { threads: 0, of: 'loss', memory: memory / 2.5 });
  const given = Int32Array.from({ length: SIZE }, (_, i) => i % 5);
  const seen = await engine.perspective(randomInputs(1, [SIZE, 60]), { labels: given });
  expect(seen.held).toBe(false);
  const before = await seen.density({ hard: 0.5 });
  given.fill(0);
  seen.logits.fill(7);
  expect(await seen.density({ hard: 0.5 })).toEqual(before);
  model.dispose();
});

it('one input of many numbers is a set, too', async () => {
  const model = randomise(
    tf.sequential({ layers: [tf.layers.dense({ units: 1, inputShape: [200_000] })] }),
    1,
  );
  await using engine = await open(model, { threads: 0 });
  const seen = await engine.perspective(randomInputs(1, [1, 200_000]));
  expect([...(await seen.density())]).toEqual([1]);
  model.dispose();
});

it('bytes with a divisor are the same inputs as their quotients', async () => {
  const model = randomise(networks['an MLP, d = 5'].make(), 5);
  await using engine = await open(model, { threads: 0 });
  const bytes = Uint8Array.from({ length: 40 * 60 }, (_, i) => (i * 37) % 256);
  const quotients = Float32Array.from(bytes, (value) => value / 255);
  const one = await engine.perspective({ shape: [40, 60], data: bytes, divisor: 255 });
  const other = await engine.perspective({ shape: [40, 60], data: quotients });
  expect(await one.matrix()).toEqual(await other.matrix());
  const zero = { shape: [40, 60], data: bytes, divisor: 0 };
  await expect(engine.perspective(zero)).rejects.toThrow(/divisor/);
  model.dispose();
});

function labels(seen: Perspective) {
  return {
    shape: [SIZE],
    data: Int32Array.from({ length: SIZE }, (_, i) => (i * 7) % (seen.logits.length / SIZE)),
  };
}
