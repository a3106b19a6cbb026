/** The HTTP function: what it answers is what the API says, and whatever is wrong with a request is said. */
import { readFileSync } from 'node:fs';
import { join } from 'node:path';
import { type Engine, explainer, type Handler, open, type Perspective } from 'netkin';
import { afterAll, afterEach, beforeAll, describe, expect, test, vi } from 'vitest';
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
let index: Uint8Array;

beforeAll(async () => {
  engine = await open(join(root, 'examples/data/model.json'), { output: 'contrast', threads: 0 });
  const images = data('images.bin');
  const shape = [labels.length, 28, 28, 1];
  const captured = await engine.perspective({ shape, data: images, divisor: 255 });
  index = await captured.save({ labels, classes, thumbnails: { shape, data: images } });
  seen = await engine.reopen(index);
  handler = explainer(engine, seen, { largestBody: 20_000 });
});
afterAll(() => engine.dispose());
afterEach(() => void vi.restoreAllMocks());

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

test('a prediction has no name where the classes stand in another order than the outputs', async () => {
  const order = [...classes.keys()].sort((a, b) => (classes[a]! < classes[b]! ? -1 : 1));
  const sorted = {
    labels: labels.map((label) => order.indexOf(label)),
    classes: order.map((id) => classes[id]!),
  };
  const renamed = explainer(engine, await engine.reopen(await seen.save(sorted)));
  const response = await renamed(new Request('http://here/?k=3', { method: 'POST', body: sneaker }));
  const { prediction, neighbours } = await response.json();
  expect(prediction).toMatchObject({ class: 7, name: null });
  expect(neighbours.map(({ className }: { className: string }) => className)).toEqual(
    Array(3).fill('Sneaker'),
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

test('the neighbours are explained by one call, which ends with its request', async () => {
  const explained = vi.spyOn(seen, 'explain');
  const stop = new AbortController();
  const ask = () =>
    handler(
      new Request('http://here/?k=100&layers=1', { method: 'POST', body: sneaker, signal: stop.signal }),
    );
  expect((await ask()).status).toBe(200);
  expect(explained).toHaveBeenCalledTimes(1);
  const [, neighbours, watch] = explained.mock.lastCall!;
  expect(neighbours).toHaveLength(100);
  stop.abort();
  expect(watch!.signal!.aborted).toBe(true);
});

test('a thumbnail is asked for again, and sent again where it changed', async () => {
  const first = await get('/thumbnails/17');
  expect(first.headers.get('cache-control')).toBe('no-cache');
  const etag = first.headers.get('etag')!;
  const again = (path: string, tag: string) =>
    handler(new Request(`http://here${path}`, { headers: { 'if-none-match': tag } }));
  for (const tag of [etag, `"other", W/${etag}`, '*']) {
    const same = await again('/thumbnails/17', tag);
    expect([same.status, same.headers.get('etag'), await same.text()]).toEqual([304, etag, '']);
  }
  expect((await again('/thumbnails/18', etag)).status).toBe(200);
});

test('HEAD answers as GET does, without a body; OPTIONS and 405 say what may be asked', async () => {
  for (const path of ['/', '/thumbnails/17', '/elsewhere']) {
    const [whole, head] = [await get(path), await get(path, 'HEAD')];
    expect([head.status, [...head.headers]]).toEqual([whole.status, [...whole.headers]]);
    expect(await head.text()).toBe('');
  }
  const allowed = async (path: string, method: string) => {
    const { status, headers } = await get(path, method);
    return [status, headers.get('allow')];
  };
  expect(await allowed('/', 'OPTIONS')).toEqual([204, 'GET, HEAD, POST, OPTIONS']);
  expect(await allowed('/thumbnails/1', 'OPTIONS')).toEqual([204, 'GET, HEAD, OPTIONS']);
  expect(await allowed('/', 'PUT')).toEqual([405, 'GET, HEAD, POST, OPTIONS']);
  expect(await allowed('/thumbnails/1', 'POST')).toEqual([405, 'GET, HEAD, OPTIONS']);
  expect(await allowed('/elsewhere', 'OPTIONS')).toEqual([404, null]);
  expect((await get('/')).headers.get('content-type')).toBe('application/json; charset=utf-8');
  expect((await (await get('/')).json()).usage['POST /']).toMatch(/up to 20000 bytes.*1 to 100, else 5/);
});

test.each<[object, RegExp]>([
  [{ neighbours: Number.NaN }, /neighbours is .*1 to 100/],
  [{ neighbours: 0 }, /neighbours is 0/],
  [{ neighbours: 101 }, /neighbours is 101/],
  [{ largestBody: 0 }, /largestBody is 0.*above 0/],
  [{ largestBody: -1 }, /largestBody/],
  [{ pixels: 'bytes' }, /pixels is "bytes".*'unit' or 'byte'/],
  [{ origin: 'https://example.org/' }, /origin is .*without a path/],
  [{ origin: '' }, /origin/],
  [{ onError: 'log' }, /onError/],
  [{ largestbody: 5 }, /no option 'largestbody'/],
])('%j is refused at once', (options, reason) => {
  expect(() => explainer(engine, seen, options)).toThrow(
    expect.objectContaining({ code: 'usage', message: expect.stringMatching(reason) }),
  );
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

describe('a fault of the server is not the caller’s, and nothing of it is told', () => {
  const refusing = (error: Error) => () => Promise.reject(error);
  test.each<[string, () => Promise<{ engine: Engine; seen: Perspective }>, RegExp]>([
    [
      'a bug',
      async () => ({
        engine: {
          ...engine,
          inputs: engine.inputs,
          network: engine.network,
          outputs: refusing(new TypeError('secret')),
        } as Engine,
        seen,
      }),
      /secret/,
    ],
    [
      'a perspective that was disposed of later',
      async () => {
        const gone = await engine.reopen(index);
        setTimeout(() => gone[Symbol.dispose]());
        return { engine, seen: gone };
      },
      /disposed of/,
    ],
  ])('%s', async (_, make, reason) => {
    const heard = vi.fn();
    const broken = explainer(...(Object.values(await make()) as [Engine, Perspective]), { onError: heard });
    await new Promise((resume) => setTimeout(resume));
    const response = await broken(new Request('http://here/', { method: 'POST', body: sneaker }));
    expect(response.status).toBe(500);
    expect(await response.json()).toEqual({
      error: { code: 'worker', message: 'The server failed to compute this.' },
    });
    expect(heard.mock.calls).toEqual([[expect.objectContaining({ message: expect.stringMatching(reason) })]]);
  });
});

function endless(): ReadableStream<Uint8Array> {
  return new ReadableStream({ pull: (stream) => stream.enqueue(new Uint8Array(4096)) });
}
