/** `netkin denoise`: labels averaged with the network's own weights. */
import type { Command } from 'commander';
import { refuse } from '../../../src/errors.js';
import type { Denoised } from '../../../src/index.js';
import { encodeCsv, encodeNpz, rowsOf } from '../encode.js';
import type { Files } from '../inputs.js';
import { addCommonOptions, addFileOptions, type CommonOptions, type FileOptions } from '../options.js';
import { type Content, planOutput } from '../output.js';
import { outputText, wholeNumber } from '../parse.js';
import { view } from '../session.js';
import { decimal, facts, plural, table } from '../table.js';
import { note, print, printJson } from '../terminal.js';
import { example, MODEL, OWN_LABELS, SEEN } from './arguments.js';
import { tellRounds } from './correction.js';

interface DenoiseOptions extends CommonOptions, FileOptions {
  readonly rounds?: number;
}

const extensions = ['.npz', '.csv'];
const SHOWN = 5; // inputs below the summary
const CLASSES = 6; // label columns that fit 80 characters

export function register(program: Command): void {
  const command = program
    .command('denoise')
    .summary('labels averaged over similar inputs')
    .description(
      'Labels averaged with the weights that training used, the factor by which that shrinks label noise, and the shift.',
    )
    .argument('<MODEL>', MODEL)
    .argument('<INPUTS>', SEEN)
    .argument('[LABELS]', OWN_LABELS)
    .option(
      '--rounds <r>',
      'average what was averaged, r times in all, and tell what each round changes',
      wholeNumber('--rounds', 1),
    )
    .addHelpText('after', example('denoise model/ images.npy labels.npy -o denoised.npz'))
    .action(run);
  addFileOptions(command, extensions);
  addCommonOptions(command, true);
}

async function run(
  model: string,
  inputs: string,
  labels: string | undefined,
  options: DenoiseOptions,
): Promise<void> {
  if (options.of === 'loss' || (options.output && outputText(options.output).startsWith('contrast'))) {
    refuse('usage', 'denoise averages outputs: use --of output with --output logits, all or indices.');
  }
  const output =
    options.o === undefined ? null : await planOutput(options.o, extensions, options.overwrite === true);
  await using shown = await view({ model, inputs, labels, needsLabels: true, options });
  const { seen, files, watch, bar } = shown;
  if (options.rounds !== undefined) {
    const found = await seen.correct(shown.labels!.array, options.rounds, watch);
    bar.stop();
    return tellRounds(found, seen.outputs, files, output, options.json === true);
  }
  const found = await seen.denoise(shown.labels!.array, watch);
  bar.stop();
  noteGaps(found);
  if (output) {
    await output.write(await encode(found, seen.outputs, files, output.extension));
    note(`wrote ${output.path}: ${plural(found.factor.length, 'input')}, ${plural(seen.outputs, 'output')}`);
  }
  const summary = {
    ...summarise(found),
    flags: {
      ...seen.flags,
      undefinedAt: found.undefinedAt,
      cancelling: found.cancelling,
      negative: found.negative,
    },
  };
  if (options.json) {
    const { factor, shift } = found;
    const d = seen.outputs;
    const arrays = {
      labels: rowsOf(found.labels, d),
      predictions: rowsOf(found.predictions, d),
      factor: [...factor],
      shift: [...shift],
    };
    printJson(output ? { wrote: output.path, ...summary } : { ...summary, ...arrays });
  } else print(describe(found, summary, seen.outputs, output === null));
}

async function encode(
  { labels, predictions, factor, shift, covariance }: Denoised,
  d: number,
  files: Files,
  extension: string,
): Promise<Content> {
  const n = factor.length;
  if (extension === '.npz') {
    return encodeNpz({
      labels: { shape: [n, d], data: labels },
      predictions: { shape: [n, d], data: predictions },
      covariance: { shape: [n, d, d], data: covariance },
      factor: { shape: [n], data: factor },
      shift: { shape: [n], data: shift },
    });
  }
  const columns: Record<string, ArrayLike<number> | readonly string[]> = {
    index: Int32Array.from(factor, (_, i) => i),
    ...(files && { file: files }),
  };
  for (let c = 0; c < d; c++) columns[`label_${c}`] = Float64Array.from(factor, (_, i) => labels[i * d + c]!);
  return encodeCsv({ ...columns, factor, shift });
}

interface Summary {
  readonly inputs: number;
  readonly meanFactor: number;
  readonly meanFactorTimesRoot: number;
  readonly meanShift: number;
  readonly residual: number;
}

/** Means over the inputs whose average is defined. */
function summarise({ factor, shift, residual }: Denoised): Summary {
  const meanFactor = mean(factor);
  const inputs = factor.length;
  return {
    inputs,
    meanFactor,
    meanFactorTimesRoot: meanFactor * Math.sqrt(inputs),
    meanShift: mean(shift),
    residual,
  };
}

function mean(values: Float64Array): number {
  const defined = values.filter(Number.isFinite);
  return defined.reduce((sum, value) => sum + value, 0) / defined.length;
}

function noteGaps({ undefinedAt, cancelling }: Denoised): void {
  const named = (inputs: readonly number[]) =>
    `${inputs.slice(0, 5).join(', ')}${inputs.length > 5 ? ', …' : ''}`;
  if (undefinedAt.length > 0)
    note(`no average is defined for ${undefinedAt.length} inputs (weights cancel): ${named(undefinedAt)}`);
  if (cancelling.length > 0)
    note(`weights nearly cancel for ${cancelling.length} inputs: ${named(cancelling)}`);
}

function describe(found: Denoised, summary: Summary, d: number, withRows: boolean): string {
  const { labels, factor, shift, undefinedAt, cancelling, negative } = found;
  const head = facts([
    ['inputs', `${summary.inputs}, ${d} ${d === 1 ? 'output' : 'outputs'}`],
    ['mean φ', `${decimal(summary.meanFactor)} (label noise shrinks by this factor)`],
    ['φ·√N', `${decimal(summary.meanFactorTimesRoot)} (1: every label weighs the same)`],
    ['mean shift', `${decimal(summary.meanShift)} |ŷ − E[ŷ]|`],
    ['residual', `${decimal(summary.residual)} (0 where training has converged)`],
    [
      'flags',
      `${undefinedAt.length} undefined, ${cancelling.length} nearly cancelling, ${negative.length} with negative weights`,
    ],
  ]);
  if (!withRows) return head;
  const right = { align: 'right' } as const;
  const shown = Math.min(d, CLASSES);
  const columns = ['input', 'φ', 'shift', ...Array.from({ length: shown }, (_, c) => `label_${c}`)];
  const rows = Array.from({ length: Math.min(SHOWN, factor.length) }, (_, i) => [
    String(i),
    decimal(factor[i]!),
    decimal(shift[i]!),
    ...Array.from({ length: shown }, (_, c) => decimal(labels[i * d + c]!, 3)),
  ]);
  const body = table(
    columns.map((title) => ({ title, ...right })),
    rows,
  );
  const rest = factor.length > SHOWN || d > CLASSES ? '\n(the rest with -o)' : '';
  return `${head}\n\n${body}${rest}`;
}
