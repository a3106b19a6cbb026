/** Options that every verb shares, and what they mean for the engine. */
import type { Command } from 'commander';
import type { NdArray } from '../../src/array.js';
import { refuse } from '../../src/errors.js';
import type { PixelRange } from '../../src/format/image-inputs.js';
import type { OpenOptions, OutputChoice, Precision } from '../../src/index.js';
import {
  byLabels,
  byteSize,
  globFilter,
  type LabelledContrast,
  type OutputWords,
  oneOf,
  outputText,
  parseOutput,
  parsePrecision,
  wholeNumber,
} from './parse.js';

export interface CommonOptions {
  readonly output?: OutputWords;
  readonly of?: 'output' | 'loss';
  readonly labels?: string;
  readonly parameters?: string;
  readonly precision?: Precision;
  readonly memory?: number;
  readonly threads?: number;
  readonly wide?: boolean;
  readonly seed?: number;
  readonly batch?: number;
  readonly check: boolean;
  /** Default: 'unit', or what an index says. */
  readonly pixels?: PixelRange;
  readonly json?: boolean;
  readonly quiet?: boolean;
}

/** The option of verbs that write a file. */
export interface FileOptions {
  readonly o?: string;
  readonly overwrite?: boolean;
}

export function addFileOptions(command: Command, extensions: readonly string[]): Command {
  return command
    .option('-o <file>', `write the result: ${extensions.join(' ')}`)
    .option('--overwrite', 'replace the file if it exists');
}

/** @param ownLabels whether the verb takes LABELS as an argument, and so needs no option for them */
export function addCommonOptions(command: Command, ownLabels = false): Command {
  command
    .optionsGroup('Options of every verb:')
    .option(
      '--output <which>',
      'what is compared: logits, all, indices as in 0,3, or one class against the mean of the others or against one: contrast:CLASS:OTHER, CLASS being an id, predicted (as by contrast alone) or labels, OTHER an id, sampled or left out (default: logits)',
      parseOutput,
    )
    .option(
      '--of <what>',
      'gradients of the output or of the loss (default: output)',
      oneOf('--of', ['output', 'loss']),
    );
  if (!ownLabels)
    command.option('--labels <file>', 'labels for --of loss, or class ids for --output contrast:labels');
  return command
    .option('--parameters <glob>', 'only these parameters, by layer/weight, as in "conv*/kernel"')
    .option(
      '--precision <how>',
      'exact, or how many numbers stand for a layer whose exact gradient costs more, as in 512 (default: exact)',
      parsePrecision,
    )
    .option(
      '--memory <size>',
      'what to stay within, in bytes or as 512MiB, up to 4GiB (default: 1GiB); gradient rows get at least half',
      byteSize('--memory'),
    )
    .option(
      '--threads <n>',
      'worker threads; results do not depend on it (default: one per core)',
      wholeNumber('--threads', 1),
    )
    .option('--wide', 'try 256-bit kernels (Node 24 and later): the same results, faster')
    .option(
      '--seed <n>',
      'of what is random: --precision 512, sampled (default: 0)',
      wholeNumber('--seed', 0),
    )
    .option('--batch <n>', 'inputs per forward pass; results do not depend on it', wholeNumber('--batch', 1))
    .option(
      '--pixels <range>',
      'scale of image files: unit (0..1) or byte (0..255) (default: unit, or that of an index)',
      oneOf('--pixels', ['unit', 'byte']),
    )
    .option('--no-check', 'skip the self-check of gradients')
    .option('--json', 'print JSON instead of a table')
    .option('--quiet', 'no notes and no progress on stderr');
}

/** @param labels the class of each input, where they are known */
export function openOptions(options: CommonOptions, labels: NdArray | null = null): OpenOptions {
  const { output, of, precision, seed, memory, threads, wide, batch, check, parameters } = options;
  return {
    check,
    ...(of !== undefined && { of }),
    ...(precision !== undefined && { precision }),
    ...(output !== undefined && { output: byLabels(output) ? labelled(output, labels) : output }),
    ...(seed !== undefined && { seed }),
    ...(memory !== undefined && { memory }),
    ...(threads !== undefined && { threads }),
    ...(wide !== undefined && { wide }),
    ...(batch !== undefined && { batch }),
    ...(parameters !== undefined && { parameters: globFilter(parameters) }),
  };
}

function labelled(output: LabelledContrast, labels: NdArray | null): OutputChoice {
  const words = `--output ${outputText(output)}`;
  if (!labels) refuse('usage', `${words} needs the class of each input: name LABELS, or --labels FILE.`);
  if (labels.data.length !== labels.shape[0])
    refuse(
      'usage',
      `${words} needs class ids; these labels are targets of ${labels.shape.slice(1)} numbers.`,
    );
  return { ...output, contrast: Float64Array.from(labels.data, Number) };
}

/** Refuses combinations that have no meaning, before any file is read. */
export function assertCombination(options: CommonOptions, ownLabels: boolean): void {
  if (ownLabels) return;
  const words =
    options.of === 'loss'
      ? '--of loss'
      : byLabels(options.output) && `--output ${outputText(options.output)}`;
  if (words && options.labels === undefined) {
    const why =
      options.of === 'loss' ? 'the loss of an input depends on its label' : 'the class of each input';
    refuse('usage', `${words} needs --labels FILE: ${why}.`);
  }
  if (!words && options.labels !== undefined) {
    refuse(
      'usage',
      '--labels is used with --of loss and --output contrast:labels only; add one, or leave the labels out.',
    );
  }
}
