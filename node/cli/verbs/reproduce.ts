/** `netkin reproduce`: experiments of the paper, with figures and numbers beside the reference. */
import { existsSync } from 'node:fs';
import { mkdir, stat } from 'node:fs/promises';
import { availableParallelism } from 'node:os';
import { extname, join } from 'node:path';
import type { Command } from 'commander';
import { refuse } from '../../../src/errors.js';
import type { ToyOptions } from '../../../src/reproduce/toy/protocol.js';
import { interruption, sayWhenInterrupted } from '../interruption.js';
import { type OutputFile, planOutput } from '../output.js';
import { listed, wholeNumber, wholeNumbers } from '../parse.js';
import { progressBar } from '../progress.js';
import { plural } from '../table.js';
import { note, print, printJson } from '../terminal.js';
import { example } from './arguments.js';

interface ReproduceOptions {
  readonly o?: string;
  readonly epochs: number;
  readonly runs: number;
  readonly frequencies?: readonly number[];
  readonly size: number;
  readonly denoisingSteps: number;
  readonly threads?: number;
  readonly seed: number;
  readonly json?: boolean;
  readonly overwrite?: boolean;
}

const EXPERIMENTS = ['toy'];
const PAGE = 'index.html';
const FREQUENCIES = [1, 2, 4, 8];

export function register(program: Command): void {
  program
    .command('reproduce')
    .summary('an experiment of the paper again')
    .description(
      'Makes an experiment of the paper again and writes a page, figures (SVG) and all numbers (JSON) into a folder. An experiment that was interrupted goes on where it was when it is called again.\n\ntoy: networks learn sinusoids on a circle; how many samples are alike to them, and what becomes of noise in the labels? 100 epochs take some 2 minutes on 2 idle cores; 5000 are the full experiment.',
    )
    .argument('<experiment>', 'toy')
    .option('-o <folder>', 'where the results go (default: a folder named as the experiment)')
    .option('--overwrite', 'replace results; runs are kept, those of other options, too')
    .option('--epochs <n>', 'of training', wholeNumber('--epochs', 1), 100)
    .option('--runs <n>', 'networks for each frequency', wholeNumber('--runs', 1), 5)
    .option(
      '--frequencies <list>',
      'periods of the sinusoid (default: 1,2,4,8)',
      wholeNumbers('--frequencies', 1),
    )
    .option('--size <n>', 'samples', wholeNumber('--size', 1), 2048)
    .option(
      '--denoising-steps <n>',
      'of the training on noisy labels; 0 leaves it out',
      wholeNumber('--denoising-steps', 0),
      4000,
    )
    .option('--threads <n>', 'networks at a time (default: one per core)', wholeNumber('--threads', 1))
    .option('--seed <n>', 'of all that is random', wholeNumber('--seed', 0), 1)
    .option('--json', 'print the numbers as JSON')
    .option('--quiet', 'no progress and no remarks')
    .addHelpText('after', example('reproduce toy --epochs 100 -o toy'))
    .action(run);
}

async function run(experiment: string, options: ReproduceOptions): Promise<void> {
  if (!EXPERIMENTS.includes(experiment))
    refuse('usage', `There is no experiment '${experiment}'; choose ${listed(EXPERIMENTS)}.`);
  const folder = options.o ?? experiment;
  const overwrite = options.overwrite === true;
  const { epochs, runs, frequencies = FREQUENCIES, size, denoisingSteps, seed } = options;
  if (seed >= 2 ** 32) refuse('usage', `--seed is ${seed}; give a whole number below 2^32.`);
  const toy: ToyOptions = { epochs, runs, frequencies, size, denoisingSteps, seed };

  const { assertToyOptions } = await import('../../../src/reproduce/toy/protocol.js');
  assertToyOptions(toy);
  await assertFolder(folder);
  const { computeToy, isComputed, placedPieces } = await import('../../reproduce/toy.js');
  const placed = placedPieces(folder, toy);
  await mkdir(folder, { recursive: true }).catch((error) =>
    refuse('usage', `'${folder}' cannot be made a folder (${error.code}); choose another with -o.`, error),
  );
  // The page comes last: results without it are our own, from a call that was interrupted while it wrote them.
  const names = ['density.svg', 'estimators.svg', 'denoising.svg', 'numbers.json', 'table.txt', PAGE];
  const replaced = overwrite || (isComputed(toy, placed) && !existsSync(join(folder, PAGE)));
  const outputs = new Map<string, OutputFile>();
  for (const name of names) {
    if (name === 'denoising.svg' && denoisingSteps === 0) continue;
    outputs.set(name, await planOutput(join(folder, name), [extname(name)], replaced));
  }

  if (placed.length > 0) note(`went on with ${plural(placed.length, 'network')} of '${folder}'`);
  sayWhenInterrupted(`what is done is kept in '${folder}': the same call goes on from there`);
  const bar = await progressBar();
  const threads = options.threads ?? availableParallelism();
  const watch = { signal: interruption, progress: bar.report };
  const pieces = await computeToy(folder, toy, threads, placed, watch).finally(bar.stop);

  const { toyResults } = await import('../../reproduce/toy-results.js');
  const { files, numbers } = toyResults(toy, pieces);
  for (const [name, output] of outputs) await output.write(files[name]!);
  if (options.json) printJson(numbers);
  else print(files['table.txt']!);
  note(`wrote ${join(folder, PAGE)}`);
}

/** The folder may be missing, but not the one that it goes into. */
async function assertFolder(folder: string): Promise<void> {
  const found = await stat(folder).catch((error: NodeJS.ErrnoException) => {
    if (error.code === 'ENOENT') return null;
    return refuse('usage', `'${folder}' cannot be a folder (${error.code}); choose another with -o.`, error);
  });
  if (found && !found.isDirectory())
    refuse('usage', `'${folder}' is a file; give a folder for the results with -o.`);
}
