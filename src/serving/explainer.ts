/**
 * A network and an index as an HTTP function: an image in, its explanation out. It speaks the web's Request and
 * Response, which Node, Deno, Bun and edge runtimes share.
 */
import type { Engine } from '../engine.js';
import { NetkinError, refuse } from '../errors.js';
import { readImage, writePng } from '../format/image.js';
import { imageInputs, largestImage, type PixelRange } from '../format/image-inputs.js';
import type { Perspective } from '../perspective.js';
import { readBody, TooLarge } from './body.js';
import { explanation } from './explanation.js';

export type { ExplainedDensity, ExplainedNeighbour, Explanation, PredictedOutput } from './explanation.js';

export interface ExplainerOptions {
  /** Neighbours in an answer where the request does not say `?k=`, 1 to 100; default 5. */
  readonly neighbours?: number;
  /** The largest body in bytes; default 1 MiB. Larger ones are answered with status 413. */
  readonly largestBody?: number;
  /** What the model takes pixels as; default: what the index says, or 'unit', bytes divided by 255. */
  readonly pixels?: PixelRange;
  /** The origin whose pages may ask, or '*'; default: pages of this origin only. */
  readonly origin?: string;
}

export type Handler = (request: Request) => Promise<Response>;

const MOST_NEIGHBOURS = 100;

/**
 * - `POST /`, body a PNG or JPEG of the model's size, `?k=5`, `&layers=1`: the {@link Explanation} as JSON;
 * - `GET /`: what is served;
 * - `GET /thumbnails/17`: example 17 of the set as PNG, where the index has thumbnails.
 *
 * Whatever is wrong with a request is answered by status 400 (404, 405, 413) and `{ error: { code, message } }`.
 * @param seen from `engine.reopen`, or any perspective of the engine's
 */
export function explainer(engine: Engine, seen: Perspective, options: ExplainerOptions = {}): Handler {
  const { neighbours = 5, largestBody = 2 ** 20, pixels = seen.pixels ?? 'unit', origin } = options;
  const headers = origin
    ? {
        'access-control-allow-origin': origin,
        'access-control-allow-methods': 'GET, POST',
        'access-control-allow-headers': 'content-type',
      }
    : {};
  let others: Float32Array | undefined;

  const post = async (request: Request, query: URLSearchParams): Promise<Response> => {
    const most = Math.min(MOST_NEIGHBOURS, seen.size);
    const count = wholeNumber(query, 'k', most) ?? Math.min(neighbours, most);
    const layers = wholeNumber(query, 'layers', 1) === 1;
    const [only, ...more] = engine.inputs;
    if (more.length > 0) refuse('unsupported', 'A model of several inputs cannot be served.');
    const body = await readBody(request, largestBody);
    const image = readImage(body, 'The body', largestImage(only.shape));
    const array = imageInputs([image], only.shape, pixels);
    others ??= await densitiesOfOthers(seen);
    return Response.json(
      await explanation(engine, seen, array, { count, layers, others, signal: request.signal }),
    );
  };

  const get = (path: string): Response => {
    const picture = /^\/thumbnails\/(\d{1,9})$/.exec(path);
    if (picture) return thumbnail(seen, Number(picture[1]));
    if (path !== '/') return failure(404, 'input', `There is nothing at ${path}.`);
    return Response.json({
      examples: seen.size,
      inputs: engine.inputs,
      classes: seen.classes,
      thumbnails: seen.thumbnails !== null,
      rowError: seen.rowError,
      usage:
        'POST a PNG or JPEG image of the size that the model takes; ?k= neighbours, &layers=1 for shares.',
    });
  };

  const answer = async (request: Request): Promise<Response> => {
    const { pathname, searchParams } = new URL(request.url);
    if (request.method === 'GET' || request.method === 'HEAD') return get(pathname);
    if (request.method === 'OPTIONS') return new Response(null, { status: 204 });
    if (request.method !== 'POST') return failure(405, 'usage', 'POST an image, or GET /.');
    if (pathname !== '/') return failure(404, 'input', `There is nothing at ${pathname}.`);
    return post(request, searchParams);
  };

  return async (request) => {
    const response = await answer(request).catch(refused);
    for (const [name, value] of Object.entries(headers)) response.headers.set(name, value);
    return response;
  };
}

/** @throws NetkinError 'usage' for anything but a whole number from 0 (`k`: 1) to `most` */
function wholeNumber(query: URLSearchParams, name: string, most: number): number | undefined {
  const text = query.get(name);
  if (text === null) return undefined;
  const value = Number(text);
  const least = name === 'k' ? 1 : 0;
  if (/^\d{1,9}$/.test(text) && value >= least && value <= most) return value;
  return refuse('usage', `${name}=${text.slice(0, 20)}: give a whole number from ${least} to ${most}.`);
}

/** An example itself counts 1 in its density; a new input is not in the set. */
async function densitiesOfOthers(seen: Perspective): Promise<Float32Array> {
  return (await seen.density()).map((density) => density - 1).sort();
}

function thumbnail({ thumbnails, size }: Perspective, index: number): Response {
  if (!thumbnails) return failure(404, 'input', 'The index holds no thumbnails.');
  if (index >= size) return failure(404, 'input', `There are examples 0 to ${size - 1}.`);
  const [, height, width, channels = 1] = thumbnails.shape;
  const length = height * width * channels;
  const data = thumbnails.data.subarray(index * length, (index + 1) * length);
  const picture = { width, height, channels: channels as 1 | 3, data };
  return new Response(writePng(picture) as Uint8Array<ArrayBuffer>, {
    headers: { 'content-type': 'image/png', 'cache-control': 'public, max-age=86400' },
  });
}

/** Errors that whoever asks can mend say how; others are the server's. */
function refused(error: unknown): Response {
  if (error instanceof TooLarge) return failure(413, 'input', error.message);
  if (error instanceof NetkinError && ['input', 'usage', 'unsupported'].includes(error.code)) {
    return failure(400, error.code, error.message);
  }
  const { code = 'worker' } = error instanceof NetkinError ? error : {};
  return failure(500, code, 'The server failed to compute this.');
}

function failure(status: number, code: string, message: string): Response {
  return Response.json({ error: { code, message } }, { status });
}
