/** An engine in a worker does what one in this thread does: the same bits, the same errors, nothing left behind. */
import * as tf from '@tensorflow/tfjs';
import { type Engine, type NetkinError, open, type Perspective, type Progress } from 'netkin';
import { afterAll, beforeAll, expect, test } from 'vitest';
import { randomInputs, randomise, startWasm } from '../oracle/random.js';

const SIZE = 600;
const inputs = randomInputs(5, [SIZE, 6]);
const others = randomInputs(6, [3, 6]);
const labels = Array.from({ length: SIZE }, (_, i) => i % 3);

let model: tf.LayersModel;
let here: Engine;
let there: Engine;
let near: Perspective;
let far: Perspective;

beforeAll(async () => {
  await startWasm();
  const { layers } = tf;
  model = randomise(
    tf.sequential({
      layers: [
        layers.dense({ inputShape: [6], units: 7, activation: 'tanh', name: 'hidden' }),
        layers.dense({ units: 3, activation: 'softmax', name: 'last' }),
      ],
    }),
    4,
  );
  here = await open(model);
  there = await open(model, { worker: true });
  near = await here.perspective(inputs);
  far = await there.perspective(inputs);
});

afterAll(async () => {
  await here.dispose();
  await there.dispose();
});

test('an engine in a worker has the same properties', () => {
  expect(there.network).toEqual(here.network);
  expect([there.inputs, there.wide]).toEqual([here.inputs, here.wide]);
  const facts = ({ size, outputs, compared, logits, held, flags, ranks, selfKernels }: Perspective) => {
    return { size, outputs, compared, logits, held, flags, ranks, selfKernels };
  };
  expect(facts(far)).toEqual(facts(near));
});

test.each<[string, (seen: Perspective) => Promise<unknown>]>([
  ['similarity', (seen) => seen.similarity(3, 17)],
  ['block', (seen) => seen.block(3, 17)],
  ['shares', (seen) => seen.explain(3, 17)],
  ['shares of another input', (seen) => seen.explain(randomInputs(7, [1, 6]), 17)],
  ['several shares', (seen) => seen.explain(randomInputs(7, [1, 6]), [17, 3])],
  ['matrix', (seen) => seen.matrix()],
  ['influence', (seen) => seen.matrix({ kernel: 'influence' })],
  ['others', (seen) => seen.against(others)],
  ['blocks', (seen) => seen.blocks({ against: others })],
  [
    'tiles',
    async (seen) => {
      const tiles = [];
      for await (const tile of seen.tiles()) tiles.push(tile);
      return tiles;
    },
  ],
  ['neighbours', (seen) => seen.nearest()],
  ['neighbours of others', (seen) => seen.nearest(others, 4)],
  ['density', (seen) => seen.density({ power: 2.5 })],
  ['density of others', (seen) => seen.density('soft', { of: others })],
  ['uncertainty', (seen) => seen.uncertainty()],
  ['denoising', (seen) => seen.denoise(labels, { inputs: [3, 5] })],
  ['suspects', (seen) => seen.suspects(labels, 20)],
])('%s: the same bits', async (_, measure) => {
  expect(await measure(far)).toEqual(await measure(near));
});

test('classes of contrasts travel, whatever list they are', async () => {
  const room = new Uint8Array(2 * SIZE);
  room.set(labels, SIZE);
  for (const output of [
    { contrast: room.subarray(SIZE), adversary: 'sampled' },
    { contrast: labels, adversary: Int32Array.from(labels, (id) => (id + 1) % 3) },
    { contrast: 2 },
  ] as const) {
    await using one = await open(model, { output, check: false });
    await using other = await open(model, { output, check: false, worker: true });
    const [seen, again] = [await one.perspective(inputs), await other.perspective(inputs)];
    expect(await again.density()).toEqual(await seen.density());
    expect(again.comparesOthers).toBe(seen.comparesOthers);
  }
  expect(room[SIZE + 1]).toBe(1);
  const wrong = open(model, { output: { contrast: 3 }, worker: true });
  await expect(wrong).rejects.toMatchObject({ code: 'usage', message: expect.stringMatching(/from 0 to 2/) });
});

test('visitors see every strip, and what they throw ends the call', async () => {
  const strips = async (seen: Perspective) => {
    const found: [number, number, number, number, number][] = [];
    await seen.nearestOthers(3, {
      visit: ({ row, column, rows, columns, stride, values }) => {
        found.push([row, column, rows, columns, values[(rows - 1) * stride + columns - 1]]);
      },
    });
    return found;
  };
  expect(await strips(far)).toEqual(await strips(near));
  const failing = far.nearestOthers(3, {
    visit: () => {
      throw new TypeError('mine');
    },
  });
  await expect(failing).rejects.toThrow(new TypeError('mine'));
});

test('progress comes across, and ends with 1', async () => {
  const seen: Progress[] = [];
  await far.matrix({ progress: (progress) => seen.push(progress) });
  expect(seen.at(-1)).toEqual({ stage: 'similarities', done: 1 });
});

test('a signal that is none is refused, and nothing stays open', async () => {
  for (const seen of [near, far]) {
    const wrong = seen.matrix({ signal: {} as AbortSignal });
    await expect(wrong).rejects.toMatchObject({
      code: 'usage',
      message: expect.stringContaining('AbortSignal'),
    });
  }
});

test('errors keep their class, code and words', async () => {
  const failure = (call: Promise<unknown>) => call.catch((error: NetkinError) => error);
  for (const call of [
    (engine: Engine, _: Perspective) => engine.perspective({ shape: [1, 5], data: new Float32Array(5) }),
    (_: Engine, seen: Perspective) => seen.nearest(0, SIZE + 1),
    (_: Engine, seen: Perspective) => seen.suspects([1, 2]),
  ]) {
    const [far_, near_] = [await failure(call(there, far)), await failure(call(here, near))];
    expect(far_).toMatchObject({ name: 'NetkinError', code: (near_ as NetkinError).code });
    expect((far_ as Error).message).toBe((near_ as Error).message);
  }
  await expect(far.matrix({ signal: AbortSignal.abort() })).rejects.toMatchObject({ code: 'aborted' });
  await expect(far.explain(0, [1], { signal: AbortSignal.abort() })).rejects.toMatchObject({
    code: 'aborted',
  });
});

test('the caller keeps the arrays that it hands over', async () => {
  const mine = randomInputs(8, [4, 6]);
  const before = mine.data.slice();
  await there.perspective(mine);
  expect(mine.data).toEqual(before);
});

test('parameters are chosen by the caller’s own function', async () => {
  const chosen = await open(model, { worker: true, parameters: (name) => name === 'last/kernel' });
  expect(chosen.network.parameters.map(({ name }) => name)).toEqual(['last/kernel']);
  await chosen.dispose();
  const none = open(model, { worker: true, parameters: () => false });
  await expect(none).rejects.toMatchObject({ code: 'usage' });
});

test('a disposed perspective or engine refuses further calls', async () => {
  const engine = await open(model, { worker: true });
  const seen = await engine.perspective(others);
  seen[Symbol.dispose]();
  await expect(seen.matrix()).rejects.toMatchObject({ code: 'usage' });
  const pending = (await engine.perspective(inputs)).matrix();
  await engine.dispose();
  await expect(pending).rejects.toMatchObject({ code: 'usage' });
  await expect(engine.perspective(inputs)).rejects.toMatchObject({ code: 'usage' });
});

test('a model file that does not exist is refused by its name', async () => {
  const missing = open('nowhere/model.json', { worker: true });
  await expect(missing).rejects.toMatchObject({ code: 'input', message: expect.stringContaining('nowhere') });
});

test('an index made in a worker is that made here, and opens on either side', async () => {
  const attached = {
    labels,
    names: labels.map(String),
    thumbnails: { shape: [SIZE, 1, 1, 1], data: new Uint8Array(SIZE) },
  };
  for (const rows of ['float32', 'int8'] as const) {
    const bytes = await near.save({ ...attached, rows });
    expect(Buffer.compare(await far.save({ ...attached, rows }), bytes)).toBe(0);
    const [mine, theirs] = [await here.reopen(bytes), await there.reopen(bytes)];
    const facts = ({ labels, classes, names, thumbnails, rowError, held, logits }: Perspective) => {
      return { labels, classes, names, thumbnails, rowError, held, logits };
    };
    expect(facts(theirs)).toEqual(facts(mine));
    expect(await theirs.nearest(others, 5)).toEqual(await mine.nearest(others, 5));
    expect(Buffer.compare(await theirs.save(), bytes)).toBe(0);
  }
  await expect(there.reopen(new Uint8Array(99))).rejects.toMatchObject({ code: 'input' });
});
