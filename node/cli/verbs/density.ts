/** `netkin density`: how many inputs the network holds to be like each. */
import type { Command } from 'commander';
import { refuse } from '../../../src/errors.js';
import type { DensityKind } from '../../../src/index.js';
import { encodeCsv, encodeNpy, encodeRecords, single } from '../encode.js';
import { type Files, fileField } from '../inputs.js';
import { addCommonOptions, addFileOptions, type CommonOptions, type FileOptions } from '../options.js';
import { type Content, planOutput } from '../output.js';
import { decimalNumber, oneOf } from '../parse.js';
import { view } from '../session.js';
import { decimal, facts, table } from '../table.js';
import { note, print, printJson } from '../terminal.js';
import { example, MODEL, SEEN } from './arguments.js';

interface DensityOptions extends CommonOptions, FileOptions {
  readonly kind: 'soft' | 'hard' | 'power';
  readonly threshold?: number;
  readonly power?: number;
}

const extensions = ['.npy', '.csv', '.json'];
const THRESHOLD = 0.9; // inside the range .5 to .99 that the paper reports
const POWER = 2; // the smallest of the paper's powers
const ENDS = 5; // inputs shown at either end

export function register(program: Command): void {
  const command = program
    .command('density')
    .summary('how many inputs are like each')
    .description('How many inputs the network holds to be like each; the input itself counts.')
    .argument('<MODEL>', MODEL)
    .argument('<INPUTS>', SEEN)
    .option(
      '--kind <name>',
      'soft (sum of similarities), hard (number above a threshold), power (sum of powers)',
      oneOf('--kind', ['soft', 'hard', 'power']),
      'soft',
    )
    .option(
      '--threshold <t>',
      `for hard: the similarity that counts (default: ${THRESHOLD})`,
      decimalNumber('--threshold', 'a number from -1 to 1', (value) => value >= -1 && value <= 1),
    )
    .option(
      '--power <a>',
      `for power: the exponent (default: ${POWER})`,
      decimalNumber('--power', 'a number above 0', (value) => value > 0),
    )
    .addHelpText('after', example('density model/ images.npy --kind hard --threshold 0.9 -o density.csv'))
    .action(run);
  addFileOptions(command, extensions);
  addCommonOptions(command);
}

async function run(model: string, inputs: string, options: DensityOptions): Promise<void> {
  const kind = kindOf(options);
  const output =
    options.o === undefined ? null : await planOutput(options.o, extensions, options.overwrite === true);
  await using shown = await view({ model, inputs, options });
  const { seen, files, bar, watch } = shown;
  const density = await seen.density(kind, watch);
  bar.stop();
  if (output) {
    await output.write(await encode(density, files, output.extension));
    note(`wrote ${output.path}: ${density.length} ${density.length === 1 ? 'density' : 'densities'}`);
    if (options.json) printJson({ wrote: output.path, inputs: density.length, ...summarise(density) });
  } else if (options.json) {
    print([...encodeRecords(records(density, files))].join(''));
  } else print(describe(density, files, kind));
}

function kindOf({ kind, threshold, power }: DensityOptions): DensityKind {
  if (threshold !== undefined && kind !== 'hard')
    refuse('usage', '--threshold belongs to --kind hard; add it, or leave the threshold out.');
  if (power !== undefined && kind !== 'power')
    refuse('usage', '--power belongs to --kind power; add it, or leave the power out.');
  if (kind === 'hard') return { hard: threshold ?? THRESHOLD };
  return kind === 'power' ? { power: power ?? POWER } : 'soft';
}

async function encode(density: Float32Array, files: Files, extension: string): Promise<Content> {
  if (extension === '.npy') return encodeNpy({ shape: [density.length], data: density });
  if (extension === '.json') return encodeRecords(records(density, files));
  return encodeCsv({ index: Int32Array.from(density, (_, i) => i), ...(files && { file: files }), density });
}

function* records(density: Float32Array, files: Files) {
  for (const [index, value] of density.entries())
    yield { index, ...fileField(files, index), density: single(value) };
}

function summarise(density: Float32Array) {
  const sorted = density.slice().sort();
  const at = (share: number) => single(sorted[Math.round(share * (sorted.length - 1))]!);
  const mean = density.reduce((sum, value) => sum + value, 0) / density.length;
  return { minimum: at(0), median: at(0.5), mean, maximum: at(1) };
}

function describe(density: Float32Array, files: Files, kind: DensityKind): string {
  const order = Array.from(density, (_, i) => i).sort((a, b) => density[a]! - density[b]! || a - b);
  const { minimum, median, mean, maximum } = summarise(density);
  const name =
    kind === 'soft'
      ? 'soft'
      : 'hard' in kind
        ? `hard, similarity at least ${kind.hard}`
        : `power ${kind.power}`;
  const head = facts([
    ['density', name],
    ['inputs', String(density.length)],
    ['min, median, mean, max', [minimum, median, mean, maximum].map((value) => decimal(value, 3)).join(', ')],
  ]);
  const crowded = [...order].sort((a, b) => density[b]! - density[a]! || a - b);
  const rows = order.slice(0, ENDS).map((thin, rank) => {
    const full = crowded[rank]!;
    return [thin, full].flatMap((input) => [
      String(input),
      ...(files ? [files[input]!] : []),
      decimal(density[input]!, 3),
    ]);
  });
  const right = { align: 'right' } as const;
  const columns = [
    { title: 'most isolated', ...right },
    ...(files ? [{ title: 'file' }] : []),
    { title: 'density', ...right },
    { title: 'most crowded', ...right },
    ...(files ? [{ title: 'file' }] : []),
    { title: 'density', ...right },
  ];
  return `${head}\n\n${table(columns, rows)}`;
}
