/** An index in place of INPUTS: it brings the options with it under which its rows were captured. */
import { NetkinError, refuse } from '../../src/errors.js';
import { contrastOf, draws } from '../../src/format/index-header.js';
import type { OpenOptions, OutputChoice, RowError } from '../../src/index.js';
import { type IndexSummary, indexFacts } from '../../src/index-facts.js';
import { readBytes } from '../runtime.js';
import { interruption } from './interruption.js';
import type { CommonOptions } from './options.js';
import { outputText } from './parse.js';
import { count, decimal, facts as lines, plural, bytes as shownBytes } from './table.js';

export interface IndexInput {
  readonly kind: 'index';
  readonly path: string;
  readonly bytes: Uint8Array;
  readonly facts: IndexSummary;
}

export function isIndex(path: string): boolean {
  return /\.netkin$/i.test(path);
}

export async function readIndexInput(path: string): Promise<IndexInput> {
  const bytes = await readBytes(path);
  const facts = await indexFacts(bytes, { signal: interruption }).catch((error) => refuseNamed(error, path));
  return { kind: 'index', path, bytes, facts };
}

/** What the core says of an index, with the file that it says it of. */
export function refuseNamed(error: unknown, path: string): never {
  if (error instanceof NetkinError && error.code === 'input')
    refuse(error.code, `'${path}': ${error.message}`, error);
  throw error;
}

/** Refuses an index where the inputs themselves are needed. */
export function refuseIndex(path: string): never {
  refuse('input', `'${path}' is an index: the inputs themselves, which are needed here, are not in it.`);
}

/**
 * The options to open the model with.
 * @throws NetkinError 'usage' where the command line asks for others; whether it names the same parameters is seen later
 */
export function indexOptions({ path, facts }: IndexInput, options: CommonOptions): OpenOptions {
  const { output, of, precision, seed } = facts.options;
  const assertSame = (option: string, given: unknown, own: unknown) => {
    if (given === undefined || String(given) === String(own)) return;
    refuse(
      'usage',
      `${option} ${given} contradicts '${path}', which was made with ${option} ${own}: leave the option out, or make another index.`,
    );
  };
  assertSame('--output', options.output && outputText(options.output), outputText(output));
  assertSame('--of', options.of, of);
  assertSame('--precision', options.precision, precision);
  if (draws(facts.options)) assertSame('--seed', options.seed, seed);
  if (facts.pixels) assertSame('--pixels', options.pixels, facts.pixels);
  const names = new Set(facts.parameters);
  return {
    output: outputOf(facts),
    of,
    precision,
    seed,
    ...(options.parameters === undefined && { parameters: (name: string) => names.has(name) }),
  };
}

/** The choice that an index was made with, its ids out of its sections. */
function outputOf({ options, contrasts, adversaries }: IndexSummary): OutputChoice {
  const compared = contrastOf(options.output);
  if (!compared) return options.output as OutputChoice;
  const { contrast, adversary } = compared;
  return {
    contrast: contrast === 'given' ? contrasts! : contrast,
    ...(adversary !== null && { adversary: adversary === 'given' ? adversaries! : adversary }),
  };
}

/** What rounding did, in a line. */
export function describeError({ pairs, rootMeanSquare, largest, bound }: RowError): string {
  return `rows rounded to int8: similarities of ${count(pairs)} pairs differ by ${decimal(rootMeanSquare)} (root mean square), at most ${decimal(largest)}; none by more than ${decimal(bound)}`;
}

export function describeIndex(path: string, facts: IndexSummary): string {
  const { options, size, outputs, parameters, inputs, labels, classes, thumbnails, names, rowError } = facts;
  const { output, of, precision, seed } = options;
  const attached = [
    labels && (labels.length > 1 ? `targets (${labels[1]} numbers)` : 'labels'),
    classes && plural(classes.length, 'class name'),
    names && 'names of the inputs',
    facts.pixels && `pixels ${facts.pixels === 'unit' ? '0..1' : '0..255'}`,
    thumbnails && `thumbnails ${thumbnails.slice(1).join('×')}`,
  ].filter((text) => text);
  return lines([
    ['index', path],
    ['size', `${shownBytes(facts.bytes)}, ${shownBytes(Math.round(facts.bytes / size))} for each input`],
    ['inputs', `${count(size)}: ${inputs.map(({ name, shape }) => `${name} ${shape.join('×')}`).join(', ')}`],
    [
      'compared',
      of === 'loss' ? 'the loss of each input (d = 1)' : `output ${outputText(output)} (d = ${outputs})`,
    ],
    ['precision', precision === 'exact' ? 'exact' : `${precision}, seed ${seed}`],
    ['parameters', plural(parameters.length, 'array')],
    ['rows', rowError ? describeError(rowError).replace(/^rows /, '') : 'float32, as captured'],
    ['with', attached.join(', ') || 'nothing else'],
    ['network', `SHA-256 ${facts.model}`],
  ]);
}
