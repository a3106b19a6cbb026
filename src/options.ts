/** What a caller may choose when opening a network. */
import { refuse } from './errors.js';
import { isContrastChoice } from './network/contrast.js';
import type { ParameterFilter } from './network/parameters.js';
import { type OutputChoice, type SettledChoice, settledChoice } from './network/selection.js';
import { LARGEST_SKETCH, type Precision, SMALLEST_SKETCH } from './precision.js';
import type { Screening } from './similarity/screening.js';

export interface OpenOptions {
  /** What is compared; default 'logits': every output, a final softmax looked through. */
  readonly output?: OutputChoice;
  /**
   * 'output' (default), or 'loss': the gradient of the loss of labels, which `perspective` then needs: cross-entropy where
   * a softmax was looked through, half the squared error otherwise. One output layer only.
   */
  readonly of?: 'output' | 'loss';
  /** Restricts the parameters; default: all trainable ones. Names are `layer/weight`. */
  readonly parameters?: ParameterFilter;
  /**
   * 'exact' (default), or a sketch size m from 16 to 65536, at least the number of functions compared: a layer whose
   * exact gradient costs more is compared through m random projections of it. Similarities are then estimates, see
   * `network.deviation`.
   */
  readonly precision?: Precision;
  /** Of the projections under a `precision` of m, and of adversaries that are 'sampled': a whole number below 2^32; default 0. */
  readonly seed?: number;
  /**
   * Bytes to stay within, default 1 GiB, at most 4 GiB. The kernels take what the runtime, its workers, the inputs and
   * K(x,x) leave, at least half. Rows that do not fit are captured again when needed. Results do not depend on it.
   */
  readonly memory?: number;
  /** Inputs per forward pass; default: chosen by size. Results do not depend on it. */
  readonly batch?: number;
  /** Worker threads; default: one for each core. Below 2 everything is computed in the caller's thread. */
  readonly threads?: number;
  /**
   * Tries 256-bit kernels (Node 24 and later; a flag of V8 for the whole process). Used only after they were seen to be
   * faster here with the same bits; default false.
   */
  readonly wide?: boolean;
  /**
   * Whether `nearest`, `suspects` and hard density estimate pairs in 12 bits first and compute exactly what could matter:
   * 'chosen' by cost (default), 'always' or 'never'. Results do not depend on it.
   */
  readonly screening?: Screening;
  /**
   * Whether the engine lives in a worker, so that this thread is never blocked; default: in a page yes, elsewhere no. A
   * live model then travels as a copy.
   */
  readonly worker?: boolean;
  /** Whether captured gradients are checked before anything is computed; default true. */
  readonly check?: boolean;
}

const known: Readonly<Record<keyof OpenOptions, (value: unknown) => boolean>> = {
  output: (value) =>
    ['logits', 'all', 'contrast'].includes(value as string) ||
    Array.isArray(value) ||
    isContrastChoice(value),
  of: (value) => value === 'output' || value === 'loss',
  parameters: (value) => typeof value === 'function',
  precision: (value) =>
    value === 'exact' ||
    (Number.isInteger(value) && (value as number) >= SMALLEST_SKETCH && (value as number) <= LARGEST_SKETCH),
  seed: (value) => Number.isInteger(value) && (value as number) >= 0 && (value as number) < 2 ** 32,
  memory: (value) => typeof value === 'number' && value > 0 && value <= 2 ** 32,
  batch: (value) => Number.isInteger(value) && (value as number) > 0,
  threads: (value) => Number.isInteger(value) && (value as number) >= 0 && (value as number) <= 256,
  wide: (value) => typeof value === 'boolean',
  screening: (value) => ['chosen', 'always', 'never'].includes(value as string),
  worker: (value) => typeof value === 'boolean',
  check: (value) => typeof value === 'boolean',
};

const wanted: Readonly<Record<keyof OpenOptions, string>> = {
  output:
    "'logits', 'all', 'contrast', output indices, or { contrast: a class, class ids or 'predicted', adversary: a class, class ids or 'sampled' }",
  of: "'output' or 'loss'",
  parameters: 'a function (name, shape) => boolean',
  precision: `'exact', or the size of a sketch, a whole number from ${SMALLEST_SKETCH} to ${LARGEST_SKETCH}`,
  seed: 'a whole number from 0 to 4294967295',
  memory: 'bytes above 0, at most 4 GiB',
  batch: 'a whole number above 0',
  threads: 'a whole number from 0 to 256',
  wide: 'true or false',
  screening: "'chosen', 'always' or 'never'",
  worker: 'true or false',
  check: 'true or false',
};

/** Refuses unknown options and values that mean nothing; undefined stands for the default. */
export function assertOptions(options: OpenOptions): void {
  if (typeof options !== 'object' || options === null)
    refuse('usage', 'The options of open are not an object.');
  for (const [name, value] of Object.entries(options)) {
    if (!Object.hasOwn(known, name)) {
      refuse('usage', `There is no option '${name}'; there are ${Object.keys(known).join(', ')}.`);
    }
    const option = name as keyof OpenOptions;
    if (value === undefined || known[option](value)) continue;
    const shown = typeof value === 'object' && value ? 'an object of another form' : String(value);
    refuse('usage', `Option ${name} is ${shown}; give ${wanted[option]}.`);
  }
  if (options.of === 'loss' && isContrastChoice(options.output))
    refuse('usage', "of: 'loss' compares the loss of each input: leave the contrast out.");
}

/** Options as an engine keeps them: what the caller does to class ids later does not count. */
export type SettledOptions = Omit<OpenOptions, 'output'> & { readonly output: SettledChoice };

/** @throws NetkinError 'usage' as {@link assertOptions} */
export function settledOptions(options: OpenOptions): SettledOptions {
  assertOptions(options);
  return { ...options, output: settledChoice(options.output ?? 'logits', options.seed ?? 0) };
}
