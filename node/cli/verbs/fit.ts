/** `netkin fit`: under- and overfitting, input by input. */
import type { Command } from 'commander';
import { refuse } from '../../../src/errors.js';
import type { Fit } from '../../../src/index.js';
import { encodeCsv, encodeRecords, single } from '../encode.js';
import { type Files, fileField } from '../inputs.js';
import { addCommonOptions, addFileOptions, type CommonOptions, type FileOptions } from '../options.js';
import { planOutput } from '../output.js';
import { wholeNumber } from '../parse.js';
import { view } from '../session.js';
import { decimal, facts, plural, table } from '../table.js';
import { note, print, printJson } from '../terminal.js';
import { example, MODEL, OWN_LABELS, SEEN } from './arguments.js';

interface FitOptions extends CommonOptions, FileOptions {
  readonly neighbours?: number;
}

const extensions = ['.csv', '.json'];
const ENDS = 5; // inputs shown at either end

export function register(program: Command): void {
  const command = program
    .command('fit')
    .summary('where the network under- or overfits')
    .description(
      'How many neighbours each input has, and how much their labels differ. Many neighbours with different labels: the network underfits there, or the labels are noise. Few neighbours: the input is alone and could be learnt by heart.',
    )
    .argument('<MODEL>', MODEL)
    .argument('<INPUTS>', SEEN)
    .argument('[LABELS]', OWN_LABELS)
    .option(
      '--neighbours <n>',
      'whose labels are looked at: the n nearest others (default: 100, fewer in a small set)',
      wholeNumber('--neighbours', 1),
    )
    .addHelpText('after', example('fit model/ images.npy labels.npy -o fit.csv'))
    .action(run);
  addFileOptions(command, extensions);
  addCommonOptions(command, true);
}

async function run(
  model: string,
  inputs: string,
  labels: string | undefined,
  options: FitOptions,
): Promise<void> {
  const output =
    options.o === undefined ? null : await planOutput(options.o, extensions, options.overwrite === true);
  const { neighbours } = options;
  const assertSize = (size: number) => {
    if (size < 2) refuse('input', 'Fit needs at least 2 inputs: it looks at the labels of the others.');
    if (neighbours !== undefined && neighbours >= size)
      refuse('usage', `--neighbours is '${neighbours}'; with ${size} inputs there are ${size - 1} others.`);
  };
  await using shown = await view({ model, inputs, labels, needsLabels: true, options, assertSize });
  const { seen, files, watch, bar } = shown;
  const found = await seen.fit(shown.labels!.array, {
    ...watch,
    ...(neighbours !== undefined && { neighbours }),
  });
  bar.stop();
  const { undefinedAt } = found;
  if (undefinedAt.length > 0) {
    const named = `${undefinedAt.slice(0, 5).join(', ')}${undefinedAt.length > 5 ? ', …' : ''}`;
    note(
      `no neighbour of positive similarity, so no label variance: ${plural(undefinedAt.length, 'input')} (${named})`,
    );
  }
  if (output) {
    const json = output.extension === '.json';
    await output.write(json ? encodeRecords(records(found, files)) : await encodeCsv(columns(found, files)));
    note(`wrote ${output.path}: ${plural(seen.size, 'input')}`);
  }
  if (options.json) {
    const { total, neighbours, undefinedAt } = found;
    const summary = { inputs: seen.size, neighbours, total, undefinedAt };
    const rows = [...records(found, files)];
    printJson(output ? { wrote: output.path, ...summary } : { ...summary, rows });
  } else print(describe(found, files));
}

function* records({ density, variance, error }: Fit, files: Files) {
  for (const [index, value] of density.entries()) {
    yield {
      index,
      ...fileField(files, index),
      density: single(value),
      variance: Number.isNaN(variance[index]) ? null : variance[index],
      error: error[index],
    };
  }
}

function columns({ density, variance, error }: Fit, files: Files) {
  const index = Int32Array.from(density, (_, i) => i);
  return { index, ...(files && { file: files }), density, variance, error };
}

function describe(found: Fit, files: Files): string {
  const { density, variance, error, total, neighbours } = found;
  const order = [...density.keys()];
  const known = order.filter((i) => !Number.isNaN(variance[i]));
  const mean = known.reduce((sum, i) => sum + variance[i]!, 0) / known.length;
  const head = facts([
    ['inputs', `${density.length}, ${plural(neighbours, 'neighbour')} each`],
    ['label variance', `${decimal(mean)} among neighbours on average, ${decimal(total)} in the set`],
  ]);
  const right = { align: 'right' } as const;
  const end = (title: string, inputs: readonly number[]) =>
    table(
      [
        { title, ...right },
        ...(files ? [{ title: 'file' }] : []),
        { title: 'neighbours', ...right },
        { title: 'label variance', ...right },
        { title: 'error', ...right },
      ],
      inputs
        .slice(0, ENDS)
        .map((i) => [
          String(i),
          ...(files ? [files[i]!] : []),
          decimal(density[i]!, 3),
          decimal(variance[i]!),
          decimal(error[i]!),
        ]),
    );
  const mixed = known.sort((a, b) => variance[b]! - variance[a]! || a - b);
  const alone = order.sort((a, b) => density[a]! - density[b]! || a - b);
  return [head, end('labels differ most', mixed), end('most isolated', alone)].join('\n\n');
}
