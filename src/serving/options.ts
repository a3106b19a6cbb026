/** What whoever serves may choose, and what can be served at all. */
import type { Engine } from '../engine.js';
import { refuse } from '../errors.js';
import type { PixelRange } from '../format/image-inputs.js';
import type { Perspective } from '../perspective.js';

export interface ExplainerOptions {
  /** Neighbours in an answer where the request does not say `?k=`, 1 to 100; default 5. */
  readonly neighbours?: number;
  /** The largest body in bytes; default 1 MiB. Larger ones are answered with status 413. */
  readonly largestBody?: number;
  /** What the model takes pixels as; default: what the index says, or 'unit', bytes divided by 255. */
  readonly pixels?: PixelRange;
  /** The origin whose pages may ask, or '*'; default: pages of this origin only. */
  readonly origin?: string;
  /** Whether each request is computed in one stretch, see `Watch`; default: at the edge yes, elsewhere no. */
  readonly uninterrupted?: boolean;
  /** Hears of what the server got wrong, of which the caller is told no more than status 500. */
  readonly onError?: (error: unknown) => void;
}

/** Neighbours that an answer may hold. */
export const MOST_NEIGHBOURS = 100;

const sound: { readonly [Name in keyof ExplainerOptions]-?: (value: unknown) => boolean } = {
  neighbours: (value) => whole(value) && value <= MOST_NEIGHBOURS,
  largestBody: whole,
  pixels: (value) => value === 'unit' || value === 'byte',
  origin: (value) =>
    value === '*' || (typeof value === 'string' && /^[a-z][a-z\d+.-]*:\/\/[^/?#\s]+$/.test(value)),
  uninterrupted: (value) => typeof value === 'boolean',
  onError: (value) => typeof value === 'function',
};

const wanted: { readonly [Name in keyof ExplainerOptions]-?: string } = {
  neighbours: `a whole number from 1 to ${MOST_NEIGHBOURS}`,
  largestBody: 'a whole number of bytes above 0',
  pixels: "'unit' or 'byte'",
  origin: "'*' or an origin without a path, as in https://example.org",
  uninterrupted: 'true or false',
  onError: 'a function',
};

/**
 * Refuses what no request could be answered with; undefined stands for the default.
 * @throws NetkinError 'usage'
 */
export function assertOptions(options: ExplainerOptions): void {
  for (const [name, value] of Object.entries(options)) {
    if (!Object.hasOwn(sound, name))
      refuse('usage', `There is no option '${name}'; there are ${Object.keys(sound).join(', ')}.`);
    const option = name as keyof ExplainerOptions;
    if (value === undefined || sound[option](value)) continue;
    refuse('usage', `Option ${name} is ${JSON.stringify(value) ?? typeof value}; give ${wanted[option]}.`);
  }
}

/** @throws NetkinError 'unsupported', 'usage' for a perspective that was disposed of */
export function assertServable({ inputs }: Engine, seen: Perspective): void {
  if (inputs.length > 1)
    refuse('unsupported', `A model of ${inputs.length} inputs cannot be served: a request holds one image.`);
  if (!seen.comparesOthers)
    refuse(
      'unsupported',
      "A set seen by loss, by given contrasts or by sampled adversaries cannot be served: the labels of images that are sent in are not known. Use output: 'contrast' or 'logits'.",
    );
  seen.flags; // refuses what was disposed of
}

function whole(value: unknown): value is number {
  return Number.isSafeInteger(value) && (value as number) >= 1;
}
