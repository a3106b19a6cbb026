/** What the sections of an index hold, checked number by number before anything is computed with it. */
import { refuse } from '../errors.js';
import type { Work } from '../work.js';
import { Field } from './fields.js';
import type { IndexFile } from './index-file.js';
import { contrastOf } from './index-header.js';
import { PANEL, rowSection, scaleSection, sides } from './index-layout.js';

/** Numbers between two looks at the clock. */
const STRETCH = 2 ** 22;

/**
 * Refuses numbers that no perspective could have: NaN and infinity anywhere, impossible ranks, flags and densities,
 * gradients of inputs that are not there. Yields the share done.
 */
export function* assertContent(file: IndexFile): Work<void> {
  const { size, outputs, terms, rows } = file.facts;
  for (const name of ['logits', 'density']) yield* finite(file.floats(name), name);
  for (const name of ['selfKernels', 'inverseRoots']) yield* finite(file.doubles(name), name);
  if (file.has('labels')) yield* finite(file.doubles('labels'), 'labels');
  within(file.integers('ranks'), 0, outputs, 'ranks');
  within(file.plainBytes('nearlySingular'), 0, 1, 'nearlySingular');
  // k^C is at most 1, but for the rounding of n of them.
  within(file.floats('density'), -size * 1.001, size * 1.001, 'density');
  assertContrasts(file);
  readNames(file);
  for (const [i, term] of terms.entries()) {
    for (const [side, length] of sides(term, outputs)) {
      const name = rowSection(side, i);
      const numbers = rows === 'int8' ? file.signedBytes(name) : file.floats(name);
      if (numbers instanceof Float32Array) yield* finite(numbers, name);
      else {
        const scales = file.floats(scaleSection(side, i));
        yield* finite(scales, scaleSection(side, i));
        within(scales, 0, Infinity, scaleSection(side, i));
      }
      assertEmptyLanes(numbers, length, size, name);
    }
    yield (i + 1) / terms.length;
  }
}

/** Class ids for each input, as views of the index; null where it has none. */
export interface StoredIds {
  /** The classes of `output: { contrast }`. */
  readonly contrasts: Int32Array | null;
  /** Those that they are compared with. */
  readonly adversaries: Int32Array | null;
}

export function storedIds(file: IndexFile): StoredIds {
  const ids = (name: string) => (file.has(name) ? file.integers(name) : null);
  return { contrasts: ids('contrasts'), adversaries: ids('adversaries') };
}

/** Refuses classes that do not exist, and those that are their own adversaries. */
function assertContrasts(file: IndexFile): void {
  const compared = contrastOf(file.facts.options.output);
  const { contrasts, adversaries } = storedIds(file);
  const most = file.shape('logits')![1]! - 1;
  if (contrasts) within(contrasts, 0, most, 'contrasts');
  if (adversaries) within(adversaries, 0, most, 'adversaries');
  const { contrast, adversary } = compared ?? {};
  for (let input = 0; input < file.facts.size; input++) {
    const own = contrasts?.[input] ?? contrast;
    const against = adversaries?.[input] ?? adversary;
    if (typeof own === 'number' && own === against)
      refuse(
        'input',
        `The index is damaged: the class of input ${input} is compared with itself. Make it again.`,
      );
  }
}

/** The names of the inputs; null where the index has none. */
export function readNames(file: IndexFile): string[] | null {
  if (!file.has('names')) return null;
  let value: unknown;
  try {
    value = JSON.parse(new TextDecoder('utf-8', { fatal: true }).decode(file.plainBytes('names').slice()));
  } catch (cause) {
    refuse('input', 'The index is damaged: the names of its inputs are no JSON. Make it again.', cause);
  }
  const names = new Field(value, 'names').items().map((name) => name.text());
  if (names.length !== file.facts.size)
    refuse('input', `The index is damaged: it has ${names.length} names for ${file.facts.size} inputs.`);
  return names;
}

function* finite(values: Float32Array | Float64Array, name: string): Work<void> {
  for (let first = 0; first < values.length; first += STRETCH) {
    const last = Math.min(first + STRETCH, values.length);
    // 0 · x is NaN where x is not finite, and NaN stays.
    let sum = 0;
    for (let i = first; i < last; i++) sum += 0 * values[i];
    if (sum !== 0) damaged(name, 'a number that is not finite');
    yield 0;
  }
}

function within(values: ArrayLike<number>, least: number, most: number, name: string): void {
  for (let i = 0; i < values.length; i++) {
    if (!(values[i] >= least && values[i] <= most)) damaged(name, String(values[i]));
  }
}

/** Sums run over all 16 inputs of a panel, so those that do not exist must add nothing. */
function assertEmptyLanes(
  values: Float32Array | Int8Array,
  length: number,
  size: number,
  name: string,
): void {
  const lanes = size % PANEL;
  if (lanes === 0) return;
  for (let k = values.length - length * PANEL; k < values.length; k += PANEL) {
    for (let lane = lanes; lane < PANEL; lane++)
      if (values[k + lane] !== 0) damaged(name, 'an input too many');
  }
}

function damaged(name: string, what: string): never {
  refuse('input', `The index is damaged: its section '${name}' holds ${what}. Make it again.`);
}
