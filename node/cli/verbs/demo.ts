/** `netkin demo`: the main job on the bundled sample, whose wrong labels are known. */
import { readFile } from 'node:fs/promises';
import type { Command } from 'commander';
import type { ReportData } from '../../../src/report/data.js';
import { interruption } from '../interruption.js';
import type { CommonOptions, FileOptions } from '../options.js';
import { planOutput } from '../output.js';
import { wholeNumber } from '../parse.js';
import { progressBar } from '../progress.js';
import { silenceLibraries } from '../session.js';
import { count, facts, table } from '../table.js';
import { note, print, printJson } from '../terminal.js';
import { example } from './arguments.js';

interface DemoOptions extends FileOptions, Pick<CommonOptions, 'json' | 'quiet'> {
  readonly seed: number;
}

export function register(program: Command): void {
  program
    .command('demo')
    .summary('the bundled sample, from training to report')
    .description(
      'Trains a small network on 3000 Fashion-MNIST images, 150 of them with a wrong label on purpose, and shows how many of these it finds.',
    )
    .option('-o <file>', 'the report', 'report.html')
    .option('--overwrite', 'replace the report if it exists')
    .option('--seed <n>', 'start and order of training', wholeNumber('--seed', 0), 1)
    .option('--json', 'print the findings as JSON')
    .option('--quiet', 'no progress and no remarks')
    .addHelpText('after', example('demo -o report.html'))
    .action(run);
}

async function run(options: DemoOptions): Promise<void> {
  const output = await planOutput(options.o!, ['.html'], options.overwrite === true);
  const bar = await progressBar();
  const watch = { signal: interruption, progress: bar.report };
  if (process.env.NETKIN_DEBUG !== '1') silenceLibraries();
  const { readSample } = await import('../../../src/format/sample.js');
  const { demoImages, trainDemo } = await import('../../../src/demo.js');
  const { analyse } = await import('../../../src/analysis/analyse.js');
  const { renderReport } = await import('../../../src/report/page.js');
  const { nodeRuntime } = await import('../../runtime.js');
  const { open } = await import('../../index.js');

  const sample = readSample(await readFile(sampleLocation()));
  const images = demoImages(sample);
  bar.inputs = images.shape[0]!;
  const start = Date.now();
  const trained = await trainDemo(
    nodeRuntime,
    images,
    sample.labels,
    sample.classes.length,
    options.seed,
    watch,
  );
  const seconds = (Date.now() - start) / 1000;
  try {
    await using engine = await open(trained.model);
    const report = await analyse(engine, images, {
      ...watch,
      title: 'Fashion-MNIST with 150 wrong labels',
      model: 'conv8 – conv16 – dense32, trained in this run',
      generated: `netkin demo --seed ${options.seed}, ${new Date().toISOString().slice(0, 16).replace('T', ' ')} UTC`,
      labels: sample.labels,
      classes: sample.classes,
      truth: sample.truth,
      timings: [{ stage: `training, ${trained.epochs} epochs`, seconds }],
    });
    bar.stop();
    await output.write(renderReport(report));
    if (options.json) printJson({ wrote: output.path, ...findings(report) });
    else print(describe(report, sample.classes));
    note(`wrote ${output.path}`);
  } finally {
    bar.stop();
    trained.model.dispose();
  }
}

/** The sample lies beside the sources: node/sample, seen from dist/node/cli/verbs. */
export function sampleLocation(): URL {
  return new URL('../../../../node/sample/fashion-3000.npz', import.meta.url);
}

function findings({ detection, density, denoising, timings, inputs }: ReportData) {
  return {
    inputs,
    timings,
    detection,
    isolated: density?.isolated,
    crowded: density?.crowded,
    factor: denoising?.meanFactor,
    factorTimesRootN: denoising && denoising.meanFactor * Math.sqrt(inputs),
    residual: denoising?.residual,
  };
}

function describe(report: ReportData, classes: readonly string[]): string {
  const { detection = [], density, denoising, timings, inputs, labels } = report;
  const percent = (share: number) => `${(100 * share).toFixed(0)} %`;
  const sum = timings.reduce((total, { seconds }) => total + seconds, 0);
  const time = table(
    [{ title: 'stage' }, { title: 'seconds', align: 'right' }],
    [...timings, { stage: 'together', seconds: sum }].map(({ stage, seconds }) => [
      stage,
      seconds.toFixed(1),
    ]),
  );
  const found = table(
    [
      { title: 'wrong labels found among the first …' },
      { title: `5 % (${inputs * 0.05})`, align: 'right' },
      { title: `10 % (${inputs * 0.1})`, align: 'right' },
    ],
    detection.map(({ name, kind, first5, first10 }) => [
      kind === 'netkin' ? `${name} (netkin)` : name,
      percent(first5),
      percent(first10),
    ]),
  );
  const listed = (entries: readonly { index: number; count: number }[] = []) =>
    entries
      .map(({ index, count: soft }) => `${index} ${classes[labels![index]!]} (${soft.toFixed(0)})`)
      .join(', ');
  const rest = facts([
    ['most isolated', listed(density?.isolated)],
    ['most crowded', listed(density?.crowded)],
    ['', `(number, given label, soft count of similar images among ${count(inputs)})`],
    [
      'label noise',
      `φ = ${denoising!.meanFactor.toFixed(4)}, φ·√N = ${(denoising!.meanFactor * Math.sqrt(inputs)).toFixed(2)} (best possible: 1)`,
    ],
  ]);
  return `${time}\n\n${found}\n\n${rest}`;
}
