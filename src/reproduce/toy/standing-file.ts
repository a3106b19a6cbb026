/**
 * The file of a piece, an .npz that NumPy opens, too: `about` (JSON: whose numbers these are), then what training needs to
 * go on (`steps`, `weights`, `first`, `second`), or the numbers measured.
 */
import type { NdArray } from '../../array.js';
import { refuse } from '../../errors.js';
import { readNpz, writeNpz } from '../../format/npz.js';
import { ESTIMATORS } from './estimators.js';
import type { Standing } from './piece.js';
import { pieceName, pieceOptions, pieceSteps, type ToyOptions, type ToyPiece, WIDTHS } from './protocol.js';

/** Another number: the files of before are computed anew. */
const VERSION = 1;

type Arrays = Readonly<Record<string, NdArray>>;

/** @param maker what computed it, for readers of the file; never compared */
export function encodeStanding(
  standing: Standing,
  piece: ToyPiece,
  options: ToyOptions,
  maker: Readonly<Record<string, string>> = {},
): Uint8Array {
  const about = new TextEncoder().encode(JSON.stringify({ ...aboutOf(piece, options), ...maker }));
  const arrays: Arrays = {
    about: { shape: [about.length], data: about },
    seconds: number(standing.seconds),
    ...contentOf(standing),
  };
  return writeNpz(arrays, 0);
}

/**
 * @param name the file, for errors
 * @throws NetkinError 'usage' for the file of another experiment or of other options, 'input' for one that is damaged
 */
export function decodeStanding(
  bytes: Uint8Array,
  piece: ToyPiece,
  options: ToyOptions,
  name: string,
): Standing {
  const damaged = (why: string): never =>
    refuse('input', `'${name}' is damaged (${why}): remove it, and its network is trained anew.`);
  let arrays: Map<string, NdArray>;
  try {
    arrays = readNpz(bytes, name);
  } catch (error) {
    return damaged(error instanceof Error ? error.message.replace(/\.$/, '') : String(error));
  }
  assertOwner(arrays.get('about'), piece, options, name);
  /** @param undefinedAt places where no number is defined */
  const values = (array: string, length: number, undefinedAt = 0): Float32Array => {
    const { data } = arrays.get(array) ?? damaged(`it has no ${array}`);
    if (!(data instanceof Float32Array) || data.length !== length)
      return damaged(`${array} has ${data.length} numbers, not ${length}`);
    const strange = data.filter((number) => !Number.isFinite(number));
    if (strange.length > undefinedAt || strange.some((number) => !Number.isNaN(number)))
      damaged(`${array} has numbers that are not finite`);
    return data;
  };
  const single = (array: string): number => {
    const { data } = arrays.get(array) ?? damaged(`it has no ${array}`);
    return data.length === 1 ? data[0] : damaged(`${array} is no single number`);
  };
  const value = (array: string): number => {
    const number = single(array);
    return Number.isFinite(number) ? number : damaged(`${array} is ${number}`);
  };
  const whole = (array: string, most: number): number => {
    const number = single(array);
    return Number.isInteger(number) && number >= 0 && number <= most ? number : damaged(`${number} ${array}`);
  };

  const seconds = value('seconds');
  if (seconds < 0) damaged(`${seconds} seconds`);
  const { size } = options;
  if (arrays.has('weights')) {
    const steps = whole('steps', pieceSteps(piece, options));
    const [weights, first, second] = (['weights', 'first', 'second'] as const).map((array) =>
      values(array, parameters()),
    );
    return { stage: 'training', seconds, state: { steps, weights, first, second } };
  }
  if (piece.kind === 'denoising') {
    const [undefinedAt, negative] = [whole('undefinedAt', size), whole('negative', size)];
    const [noisy, predicted] = [values('noisy', size), values('predicted', size)];
    const [averaged, averagedNoise, factor] = (['averaged', 'averagedNoise', 'factor'] as const).map(
      (array) => values(array, size, undefinedAt),
    );
    // Means over the places that are defined: where there are none, neither are these.
    const mean = undefinedAt < size ? value : single;
    const [residual, shift] = [mean('residual'), mean('shift')];
    const result = {
      noisy,
      predicted,
      averaged,
      averagedNoise,
      factor,
      residual,
      shift,
      undefinedAt,
      negative,
    };
    return { stage: 'denoising', seconds, result };
  }
  const counts = values('counts', ESTIMATORS.length * size);
  const result = { counts, smallest: value('smallest'), error: value('error') };
  return { stage: 'density', seconds, result };
}

function aboutOf(piece: ToyPiece, options: ToyOptions): Readonly<Record<string, string | number>> {
  return { experiment: 'toy', version: VERSION, piece: pieceName(piece), ...pieceOptions(piece, options) };
}

function contentOf(standing: Standing): Arrays {
  if (standing.stage === 'training') {
    const { steps, ...arrays } = standing.state;
    return { steps: number(steps), ...columns(arrays) };
  }
  if (standing.stage === 'density') {
    const { counts, smallest, error } = standing.result;
    const shape = [ESTIMATORS.length, counts.length / ESTIMATORS.length];
    return { counts: { shape, data: counts }, smallest: number(smallest), error: number(error) };
  }
  const { residual, shift, undefinedAt, negative, ...arrays } = standing.result;
  return {
    ...columns(arrays),
    residual: number(residual),
    shift: number(shift),
    undefinedAt: number(undefinedAt),
    negative: number(negative),
  };
}

function number(value: number): NdArray {
  return { shape: [1], data: Float64Array.of(value) };
}

function columns(arrays: Readonly<Record<string, Float32Array>>): Arrays {
  return Object.fromEntries(
    Object.entries(arrays).map(([name, data]) => [name, { shape: [data.length], data }]),
  );
}

/** Weights and biases of the network. */
function parameters(): number {
  return WIDTHS.slice(1).reduce((sum, units, layer) => sum + units * (WIDTHS[layer] + 1), 0);
}

function assertOwner(found: NdArray | undefined, piece: ToyPiece, options: ToyOptions, name: string): void {
  const about = parsedAbout(found);
  if (!about)
    refuse('input', `'${name}' does not say what it belongs to: remove it, or choose another folder.`);
  const wanted = aboutOf(piece, options);
  const other = Object.keys(wanted).filter((key) => about[key] !== wanted[key]);
  if (other.length === 0) return;
  const differences = other.map((key) => `${key} ${about[key]} instead of ${wanted[key]}`).join(', ');
  refuse(
    'usage',
    `'${name}' belongs to an experiment with other options (${differences}): remove or rename it, or choose another folder.`,
  );
}

function parsedAbout(found: NdArray | undefined): Readonly<Record<string, unknown>> | null {
  try {
    const about: unknown = JSON.parse(new TextDecoder().decode(found?.data as Uint8Array));
    return typeof about === 'object' ? (about as Readonly<Record<string, unknown>>) : null;
  } catch {
    return null;
  }
}
