/** The HTTP function: what it answers is what the API says, and whatever is wrong with a request is said. */
import { readFileSync } from 'node:fs';
import { join } from 'node:path';
import { type Engine, explainer, type Handler, open, type Perspective } from 'netkin';
import { afterAll, beforeAll, describe, expect, test } from 'vitest';
import { readImage, writePng } from '../../src/format/image.js';
import { crc32 } from '../../src/format/inflate.js';
import { root } from '../package/installed.js';

const data = (name: string) => new Uint8Array(readFileSync(join(root, 'examples/data', name)));
const sneaker = data('queries/sneaker.png');
const query = { shape: [1, 28, 28, 1], data: data('sneaker.bin'), divisor: 255 };
const { classes, labels } = JSON.parse(readFileSync(join(root, 'examples/data/labels.json'), 'utf8')) as {
  classes: string[];
  labels: number[];
};

let engine: Engine;
let seen: Perspective;
let handler: Handler;

beforeAll(async () => {
  engine = await open(join(root, 'examples/data/model.json'), { output: 'contrast', threads: 0 });
  const images = data('images.bin');
  const shape = [labels.length, 28, 28, 1];
  const captured = await engine.perspective({ shape, data: images, divisor: 255 });
  const index = await captured.save({ labels, classes, thumbnails: { shape, data: images } });
  seen = await engine.reopen(index);
  handler = explainer(engine, seen, { largestBody: 20_000 });
});
afterAll(() => engine.dispose());

const post = (body: BodyInit, search = '') =>
  handler(new Request(`http://here/${search}`, { method: 'POST', body, duplex: 'half' } as RequestInit));
const get = (path: string, method = 'GET') => handler(new Request(`http://here${path}`, { method }));

test('an image is explained by the numbers of the API', async () => {
  const response = await post(sneaker, '?k=4&layers=1');
  expect(response.status).toBe(200);
  const { prediction, neighbours, density } = await response.json();
  expect(prediction).toMatchObject({ class: 7, name: 'Sneaker' });
  expect(prediction.probability).toBeGreaterThan(0.5);

  const { indices, similarities } = await seen.nearest(query, 4);
  const found = neighbours as { index: number; similarity: number; layers: { share: number }[] }[];
  expect(found.map(({ index }) => index)).toEqual([...indices]);
  expect(found.map(({ similarity }) => similarity)).toEqual([...similarities]);
  expect(neighbours[0]).toMatchObject({
    label: labels[indices[0]!],
    className: classes[labels[indices[0]!]!],
  });
  for (const { similarity, layers } of found)
    expect(layers.reduce((sum, { share }) => sum + share, 0)).toBeCloseTo(similarity, 5);

  const [alike] = await seen.density('soft', { of: query });
  expect(density.alike).toBeCloseTo(alike!, 3);
  const fewer = (await seen.density()).filter((own) => own - 1 < alike!).length;
  expect(density).toMatchObject({ of: 600, fewerAround: fewer / 600 });
  expect(density.sentence).toBe(
    `The network holds about ${Math.round(alike!)} of 600 examples to be like this one; around ${Math.round((100 * fewer) / 600)} % of the examples there are fewer.`,
  );
});

test('an image of another size is refused by its header: nothing is made room for', async () => {
  const bomb = writePng({ width: 1, height: 1, channels: 1, data: new Uint8Array(1) });
  const header = new DataView(bomb.buffer, bomb.byteOffset);
  header.setUint32(16, 8000);
  header.setUint32(20, 8000);
  header.setUint32(29, crc32(bomb.subarray(12, 29)));
  const response = await post(new Uint8Array(bomb));
  expect(response.status).toBe(400);
  const { error } = await response.json();
  expect(error.message).toBe(
    'The body is 8000 × 8000 pixels, the model takes 28 × 28 (width × height). Resize it.',
  );
});

test('it says what is served, and shows examples', async () => {
  const about = await (await get('/')).json();
  expect(about).toMatchObject({ examples: 600, classes, thumbnails: true, rowError: null });
  const picture = await get('/thumbnails/17');
  expect(picture.headers.get('content-type')).toBe('image/png');
  const image = readImage(new Uint8Array(await picture.arrayBuffer()), 'thumbnail');
  expect([...image.data]).toEqual([...data('images.bin').subarray(17 * 784, 18 * 784)]);
});

describe('a bad request is answered with the reason', () => {
  const small = writePng({ width: 3, height: 2, channels: 1, data: new Uint8Array(6) });
  test.each<[string, () => Promise<Response>, number, RegExp]>([
    ['no body', () => post(''), 400, /body is empty/],
    ['text', () => post('hello'), 400, /neither a PNG nor a JPEG/],
    ['a GIF', () => post('GIF89a......'), 400, /GIF image.*convert/],
    ['half a PNG', () => post(sneaker.slice(0, 200)), 400, /./],
    ['another size', () => post(new Uint8Array(small)), 400, /3 × 2 pixels, the model takes 28 × 28/],
    ['k that is no number', () => post(sneaker, '?k=many'), 400, /k=many.*from 1 to 100/],
    ['k of 0', () => post(sneaker, '?k=0'), 400, /from 1 to 100/],
    ['k beyond what is served', () => post(sneaker, '?k=101'), 400, /from 1 to 100/],
    ['layers that are neither', () => post(sneaker, '?layers=2'), 400, /from 0 to 1/],
    ['a large body', () => post(new Uint8Array(20_001)), 413, /larger than 20000 bytes/],
    ['a body without end', () => post(endless()), 413, /larger than 20000 bytes/],
    ['another path', () => get('/elsewhere'), 404, /nothing at \/elsewhere/],
    ['an example that does not exist', () => get('/thumbnails/600'), 404, /examples 0 to 599/],
    ['another method', () => get('/', 'DELETE'), 405, /POST an image/],
  ])('%s', async (_, ask, status, reason) => {
    const response = await ask();
    expect(response.status).toBe(status);
    const { error } = await response.json();
    expect(error.message).toMatch(reason);
    expect(typeof error.code).toBe('string');
  });
});

test('other origins may ask only where they are named', async () => {
  expect((await get('/')).headers.has('access-control-allow-origin')).toBe(false);
  const shared = explainer(engine, seen, { origin: 'https://example.org' });
  const preflight = await shared(new Request('http://here/', { method: 'OPTIONS' }));
  expect([preflight.status, preflight.headers.get('access-control-allow-origin')]).toEqual([
    204,
    'https://example.org',
  ]);
  const refused = await shared(new Request('http://here/', { method: 'POST', body: 'x' }));
  expect(refused.headers.get('access-control-allow-origin')).toBe('https://example.org');
});

test('a fault of the server is not the caller’s, and nothing of it is told', async () => {
  const broken = explainer(
    { ...engine, inputs: engine.inputs, outputs: () => Promise.reject(new TypeError('secret')) } as Engine,
    seen,
  );
  const response = await broken(new Request('http://here/', { method: 'POST', body: sneaker }));
  expect(response.status).toBe(500);
  expect(await response.text()).not.toContain('secret');
});

function endless(): ReadableStream<Uint8Array> {
  return new ReadableStream({ pull: (stream) => stream.enqueue(new Uint8Array(4096)) });
}
