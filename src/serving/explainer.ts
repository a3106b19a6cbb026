/**
 * A network and an index as an HTTP function: an image in, its explanation out. It speaks the web's Request and
 * Response, which Node, Deno, Bun and edge runtimes share.
 */
import { agreement, LEAST_AGREEMENT } from '../agreement.js';
import type { Engine } from '../engine.js';
import { type ErrorCode, NetkinError, refuse } from '../errors.js';
import { readImage } from '../format/image.js';
import { imageInputs, largestImage } from '../format/image-inputs.js';
import type { Inputs } from '../inputs.js';
import type { Perspective } from '../perspective.js';
import type { Watch } from '../watch.js';
import { failure, json, withoutBody } from './answers.js';
import { readBody, TooLarge } from './body.js';
import { explanation } from './explanation.js';
import { assertOptions, assertServable, type ExplainerOptions, MOST_NEIGHBOURS } from './options.js';
import { thumbnail } from './thumbnail.js';

export type { ExplainedDensity, ExplainedNeighbour, Explanation, PredictedOutput } from './explanation.js';
export type { ExplainerOptions } from './options.js';

export type Handler = (request: Request) => Promise<Response>;

/** What a request asks for. */
interface Asked {
  readonly count: number;
  readonly layers: boolean;
  readonly input: Inputs;
}

const THUMBNAIL = /^\/thumbnails\/(\d{1,9})$/;

/**
 * - `POST /`, body a PNG or JPEG of the model's size, `?k=5`, `&layers=1`: the {@link Explanation} as JSON;
 * - `GET /`: what is served;
 * - `GET /thumbnails/17`: example 17 of the set as PNG, where the index has thumbnails.
 *
 * Whatever is wrong with a request is answered by status 400 (404, 405, 413) and `{ error: { code, message } }`, whatever
 * is wrong with the server by 500.
 * @param seen from `engine.reopen`, or any perspective of the engine's
 * @throws NetkinError 'usage' for wrong options or a perspective that was disposed of; 'unsupported' for a model of
 * several inputs, or a set that no image can be compared with: by loss, or by given contrasts
 */
export function explainer(engine: Engine, seen: Perspective, options: ExplainerOptions = {}): Handler {
  assertOptions(options);
  assertServable(engine, seen);
  const { neighbours = 5, largestBody = 2 ** 20, uninterrupted = false } = options;
  const { pixels = seen.pixels ?? 'unit', origin, onError } = options;
  const headers = origin
    ? {
        'access-control-allow-origin': origin,
        'access-control-allow-methods': 'GET, HEAD, POST',
        'access-control-allow-headers': 'content-type',
      }
    : {};
  const most = Math.min(MOST_NEIGHBOURS, seen.size);
  const usual = Math.min(neighbours, most);
  const outputNames = namesOfOutputs(engine, seen);
  let others: Float32Array | undefined;

  const read = async (request: Request, query: URLSearchParams): Promise<Asked> => {
    const count = wholeNumber(query, 'k', most) ?? usual;
    const layers = wholeNumber(query, 'layers', 1) === 1;
    const [{ shape }] = engine.inputs;
    const image = readImage(await readBody(request, largestBody), 'The body', largestImage(shape));
    return { count, layers, input: imageInputs([image], shape, pixels) };
  };

  const post = async (request: Request, query: URLSearchParams): Promise<Response> => {
    const asked = await read(request, query).catch((error) =>
      refused(error, ['input', 'usage', 'unsupported']),
    );
    if (asked instanceof Response) return asked;
    const watch = { signal: request.signal, uninterrupted };
    // Of a model that takes any size, only running it says whether it takes this one.
    const outputs = await engine.outputs(asked.input, watch).catch((error) => refused(error, ['input']));
    if (outputs instanceof Response) return outputs;
    others ??= await densitiesOfOthers(seen, watch);
    return json(
      await explanation(engine, seen, asked.input, { ...asked, outputs, outputNames, others, watch }),
    );
  };

  const about = (): Response =>
    json({
      examples: seen.size,
      inputs: engine.inputs,
      classes: seen.classes,
      thumbnails: seen.thumbnails !== null,
      rowError: seen.rowError,
      usage: {
        'POST /': `a PNG or JPEG image of the size that the model takes, up to ${largestBody} bytes; ?k= neighbours (1 to ${most}, else ${usual}), &layers=1 for the share of each layer`,
        'GET /thumbnails/17': seen.thumbnails
          ? 'example 17 as PNG'
          : 'nothing: the index holds no thumbnails',
      },
    });

  const answer = async (request: Request): Promise<Response> => {
    const { pathname, searchParams } = new URL(request.url);
    const picture = THUMBNAIL.exec(pathname);
    if (pathname !== '/' && !picture) return failure(404, 'input', `There is nothing at ${pathname}.`);
    switch (request.method) {
      case 'GET':
      case 'HEAD':
        return picture ? thumbnail(seen, Number(picture[1]), request.headers.get('if-none-match')) : about();
      case 'POST':
        if (!picture) return post(request, searchParams);
    }
    const allowed = { allow: picture ? 'GET, HEAD, OPTIONS' : 'GET, HEAD, POST, OPTIONS' };
    if (request.method === 'OPTIONS') return new Response(null, { status: 204, headers: allowed });
    return failure(405, 'usage', 'POST an image to /, or GET /.', allowed);
  };

  return async (request) => {
    const response = await answer(request).catch((error) => {
      // Who hung up hears nothing, and nothing is wrong.
      if (!request.signal.aborted) onError?.(error);
      return failure(500, 'worker', 'The server failed to compute this.');
    });
    for (const [name, value] of Object.entries(headers)) response.headers.set(name, value);
    return request.method === 'HEAD' ? withoutBody(response) : response;
  };
}

/** Those of the classes, unless the network's own predictions contradict that its outputs stand in their order. */
function namesOfOutputs(
  { network }: Engine,
  { classes, labels, logits }: Perspective,
): readonly string[] | null {
  const agreed = agreement(labels?.data ?? null, logits, network.outputs);
  return agreed === null || agreed >= LEAST_AGREEMENT ? classes : null;
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

/** Ascending: an example itself counts in its density, by its similarity to itself; a new input is not in the set. */
async function densitiesOfOthers(seen: Perspective, watch: Watch): Promise<Float32Array> {
  const own = new Float64Array(seen.size).fill(1);
  // What a zero gradient or a singular K(x,x) leaves of the 1.
  const { zero, singular } = seen.flags;
  for (const index of [...zero, ...singular]) own[index] = await seen.similarity(index, index);
  return (await seen.density('soft', watch)).map((density, index) => density - own[index]).sort();
}

/** Errors of these codes are the request's, and said to who can mend them; others are the server's. */
function refused(error: unknown, codes: readonly ErrorCode[]): Response {
  if (error instanceof TooLarge) return failure(413, 'input', error.message);
  if (error instanceof NetkinError && codes.includes(error.code))
    return failure(400, error.code, error.message);
  throw error;
}
