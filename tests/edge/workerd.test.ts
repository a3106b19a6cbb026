/** netkin in a real workerd process: the bits of Node, without compiling anything at run time. */
import { readFileSync } from 'node:fs';
import { dirname, join } from 'node:path';
import { fileURLToPath } from 'node:url';
import { open, ready } from 'netkin';
import { afterAll, beforeAll, expect, it } from 'vitest';
import { readSample } from '../../src/format/sample.js';
import { smallClassifier } from '../../src/network/training.js';
import { modelFiles } from '../model-files.js';
import { type Served, serve } from './workerd.js';

const root = dirname(dirname(dirname(fileURLToPath(import.meta.url))));
const SIZE = 20;

const worker = `import { open } from './index.js';
import topology from './model.json';
import weights from './weights.bin';
import images from './images.bin';

const model = new Map([['model.json', new Uint8Array(topology)], ['weights.bin', new Uint8Array(weights)]]);
const inputs = { shape: [${SIZE}, 28, 28, 1], data: new Float32Array(images) };
const answers = {
  async '/matrix'() {
    const engine = await open(model);
    const seen = await engine.perspective(inputs);
    const { data } = await seen.matrix();
    await engine.dispose();
    return new Response(data);
  },
  async '/stopped'() {
    const engine = await open(model);
    const many = { shape: [4000, 28, 28, 1], data: new Float32Array(4000 * 784).map((_, i) => (i % 251) / 251) };
    const stop = new AbortController();
    const progress = () => stop.abort();
    const { code } = await engine.perspective(many, { signal: stop.signal, progress }).catch((error) => error);
    return Response.json({ code });
  },
  async '/missing'() {
    const { code, message } = await open(new Map([['weights.bin', new Uint8Array(weights)]])).catch((error) => error);
    return Response.json({ code, message });
  },
  async '/worker'() {
    const { code, message } = await open(model, { worker: true }).catch((error) => error);
    return Response.json({ code, message });
  },
  async '/compiles'() {
    const bytes = Uint8Array.of(0, 97, 115, 109, 1, 0, 0, 0);
    return Response.json(await WebAssembly.compile(bytes).then(() => true, () => false));
  },
};
export default { fetch: (request) => answers[new URL(request.url).pathname]() };`;

let served: Served;
let images: Float32Array<ArrayBuffer>;

beforeAll(async () => {
  const sample = readSample(readFileSync(join(root, 'node/sample/fashion-3000.npz')));
  images = Float32Array.from(sample.images.data.subarray(0, SIZE * 784), (value) => value / 255);
  await ready();
  const files = await modelFiles(smallClassifier([28, 28, 1], 10, 1));
  served = await serve(worker, new Map([...files, ['images.bin', new Uint8Array(images.buffer)]]));
});

afterAll(() => served?.stop());

const ask = (path: string) => fetch(new URL(path, served.url));

it('answers the matrix of real images, bit for bit that of Node', async () => {
  const asked = performance.now();
  const response = await ask('matrix');
  const theirs = Buffer.from(await response.arrayBuffer());
  const first = performance.now() - asked;
  await (await ask('matrix')).arrayBuffer();
  const second = performance.now() - asked - first;
  console.info(
    `workerd: listens after ${served.listening.toFixed(0)} ms, first answer ${first.toFixed(0)} ms later, next in ${second.toFixed(0)} ms`,
  );

  await using engine = await open(smallClassifier([28, 28, 1], 10, 1));
  const seen = await engine.perspective({ shape: [SIZE, 28, 28, 1], data: images });
  const ours = (await seen.matrix()).data;
  expect(theirs.length).toBe(SIZE * SIZE * 4);
  expect(theirs.equals(Buffer.from(ours.buffer, ours.byteOffset, ours.byteLength))).toBe(true);
});

it('compiles nothing there, for workerd forbids it', async () => {
  expect(await (await ask('compiles')).json()).toBe(false);
});

it('can be stopped in mid-call', async () => {
  expect(await (await ask('stopped')).json()).toEqual({ code: 'aborted' });
});

it('says which file of a model is missing', async () => {
  expect(await (await ask('missing')).json()).toEqual({
    code: 'input',
    message: "The model has no file 'model.json'; given are weights.bin.",
  });
});

it('refuses a worker of its own', async () => {
  expect(await (await ask('worker')).json()).toEqual({
    code: 'usage',
    message: 'There are no workers here: leave the option worker out.',
  });
});
