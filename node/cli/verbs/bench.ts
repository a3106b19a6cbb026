/** `netkin bench`: this machine against its peers, in one run. */
import { readFile } from 'node:fs/promises';
import type { Command } from 'commander';
import type { Bench } from '../../bench/rows.js';
import type { FileOptions } from '../options.js';
import { planOutput } from '../output.js';
import { wholeNumber } from '../parse.js';
import { silenceLibraries } from '../session.js';
import { table } from '../table.js';
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
      'Measures kernels and the whole path beside tfjs on the same numbers; ratios of interleaved medians.',
    )
    .option('--size <n>', 'images of the end-to-end rows', wholeNumber('--size', 32), 1000)
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
  const bench = await runBench(images, { size, rounds: options.rounds, wide: options.wide === true });
  if (output) {
    await output.write(`${JSON.stringify(bench, null, 2)}\n`);
    note(`wrote ${output.path}`);
  }
  if (options.json) printJson(bench);
  else print(describe(bench));
}

function describe({ machine, rows, goals }: Bench): string {
  const times = table(
    [
      { title: 'task' },
      { title: 'by' },
      { title: 'seconds', align: 'right' },
      { title: 'GF/s', align: 'right' },
    ],
    rows.map(({ task, by, seconds, gigaflops }) => [
      task,
      by,
      seconds.toPrecision(3),
      gigaflops === undefined ? '' : gigaflops.toFixed(1),
    ]),
  );
  const met = table(
    [
      { title: '#', align: 'right' },
      { title: 'goal' },
      { title: 'measured', align: 'right' },
      { title: 'met' },
    ],
    Object.entries(goals).map(([number, { goal, measured, met }]) => [
      number,
      goal,
      measured === null ? '-' : measured.toPrecision(3),
      measured === null ? 'not measured' : met ? 'yes' : 'no',
    ]),
  );
  return `${machine.cpu}, ${machine.cores} cores, Node ${machine.node}\n\n${times}\n\n${met}`;
}
