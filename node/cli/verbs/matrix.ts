/** `netkin matrix`: all pairs. */
import type { Command } from 'commander';
import { refuse } from '../../../src/errors.js';
import type {
  BlockKernel,
  NdArray,
  OutputKernel,
  Perspective,
  SimilarityKernel,
  Watch,
} from '../../../src/index.js';
import type { Inputs } from '../../../src/inputs.js';
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
  readonly perOutput?: boolean;
}

const kernels = ['correlation', 'inner', 'influence', 'rotation', 'orthogonal'] as const;
/** What there is of the block of a pair, and of each output. */
const blockKernels: readonly SimilarityKernel[] = ['correlation', 'inner', 'influence'];
const outputKernels: readonly SimilarityKernel[] = ['correlation', 'inner'];
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
    .option('--per-output', 'every output compared by itself: n × m × d')
    .addHelpText('after', example('matrix model/ images.npy --kernel inner -o inner.npy'))
    .action(run);
  addFileOptions(command, ['.npy', '.csv']);
  addCommonOptions(command);
}

async function run(model: string, inputs: string, options: MatrixOptions): Promise<void> {
  const { against, kernel } = options;
  assertKernel(options);
  assertComparable(options, '--against', against);
  const output = await plan(options);
  await using shown = await view({ model, inputs, others: against, options });
  const { seen, others, watch, bar } = shown;
  const result = await compared(options, seen, others?.inputs ?? null, watch);
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

function assertKernel({ kernel, blocks, perOutput }: MatrixOptions): void {
  if (blocks && perOutput) refuse('usage', '--blocks and --per-output exclude each other: choose one.');
  const possible = blocks ? blockKernels : outputKernels;
  if (!(blocks || perOutput) || possible.includes(kernel)) return;
  const option = blocks ? '--blocks' : '--per-output';
  refuse('usage', `--kernel ${kernel} cannot go with ${option}: choose ${possible.join(' or ')}.`);
}

function compared(
  { kernel, blocks, perOutput }: MatrixOptions,
  seen: Perspective,
  others: Inputs | null,
  watch: Watch,
): Promise<NdArray<Float32Array>> {
  const against = others ? { against: others } : {};
  if (blocks) return seen.blocks({ ...watch, ...against, kernel: kernel as BlockKernel });
  if (perOutput) return seen.perOutput({ ...watch, ...against, kernel: kernel as OutputKernel });
  return others ? seen.against(others, { ...watch, kernel }) : seen.matrix({ ...watch, kernel });
}

async function plan({ o, overwrite = false, blocks, perOutput }: MatrixOptions): Promise<OutputFile | null> {
  const output = o === undefined ? null : await planOutput(o, ['.npy', '.csv'], overwrite);
  if (output?.extension === '.csv' && (blocks || perOutput)) {
    const option = blocks ? '--blocks' : '--per-output';
    refuse('usage', `'${output.path}': a CSV file holds rows and columns only; with ${option} write .npy.`);
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
  const [rows = 0, columns = 0, d, other] = shape;
  const range =
    minimum === null ? 'none: one input' : `${decimal(minimum)}, ${decimal(mean!)}, ${decimal(maximum!)}`;
  const head = facts([
    ['kernel', kernel],
    ['size', shape.join(' × ')],
    [square ? 'off-diagonal min, mean, max' : 'min, mean, max', range],
  ]);
  // Of blocks the first one, of single outputs the first row of pairs.
  const [height, width] = d === undefined ? [rows, columns] : [other === undefined ? columns : d, d];
  const bounded = kernel !== 'inner' && kernel !== 'influence';
  const shownValue = (value: number) => (bounded ? value.toFixed(3) : decimal(value, 3));
  const shownColumns = Math.min(width, CORNER);
  const corner = table(
    [
      { title: '', align: 'right' },
      ...Array.from({ length: shownColumns }, (_, c) => ({ title: String(c), align: 'right' as const })),
    ],
    Array.from({ length: Math.min(height, CORNER) }, (_, r) => [
      String(r),
      ...Array.from({ length: shownColumns }, (_, c) => shownValue(data[r * width + c]!)),
    ]),
  );
  const pairs = other === undefined ? 'Outputs (columns) of the pairs of input 0' : 'Block of the pair 0, 0';
  const title = d === undefined ? 'First rows and columns' : pairs;
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
