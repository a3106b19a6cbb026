/** Option values: text to what the engine takes. Each refusal names the option and what it accepts. */
import { refuse } from '../../src/errors.js';
import type { IndexOptions, OutputChoice, Precision } from '../../src/index.js';
import { LARGEST_SKETCH, SMALLEST_SKETCH } from '../../src/precision.js';

const units: Readonly<Record<string, number>> = {
  '': 1,
  b: 1,
  kib: 2 ** 10,
  mib: 2 ** 20,
  gib: 2 ** 30,
  kb: 1e3,
  mb: 1e6,
  gb: 1e9,
};

/** Bytes of '1GiB', '512 MiB', '2GB', '1000000' or '1e9'; units in any case. */
export function byteSize(option: string): (text: string) => number {
  return (text) => parseBytes(option, text);
}

function parseBytes(option: string, text: string): number {
  const [, amount = '', unit = ''] = /^(\d+(?:\.\d+)?(?:e\+?\d{1,2})?)\s*([a-z]*)$/i.exec(text.trim()) ?? [];
  const factor = Object.hasOwn(units, unit.toLowerCase()) ? units[unit.toLowerCase()]! : Number.NaN;
  const bytes = amount === '' ? Number.NaN : Math.floor(Number(amount) * factor);
  if (!(bytes > 0 && bytes <= 2 ** 32)) {
    refuse(
      'usage',
      `${option} is '${text}'; give a size above 0 and at most 4GiB, in bytes or with KiB, MiB, GiB, KB, MB or GB.`,
    );
  }
  return bytes;
}

/** A parser of whole numbers from `smallest` on. */
export function wholeNumber(option: string, smallest: number): (text: string) => number {
  return (text) => {
    const value = /^\+?\d+$/.test(text.trim()) ? Number(text) : Number.NaN;
    if (!(Number.isSafeInteger(value) && value >= smallest)) {
      refuse('usage', `${option} is '${text}'; give a whole number from ${smallest} on.`);
    }
    return value;
  };
}

/** A parser of different whole numbers from `smallest` on, as in '1,2,4'; in ascending order. */
export function wholeNumbers(option: string, smallest: number): (text: string) => number[] {
  return (text) => {
    const values = indices(text)?.sort((a, b) => a - b) ?? [];
    const repeats = values.some((value, i) => i > 0 && value === values[i - 1]);
    if (values.length === 0 || values[0]! < smallest || repeats) {
      refuse(
        'usage',
        `${option} is '${text}'; give different whole numbers from ${smallest} on, as in ${smallest},${2 * smallest},${4 * smallest}.`,
      );
    }
    return values;
  };
}

/** A parser of finite numbers for which `accepts` holds; `wanted` names them in the refusal. */
export function decimalNumber(
  option: string,
  wanted: string,
  accepts: (value: number) => boolean,
): (text: string) => number {
  return (text) => {
    const value = /^[+-]?(?:\d+\.?\d*|\.\d+)(?:e[+-]?\d+)?$/i.test(text.trim()) ? Number(text) : Number.NaN;
    if (!(Number.isFinite(value) && accepts(value)))
      refuse('usage', `${option} is '${text}'; give ${wanted}.`);
    return value;
  };
}

/** A parser of one word out of `words`. */
export function oneOf<const Word extends string>(
  option: string,
  words: readonly Word[],
): (text: string) => Word {
  return (text) => {
    const word = words.find((candidate) => candidate === text);
    return word ?? refuse('usage', `${option} is '${text}'; choose ${listed(words)}.`);
  };
}

/** A contrast of the class that each input's label names; the labels come later. */
export interface LabelledContrast {
  readonly contrast: 'labels';
  readonly adversary?: number | 'sampled';
}

export type OutputWords = OutputChoice | LabelledContrast;

/**
 * 'logits', 'all', 'contrast', output indices as in '0,3', or a contrast: of which class, and against which, as in
 * 'contrast:3', 'contrast:3:5', 'contrast:labels:sampled'.
 */
export function parseOutput(text: string): OutputWords {
  if (text === 'logits' || text === 'all' || text === 'contrast') return text;
  const own = indices(text) ?? contrast(text);
  if (own) return own;
  refuse(
    'usage',
    `--output is '${text}'; choose logits, all, output indices as in 0,3, or contrast[:CLASS[:OTHER]], where CLASS is a class id, predicted or labels, and OTHER a class id or sampled.`,
  );
}

function contrast(text: string): OutputWords | null {
  const [, of, against] = /^contrast:(\d{1,9}|predicted|labels)(?::(\d{1,9}|sampled))?$/.exec(text) ?? [];
  if (of === undefined) return null;
  if (of === 'predicted' && against === undefined) return 'contrast';
  const adversary = against === 'sampled' ? against : Number(against);
  return {
    contrast: of === 'predicted' || of === 'labels' ? of : Number(of),
    ...(against !== undefined && { adversary }),
  } as OutputWords;
}

/** What {@link parseOutput} reads. */
export function outputText(output: OutputWords | IndexOptions['output']): string {
  if (typeof output === 'string') return output === 'given contrasts' ? 'contrast:labels' : output;
  if (!('contrast' in output)) return output.join(',');
  // Ids are not written on a command line: those of an index were labels, or came from a program.
  const { contrast: of, adversary } = output;
  const word = of === 'given' ? 'labels' : String(of);
  return [
    'contrast',
    word,
    ...(adversary === null || adversary === undefined ? [] : [String(adversary)]),
  ].join(':');
}

/** Whether an option names a contrast of labels. */
export function byLabels(output: OutputWords | undefined): output is LabelledContrast {
  return typeof output === 'object' && 'contrast' in output && output.contrast === 'labels';
}

/** Whether what is compared depends on an input's place in the set, by its label or by what is drawn for it. */
export function byPlace(output: OutputWords | undefined): boolean {
  return (
    byLabels(output) || (typeof output === 'object' && 'contrast' in output && output.adversary === 'sampled')
  );
}

/** Two input indices, as in '3,17'. */
export function parsePair(text: string): readonly [number, number] {
  const [i, j, more] = indices(text) ?? [];
  if (i === undefined || j === undefined || more !== undefined) {
    refuse('usage', `--pair is '${text}'; give two input indices as in 3,17.`);
  }
  return [i, j];
}

function indices(text: string): number[] | null {
  return /^\s*\d{1,15}\s*(?:,\s*\d{1,15}\s*)*$/.test(text) ? text.split(',').map(Number) : null;
}

/** 'exact', or the size of a sketch. */
export function parsePrecision(text: string): Precision {
  if (text === 'exact') return text;
  const size = /^\d{1,9}$/.test(text) ? Number(text) : Number.NaN;
  if (size >= SMALLEST_SKETCH && size <= LARGEST_SKETCH) return size;
  refuse(
    'usage',
    `--precision is '${text}'; give exact, or a whole number from ${SMALLEST_SKETCH} to ${LARGEST_SKETCH}.`,
  );
}

/** Whether a name matches a pattern of literal characters, `*` (any characters, also /) and `?` (any one). */
export function globFilter(pattern: string): (name: string) => boolean {
  const source = pattern
    .replace(/[.+^${}()|[\]\\]/g, '\\$&')
    .replace(/\*+/g, '.*')
    .replace(/\?/g, '.');
  const expression = new RegExp(`^${source}$`, 'su');
  return (name) => expression.test(name);
}

/** 'a, b or c' */
export function listed(words: readonly string[]): string {
  return words.length < 2 ? words.join('') : `${words.slice(0, -1).join(', ')} or ${words.at(-1)}`;
}
