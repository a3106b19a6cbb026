/** `netkin report`: all measures of a data set on one self-contained page. */
import { basename, dirname } from 'node:path';
import type { Command } from 'commander';
import { asInputs } from '../inputs.js';
import { addCommonOptions, type CommonOptions, type FileOptions } from '../options.js';
import { planOutput } from '../output.js';
import { load } from '../session.js';
import { decimal, facts, plural } from '../table.js';
import { note, print, printJson } from '../terminal.js';
import { example, INPUTS, LABELS, MODEL } from './arguments.js';

export function register(program: Command): void {
  const command = program
    .command('report')
    .summary('everything on one self-contained page')
    .description(
      'Suspects, neighbours, density, heat map, layer shares and denoising on one page that loads nothing.',
    )
    .argument('<MODEL>', MODEL)
    .argument('<INPUTS>', INPUTS)
    .argument('[LABELS]', LABELS)
    .option('-o <file>', 'the page', 'report.html')
    .option('--overwrite', 'replace the page if it exists')
    .addHelpText('after', example('report model/ images.npy labels.npy -o report.html'))
    .action(run);
  addCommonOptions(command, true);
}

async function run(
  model: string,
  inputs: string,
  labels: string | undefined,
  options: CommonOptions & FileOptions,
): Promise<void> {
  const output = await planOutput(options.o!, ['.html'], options.overwrite === true);
  const loaded = await load({ model, inputs, ...(labels !== undefined && { labels }), options });
  await using session = loaded.session;
  const { analyse } = await import('../../../src/analysis/analyse.js');
  const { renderReport } = await import('../../../src/report/page.js');
  const { engine, bar, watch } = session;
  bar.inputs = loaded.examples.size;
  const report = await analyse(engine, asInputs(loaded.examples, engine.inputs), {
    ...watch,
    title: basename(inputs),
    model: /^model\.json$/.test(basename(model)) ? basename(dirname(model)) : basename(model),
    generated: `netkin report, ${new Date().toISOString().slice(0, 16).replace('T', ' ')} UTC`,
    names: loaded.files,
    ...(loaded.labels && { labels: loaded.labels.array, classes: loaded.labels.classes }),
  });
  bar.stop();
  const { files } = loaded;
  await output.write(renderReport(report));
  const [isolated] = report.density!.isolated;
  const [crowded] = report.density!.crowded;
  const seconds = report.timings.reduce((sum, stage) => sum + stage.seconds, 0);
  const withFile = ({ index, count }: { readonly index: number; readonly count: number }) =>
    `${index}${files ? `, ${files[index]}` : ''} (soft count ${decimal(count, 1)})`;
  if (options.json) {
    const { inputs: size, notes } = report;
    printJson({ wrote: output.path, inputs: size, seconds, notes });
  } else {
    print(
      facts([
        ['report', output.path],
        ['inputs', plural(report.inputs, 'input')],
        ['most isolated', withFile(isolated!)],
        ['most crowded', withFile(crowded!)],
        ['time', `${seconds.toFixed(1)} s`],
      ]),
    );
  }
  for (const text of report.notes) note(text);
}
