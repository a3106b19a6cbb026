/** `netkin bench`: this machine against its peers, in one run. */
import { readFile } from 'node:fs/promises';
import type { Command } from 'commander';
import { describeBench } from '../bench-tables.js';
import { interruption } from '../interruption.js';
import type { FileOptions } from '../options.js';
import { planOutput } from '../output.js';
import { wholeNumber } from '../parse.js';
import { progressBar } from '../progress.js';
import { silenceLibraries } from '../session.js';
import { note, print, printJson } from '../terminal.js';
import { example } from './arguments.js';
import { sampleLocation } from './demo.js';

interface BenchVerbOptions extends FileOptions {
  readonly size: number;
  readonly rounds: number;
  readonly wide?: boolean;
  readonly json?: boolean;
}

export function register(program: Command): void {
  program
    .command('bench')
    .summary('this machine against its peers')
    .description(
      'Measures kernels and the whole path beside tfjs, and beside NumPy and PyTorch where python3 has them, on the same numbers: medians of interleaved runs. Takes about 10 minutes; docs/performance.md explains the numbers.',
    )
    .option(
      '--size <n>',
      'images of the end-to-end rows, and of others in proportion',
      wholeNumber('--size', 32),
      1000,
    )
    .option('--rounds <n>', 'rounds of every table', wholeNumber('--rounds', 1), 5)
    .option('--wide', 'measure 256-bit kernels, too (Node 24 and later)')
    .option('-o <file>', 'write the result: .json')
    .option('--overwrite', 'replace the file if it exists')
    .option('--json', 'JSON on stdout')
    .option('--quiet', 'no remarks')
    .addHelpText('after', example('bench -o bench.json'))
    .action(run);
}

async function run(options: BenchVerbOptions): Promise<void> {
  const output =
    options.o === undefined ? null : await planOutput(options.o, ['.json'], options.overwrite === true);
  if (process.env.NETKIN_DEBUG !== '1') silenceLibraries();
  const { readSample } = await import('../../../src/format/sample.js');
  const { demoImages } = await import('../../../src/demo.js');
  const { runBench } = await import('../../bench/run.js');
  const images = demoImages(readSample(await readFile(sampleLocation())));
  const size = Math.min(options.size, images.shape[0]! / 2);
  const bar = await progressBar();
  const { rounds, wide = false } = options;
  const watch = { signal: interruption, progress: bar.report };
  const bench = await runBench(images, { size, rounds, wide, watch }).finally(bar.stop);
  if (output) {
    await output.write(`${JSON.stringify(bench, null, 2)}\n`);
    note(`wrote ${output.path}`);
  }
  if (options.json) printJson(bench);
  else print(describeBench(bench));
}
