/** An index with rows as captured gives every result of the perspective that it was saved from, to the bit. */
import { serialize } from 'node:v8';
import * as tf from '@tensorflow/tfjs';
import { type Engine, type Inputs, type OpenOptions, open, type Perspective } from 'netkin';
import { beforeAll, describe, expect, it } from 'vitest';
import { randomInputs, randomise, startWasm } from '../oracle/random.js';

beforeAll(startWasm);

/** What is asked of a perspective besides what all of them answer. */
type Question = 'others' | 'suspects' | 'denoise';

interface Case {
  readonly make: () => tf.LayersModel;
  readonly size: number;
  readonly options?: OpenOptions;
  /** Bytes with which the rows are not held. */
  readonly tight?: number;
  /** Whether the perspective takes labels. */
  readonly loss?: boolean;
  readonly asked?: readonly Question[];
}

const mlp = () =>
  tf.sequential({
    layers: [
      tf.layers.dense({ units: 40, activation: 'tanh', inputShape: [60] }),
      tf.layers.dense({ units: 5, activation: 'softmax' }),
    ],
  });

const cnn = () =>
  tf.sequential({
    layers: [
      tf.layers.conv2d({ filters: 12, kernelSize: 3, activation: 'relu', inputShape: [6, 6, 1] }),
      tf.layers.maxPooling2d({ poolSize: 2 }),
      tf.layers.flatten(),
      tf.layers.dense({ units: 4 }),
    ],
  });

const positions = () =>
  tf.sequential({
    layers: [
      tf.layers.dense({ units: 30, activation: 'tanh', inputShape: [3, 20] }),
      tf.layers.flatten(),
      tf.layers.dense({ units: 2 }),
    ],
  });

const twoInputs = () => {
  const left = tf.input({ name: 'left', shape: [3] });
  const right = tf.input({ name: 'right', shape: [2, 2] });
  const flat = tf.layers.flatten().apply(right) as tf.SymbolicTensor;
  const both = tf.layers.concatenate().apply([left, flat]) as tf.SymbolicTensor;
  const output = tf.layers.dense({ units: 2 }).apply(both) as tf.SymbolicTensor;
  return tf.model({ inputs: [left, right], outputs: output });
};

const open28 = () =>
  tf.sequential({
    layers: [
      tf.layers.conv2d({ filters: 3, kernelSize: 3, activation: 'relu', inputShape: [null, null, 1] }),
      tf.layers.globalAveragePooling2d({}),
      tf.layers.dense({ units: 2 }),
    ],
  });

const all = ['others', 'suspects', 'denoise'] as const;
const cases: Readonly<Record<string, Case>> = {
  'an MLP, d = 5, more than memory': { make: mlp, size: 1100, tight: 7 * 2 ** 20, asked: all },
  'a CNN, one output, more than memory': {
    make: cnn,
    size: 1100,
    options: { output: [2] },
    tight: 4.2 * 2 ** 20,
    asked: all,
  },
  'factors at several positions': { make: positions, size: 37, asked: ['others'] },
  sketches: { make: mlp, size: 50, options: { precision: 64, seed: 9 }, asked: all },
  'a contrast': { make: mlp, size: 33, options: { output: 'contrast' }, asked: ['others', 'suspects'] },
  'given contrasts': {
    make: mlp,
    size: 20,
    options: { output: { contrast: Array.from({ length: 20 }, (_, i) => i % 5) } },
    asked: ['suspects'],
  },
  'one class for all inputs': {
    make: mlp,
    size: 33,
    options: { output: { contrast: 3 } },
    asked: ['others', 'suspects'],
  },
  'one class against one': {
    make: mlp,
    size: 20,
    options: { output: { contrast: 3, adversary: 0 } },
    asked: ['others', 'suspects'],
  },
  'sampled adversaries, more than memory': {
    make: cnn,
    size: 1100,
    tight: 4.2 * 2 ** 20,
    options: { output: { contrast: 'predicted', adversary: 'sampled' }, seed: 5 },
    asked: ['suspects'],
  },
  'given classes against given adversaries': {
    make: mlp,
    size: 20,
    options: {
      output: {
        contrast: Array.from({ length: 20 }, (_, i) => i % 5),
        adversary: Uint8Array.from({ length: 21 }, (_, i) => (i + 2) % 5),
      },
    },
    asked: ['suspects'],
  },
  'one class against given adversaries': {
    make: mlp,
    size: 20,
    options: { output: { contrast: 4, adversary: Array.from({ length: 20 }, (_, i) => i % 4) } },
    asked: ['suspects'],
  },
  'the loss': { make: mlp, size: 20, options: { of: 'loss' }, loss: true, asked: ['suspects'] },
  'some parameters': {
    make: mlp,
    size: 16,
    options: { parameters: (name) => name.endsWith('bias') },
    asked: all,
  },
  'several inputs': { make: twoInputs, size: 19, asked: ['others'] },
  'inputs of open extent': { make: open28, size: 18, asked: ['others'] },
  'one input': { make: mlp, size: 1, asked: ['others'] },
};

function inputsOf(model: tf.LayersModel, size: number, seed: number): Inputs {
  const arrays = model.inputs.map((input, i) =>
    randomInputs(seed + i, [size, ...input.shape.slice(1).map((extent) => extent ?? 7)]),
  );
  if (arrays.length === 1) return arrays[0];
  return Object.fromEntries(arrays.map((array, i) => [model.inputNames[i], array]));
}

const classIds = (size: number) => Int32Array.from({ length: size }, (_, i) => (i * 7) % 2);

type Call = (seen: Perspective) => Promise<unknown>;

function callsOf(model: tf.LayersModel, { size, asked = [] }: Case): Record<string, Call> {
  const other = inputsOf(model, 30, 77);
  const last = size - 1;
  const k = Math.min(7, size);
  const more: Record<Question, Record<string, Call>> = {
    others: {
      'nearest of others': (seen) => seen.nearest(other, k),
      'density around others': (seen) => seen.density('soft', { of: other }),
      against: (seen) => seen.against(other, { kernel: 'influence' }),
      'blocks against': (seen) => seen.blocks({ against: other }),
    },
    suspects: { suspects: (seen) => seen.suspects(classIds(size), 5) },
    denoise: { denoise: (seen) => seen.denoise(classIds(size)) },
  };
  const usual: Record<string, Call> = {
    facts: async (seen) => [seen.size, seen.outputs, seen.compared, seen.logits, seen.flags],
    selfKernels: async (seen) => seen.selfKernels,
    matrix: (seen) => seen.matrix(),
    influence: (seen) => seen.matrix({ kernel: 'influence' }),
    inner: (seen) => seen.matrix({ kernel: 'inner' }),
    nearest: (seen) => seen.nearest(undefined, k),
    'nearest of one': (seen) => seen.nearest(last, k),
    soft: (seen) => seen.density(),
    hard: (seen) => seen.density({ hard: 0.6 }),
    power: (seen) => seen.density({ power: 3 }),
    uncertainty: (seen) => seen.uncertainty(),
    explain: (seen) => seen.explain(0, last),
    similarity: (seen) => seen.similarity(last, 0),
    block: (seen) => seen.block(last, 0),
  };
  return Object.assign(usual, ...asked.map((question) => more[question]));
}

/** Strings, since a difference in half a million numbers takes minutes to be shown. */
const text = (value: unknown) => serialize(value).toString('base64');

async function see(engine: Engine, model: tf.LayersModel, { size, loss }: Case): Promise<Perspective> {
  return engine.perspective(inputsOf(model, size, 1), loss ? { labels: classIds(size) } : {});
}

describe.each(Object.entries(cases))('an index of %s', (_, example) => {
  it('reopens with the bits of the original', async () => {
    const model = randomise(example.make(), 5);
    await using engine = await open(model, { ...example.options, threads: 0 });
    const memory = example.tight ?? 2 ** 30;
    await using small = await open(model, { ...example.options, threads: 0, memory });
    const seen = await see(engine, model, example);
    const bytes = await seen.save();
    const reopened = [await engine.reopen(bytes)];
    expect(reopened[0].held).toBe(true);
    if (example.tight !== undefined) {
      const streamed = await see(small, model, example);
      expect(streamed.held).toBe(false);
      expect(text(await streamed.save()) === text(bytes), 'saved block by block').toBe(true);
      reopened.push(await small.reopen(bytes));
      expect(reopened[1].held).toBe(false);
    }
    for (const [call, ask] of Object.entries(callsOf(model, example))) {
      const expected = text(await ask(seen));
      for (const again of reopened) expect(text(await ask(again)) === expected, call).toBe(true);
    }
    for (const again of reopened) expect(text(await again.save()) === text(bytes), 'saved again').toBe(true);
    model.dispose();
  });
});

it('what is attached comes back, and stays when it is saved again', async () => {
  const model = randomise(mlp(), 5);
  await using engine = await open(model, { threads: 0 });
  const seen = await see(engine, model, { make: mlp, size: 3 });
  expect([seen.labels, seen.classes, seen.names, seen.thumbnails, seen.rowError]).toEqual(
    Array(5).fill(null),
  );
  const attached = {
    labels: [4, 0, 1],
    classes: ['ant', 'bee', 'cat', 'dog', 'éléphant'],
    names: ['a/1.png', 'b/2.png', 'c "3".png'],
    thumbnails: { shape: [3, 2, 2, 1], data: Uint8Array.from({ length: 12 }, (_, i) => 20 * i) },
  };
  const again = await engine.reopen(await seen.save(attached));
  for (const perspective of [again, await engine.reopen(await again.save())]) {
    const { labels, classes, names, thumbnails } = perspective;
    expect({ labels, classes, names, thumbnails }).toEqual({
      ...attached,
      labels: { shape: [3], data: Float64Array.of(4, 0, 1) },
    });
    expect(structuredClone({ labels, classes, names, thumbnails })).toEqual({
      labels,
      classes,
      names,
      thumbnails,
    });
  }
  model.dispose();
});

it.each([
  ['other labels', { labels: [1, 2] }, 'input'],
  ['labels out of range', { labels: [1, 2, 5] }, 'input'],
  ['other names', { names: ['a'] }, 'usage'],
  ['names that are no texts', { names: [1, 2, 3] }, 'usage'],
  ['classes that are no texts', { classes: 'abc' }, 'usage'],
  ['thumbnails of another number', { thumbnails: { shape: [2, 1, 1, 1], data: new Uint8Array(2) } }, 'usage'],
  ['thumbnails of floats', { thumbnails: { shape: [3, 1, 1, 1], data: new Float32Array(3) } }, 'usage'],
  ['rows of another type', { rows: 'float16' }, 'usage'],
] as const)('save refuses %s', async (_, options, code) => {
  const model = randomise(mlp(), 5);
  await using engine = await open(model, { threads: 0 });
  const seen = await see(engine, model, { make: mlp, size: 3 });
  await expect(seen.save(options as object)).rejects.toMatchObject({ name: 'NetkinError', code });
  model.dispose();
});

it('save stops when told to, and refuses once the weights have changed', async () => {
  const model = randomise(mlp(), 5);
  await using engine = await open(model, { threads: 0 });
  const seen = await see(engine, model, { make: mlp, size: 300 });
  await expect(seen.save({ signal: AbortSignal.abort() })).rejects.toMatchObject({ code: 'aborted' });
  const shares: number[] = [];
  await seen.save({ progress: ({ done }) => shares.push(done) });
  expect(shares.every((share, i) => share >= (shares[i - 1] ?? 0) && share <= 1)).toBe(true);
  randomise(model, 6);
  await expect(seen.save()).rejects.toMatchObject({ code: 'usage' });
  model.dispose();
});
