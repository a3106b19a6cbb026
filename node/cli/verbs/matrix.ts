/** `netkin matrix`: all pairs. */
import type { Command } from 'commander';
import { refuse } from '../../../src/errors.js';
import type { NdArray, SimilarityKernel } from '../../../src/index.js';
import { encodeMatrixCsv, encodeNpy, single } from '../encode.js';
import { addCommonOptions, addFileOptions, type CommonOptions, type FileOptions } from '../options.js';
import { type OutputFile, planOutput } from '../output.js';
import { oneOf } from '../parse.js';
import { assertComparable, view } from '../session.js';
import { decimal, facts, table } from '../table.js';
import { note, print, printJson } from '../terminal.js';
import { example, MODEL, SEEN } from './arguments.js';

interface MatrixOptions extends CommonOptions, FileOptions {
  readonly against?: string;
  readonly kernel: SimilarityKernel;
  readonly blocks?: boolean;
}

const kernels = ['correlation', 'inner', 'influence'] as const;
const CORNER = 8; // columns of numbers that fit 80 characters

export function register(program: Command): void {
  const command = program
    .command('matrix')
    .summary('similarity of all pairs')
    .description('Similarity of all pairs, n × n, or n × m against other inputs.')
    .argument('<MODEL>', MODEL)
    .argument('<INPUTS>', `rows: ${SEEN}`)
    .option('--against <inputs>', 'columns: other inputs (default: the same)')
    .option('--kernel <name>', kernels.join(', '), oneOf('--kernel', kernels), 'correlation')
    .option('--blocks', 'the d × d block of every pair: n × m × d × d')
    .addHelpText('after', example('matrix model/ images.npy --kernel inner -o inner.npy'))
    .action(run);
  addFileOptions(command, ['.npy', '.csv']);
  addCommonOptions(command);
}

async function run(model: string, inputs: string, options: MatrixOptions): Promise<void> {
  const { against, kernel, blocks = false } = options;
  assertComparable(options, '--against', against);
  const output = await plan(options);
  await using shown = await view({ model, inputs, others: against, options });
  const { seen, others, watch, bar } = shown;
  let result: NdArray<Float32Array>;
  if (blocks) result = await seen.blocks({ ...watch, kernel, ...(others && { against: others.inputs }) });
  else if (others) result = await seen.against(others.inputs, { ...watch, kernel });
  else result = await seen.matrix({ ...watch, kernel });
  bar.stop();
  if (output) {
    await output.write(output.extension === '.npy' ? await encodeNpy(result) : await encodeMatrixCsv(result));
    note(`wrote ${output.path}: ${result.shape.join(' × ')}`);
  }
  const summary = summarise(result, !others);
  if (options.json) {
    const { shape, data } = result;
    const values = output ? {} : { values: nested(data, shape) };
    const file = output && { wrote: output.path, inputs: seen.size };
    printJson({ ...file, kernel, shape, ...summary, diagonalLeftOut: !others, flags: seen.flags, ...values });
  } else if (!output) print(describe(result, kernel, summary, !others));
}

async function plan({ o, overwrite = false, blocks }: MatrixOptions): Promise<OutputFile | null> {
  const output = o === undefined ? null : await planOutput(o, ['.npy', '.csv'], overwrite);
  if (output?.extension === '.csv' && blocks) {
    refuse('usage', `'${output.path}': a CSV file holds rows and columns only; with --blocks write .npy.`);
  }
  return output;
}

interface Summary {
  readonly minimum: number | null;
  readonly mean: number | null;
  readonly maximum: number | null;
}

/** Over all values, or over those off the diagonal. */
function summarise({ shape, data }: NdArray<Float32Array>, skipDiagonal: boolean): Summary {
  const [, columns = 1] = shape;
  const block = data.length / (shape[0]! * columns);
  let [minimum, maximum, sum, counted] = [Number.POSITIVE_INFINITY, Number.NEGATIVE_INFINITY, 0, 0];
  for (let i = 0; i < data.length; i++) {
    const pair = Math.floor(i / block);
    if (skipDiagonal && pair % columns === Math.floor(pair / columns)) continue;
    minimum = Math.min(minimum, data[i]!);
    maximum = Math.max(maximum, data[i]!);
    sum += data[i]!;
    counted++;
  }
  return counted === 0
    ? { minimum: null, mean: null, maximum: null }
    : { minimum: single(minimum), mean: sum / counted, maximum: single(maximum) };
}

function describe(
  result: NdArray<Float32Array>,
  kernel: string,
  { minimum, mean, maximum }: Summary,
  square: boolean,
): string {
  const { shape, data } = result;
  const [rows = 0, columns = 0, d] = shape;
  const range =
    minimum === null ? 'none: one input' : `${decimal(minimum)}, ${decimal(mean!)}, ${decimal(maximum!)}`;
  const head = facts([
    ['kernel', kernel],
    ['size', shape.join(' × ')],
    [square ? 'off-diagonal min, mean, max' : 'min, mean, max', range],
  ]);
  const width = d === undefined ? columns : d;
  const height = d === undefined ? rows : d;
  const step = d === undefined ? columns : d;
  const shownValue = (value: number) => (kernel === 'correlation' ? value.toFixed(3) : decimal(value, 3));
  const shownColumns = Math.min(width, CORNER);
  const corner = table(
    [
      { title: '', align: 'right' },
      ...Array.from({ length: shownColumns }, (_, c) => ({ title: String(c), align: 'right' as const })),
    ],
    Array.from({ length: Math.min(height, CORNER) }, (_, r) => [
      String(r),
      ...Array.from({ length: shownColumns }, (_, c) => shownValue(data[r * step + c]!)),
    ]),
  );
  const title = d === undefined ? 'First rows and columns' : 'Block of the pair 0, 0';
  const rest = shownColumns < width || height > CORNER ? `${title} (the rest with -o):` : `${title}:`;
  return `${head}\n\n${rest}\n${corner}`;
}

/** Nested lists in the result's shape. */
function nested(data: Float32Array, shape: readonly number[]): unknown {
  let level: unknown[] = Array.from(data, single);
  for (let axis = shape.length - 1; axis > 0; axis--) {
    const size = shape[axis]!;
    const inner = level;
    level = Array.from({ length: inner.length / size }, (_, i) => inner.slice(i * size, (i + 1) * size));
  }
  return level;
}
