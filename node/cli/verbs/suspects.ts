/** `netkin suspects`: labels to look at, worst first. */
import type { Command } from 'commander';
import { refuse } from '../../../src/errors.js';
import type { Suspect } from '../../../src/index.js';
import { encodeCsv, encodeRecords } from '../encode.js';
import { type Files, fileField } from '../inputs.js';
import { addCommonOptions, addFileOptions, type CommonOptions, type FileOptions } from '../options.js';
import { planOutput } from '../output.js';
import { wholeNumber } from '../parse.js';
import { view } from '../session.js';
import { decimal, plural, table } from '../table.js';
import { note, print, printJson } from '../terminal.js';
import { example, MODEL, OWN_LABELS, SEEN } from './arguments.js';

interface SuspectsOptions extends CommonOptions, FileOptions {
  readonly count?: number;
}

/** As people read it: a class name where the labels had names, a number, or a list of targets. */
type Shown = string | number | readonly number[];

interface Row {
  readonly index: number;
  /** Set where the inputs come from a folder. */
  readonly file?: string;
  readonly label: Shown;
  readonly suggested: Shown;
  readonly score: number;
}

const extensions = ['.csv', '.json'];
const USUAL = 20;

export function register(program: Command): void {
  const command = program
    .command('suspects')
    .summary('labels to look at, worst first')
    .description('Labels that the most similar other inputs contradict, worst first.')
    .argument('<MODEL>', MODEL)
    .argument('<INPUTS>', SEEN)
    .argument('[LABELS]', OWN_LABELS)
    .option('--count <n>', `how many (default: ${USUAL}, with -o all)`, wholeNumber('--count', 1))
    .addHelpText('after', example('suspects model/ images.npy labels.npy --count 50 -o suspects.csv'))
    .action(run);
  addFileOptions(command, extensions);
  addCommonOptions(command, true);
}

async function run(
  model: string,
  inputs: string,
  labels: string | undefined,
  options: SuspectsOptions,
): Promise<void> {
  const output =
    options.o === undefined ? null : await planOutput(options.o, extensions, options.overwrite === true);
  const assertSize = (size: number) => {
    if (size < 2) refuse('input', 'Suspects need at least 2 inputs: a label is judged by its neighbours.');
  };
  await using shown = await view({ model, inputs, labels, needsLabels: true, options, assertSize });
  const { seen, files, watch, bar } = shown;
  const { array, classes } = shown.labels!;
  const wanted = options.count ?? (output ? seen.size : USUAL);
  const found = await seen.suspects(array, Math.min(wanted, seen.size), watch);
  bar.stop();
  const rows = found.map((suspect) => row(suspect, classes, files));
  if (output) {
    await output.write(output.extension === '.json' ? encodeRecords(rows) : await encodeCsv(columns(rows)));
    const ranked =
      rows.length === seen.size
        ? `all ${plural(seen.size, 'input')} ranked`
        : `${plural(rows.length, 'suspect')} of ${plural(seen.size, 'input')}`;
    note(`wrote ${output.path}: ${ranked}`);
    if (options.json) printJson({ wrote: output.path, inputs: seen.size, suspects: rows.length });
  } else if (options.json) {
    print([...encodeRecords(rows)].join(''));
  } else print(describe(rows, seen.size));
}

function row(
  { index, label, suggested, score }: Suspect,
  classes: readonly string[] | null,
  files: Files,
): Row {
  const shown = (value: number | readonly number[]): Shown => {
    if (typeof value === 'number') return classes?.[value] ?? value;
    return value.length === 1 ? value[0]! : value;
  };
  return { index, ...fileField(files, index), label: shown(label), suggested: shown(suggested), score };
}

function columns(rows: readonly Row[]): Record<string, ArrayLike<number> | readonly string[]> {
  const text = (value: Shown) => (Array.isArray(value) ? value.join(' ') : String(value));
  return {
    index: rows.map(({ index }) => index),
    ...fileColumn(rows),
    label: rows.map(({ label }) => text(label)),
    suggested: rows.map(({ suggested }) => text(suggested)),
    score: rows.map(({ score }) => score),
  };
}

/** No column where the inputs have no files. */
function fileColumn(rows: readonly Row[]): { readonly file?: readonly string[] } {
  const files = rows.flatMap(({ file }) => file ?? []);
  return files.length === 0 ? {} : { file: files };
}

function describe(rows: readonly Row[], size: number): string {
  const text = (value: Shown) =>
    typeof value === 'string'
      ? value
      : [value]
          .flat()
          .map((number) => (Number.isInteger(number) ? number : decimal(number)))
          .join(' ');
  const withFiles = rows.some(({ file }) => file !== undefined);
  const body = table(
    [
      { title: 'input', align: 'right' },
      ...(withFiles ? [{ title: 'file' }] : []),
      { title: 'label' },
      { title: 'suggested' },
      { title: 'score', align: 'right' },
    ],
    rows.map(({ index, file, label, suggested, score }) => [
      String(index),
      ...(withFiles ? [file ?? ''] : []),
      text(label),
      text(suggested),
      decimal(score),
    ]),
  );
  const rest = rows.length < size ? `\n(${rows.length} of ${size}; the rest with -o, more with --count)` : '';
  return body + rest;
}
