/** `netkin index`: a data set as the network sees it, in one file for later. */
import { basename, extname } from 'node:path';
import type { Command } from 'commander';
import { refuse } from '../../../src/errors.js';
import type { Precision } from '../../../src/index.js';
import { indexFacts } from '../../../src/index-facts.js';
import { describeIndex, isIndex, refuseIndex } from '../index-input.js';
import { addCommonOptions, type CommonOptions, type FileOptions } from '../options.js';
import { planOutput } from '../output.js';
import { oneOf, parsePrecision } from '../parse.js';
import { capture, load, noteAgreement } from '../session.js';
import { plural } from '../table.js';
import { note, print, printJson } from '../terminal.js';
import { example, INPUTS, LABELS, MODEL } from './arguments.js';

interface IndexVerbOptions extends CommonOptions, FileOptions {
  readonly rows: 'float32' | 'int8';
  readonly sketch?: Precision;
  readonly thumbnails: boolean;
}

export function register(program: Command): void {
  const command = program
    .command('index')
    .summary('the set as the network sees it, in one file')
    .description(
      'Writes an index: nearest, density, matrix, suspects, denoise, fit and explain take it in place of INPUTS, and capture nothing again. Labels, file names and thumbnails come with it.',
    )
    .argument('<MODEL>', MODEL)
    .argument('<INPUTS>', INPUTS)
    .argument('[LABELS]', LABELS)
    .option('-o <file>', 'the index: .netkin (default: named as INPUTS)')
    .option('--overwrite', 'replace the file if it exists')
    .option(
      '--rows <type>',
      'float32, or int8: a quarter of the size, with an error that is stated',
      oneOf('--rows', ['float32', 'int8']),
      'float32',
    )
    .option('--sketch <m>', 'the same as --precision', parsePrecision)
    .option('--no-thumbnails', 'leave out the pictures of image inputs')
    .addHelpText('after', example('index model/ photos/ photos/ --rows int8 -o photos.netkin'))
    .action(run);
  addCommonOptions(command, true);
}

async function run(
  model: string,
  inputs: string,
  labels: string | undefined,
  given: IndexVerbOptions,
): Promise<void> {
  if (isIndex(inputs)) refuseIndex(inputs);
  const options = withSketch(given);
  const path = options.o ?? `${basename(inputs, extname(inputs)) || 'inputs'}.netkin`;
  const output = await planOutput(path, ['.netkin'], options.overwrite === true);
  const loaded = await load({ model, inputs, labels, options });
  await using session = loaded.session;
  const { bar, watch } = session;
  const { examples, files } = loaded;
  const seen = await capture(loaded, options);
  const { thumbnailsOf } = await import('../../../src/format/thumbnails.js');
  const { isPicture } = await import('../../../src/analysis/pictures.js');
  const [pictures] = examples.arrays;
  const shown = options.thumbnails && pictures && isPicture(pictures.shape.slice(1));
  const bytes = await seen.save({
    ...watch,
    rows: options.rows,
    ...(loaded.labels && { labels: loaded.labels.array }),
    ...(loaded.labels?.classes && { classes: loaded.labels.classes }),
    ...(files && { names: files }),
    ...(loaded.pixels && { pixels: loaded.pixels }),
    ...(shown && { thumbnails: thumbnailsOf(pictures) }),
  });
  bar.stop();
  noteAgreement(loaded.labels?.array.data ?? null, seen, session.engine);
  await output.write(bytes);
  const facts = await indexFacts(bytes);
  note(`wrote ${output.path}: ${plural(facts.size, 'input')}`);
  if (options.json) {
    const { size, rows, rowError, thumbnails } = facts;
    printJson({ wrote: output.path, bytes: bytes.length, inputs: size, rows, rowError, thumbnails });
  } else print(describeIndex(output.path, facts));
}

function withSketch(options: IndexVerbOptions): IndexVerbOptions {
  const { sketch, precision } = options;
  if (sketch === undefined) return options;
  if (precision !== undefined && precision !== sketch)
    refuse('usage', `--sketch ${sketch} and --precision ${precision} mean the same: give one of them.`);
  return { ...options, precision: sketch };
}
