/** `netkin serve`: an index over HTTP, as an edge function would serve it. */
import type { Command } from 'commander';
import { refuse } from '../../../src/errors.js';
import { interruption, untilAborted } from '../interruption.js';
import { addCommonOptions, type CommonOptions } from '../options.js';
import { byteSize, wholeNumber } from '../parse.js';
import { noteAgreement, view } from '../session.js';
import { plural } from '../table.js';
import { complain, note, print, printJson } from '../terminal.js';
import { example, MODEL } from './arguments.js';

interface ServeOptions extends CommonOptions {
  readonly port: number;
  readonly host: string;
  readonly origin?: string;
  readonly largestBody?: number;
}

export function register(program: Command): void {
  const command = program
    .command('serve')
    .summary('an index over HTTP: POST an image')
    .description(
      'Answers over HTTP: POST an image, and get what the network predicts, the nearest examples of the index, and how many examples it holds to be alike. GET / says how to ask.',
    )
    .argument('<MODEL>', MODEL)
    .argument('<INDEX>', 'an index made by netkin index: .netkin; or INPUTS, captured first')
    .option('--port <n>', 'where to listen; 0: any free port', wholeNumber('--port', 0), 8787)
    .option('--host <name>', 'on which address of this machine', '127.0.0.1')
    .option('--origin <origin>', 'whose pages may ask, as in https://example.org, or "*"')
    .option(
      '--largest-body <size>',
      'of a request, in bytes or as 1MiB (default: 1MiB)',
      byteSize('--largest-body'),
    )
    .addHelpText('after', example('serve model/ photos.netkin'))
    .action(run);
  addCommonOptions(command);
}

async function run(model: string, inputs: string, options: ServeOptions): Promise<void> {
  const { port, host, origin, largestBody } = options;
  if (port > 65535) refuse('usage', `--port ${port}: ports run from 0 to 65535.`);
  // Node would take an empty name for every address of this machine.
  if (!/^[\w.:%-]+$/.test(host))
    refuse('usage', `--host is '${host}'; give a name or an address, as in 127.0.0.1.`);
  await using shown = await view({ model, inputs, options });
  const { engine, seen, bar } = shown;
  bar.stop();
  noteAgreement(seen.labels?.data ?? null, seen, engine);
  const [{ explainer }, { serve }] = await Promise.all([
    import('../../../src/serving/explainer.js'),
    import('../../serving.js'),
  ]);
  const handler = explainer(engine, seen, {
    ...(options.pixels !== undefined && { pixels: options.pixels }),
    onError,
    ...(origin !== undefined && { origin }),
    ...(largestBody !== undefined && { largestBody }),
  });
  const serving = await serve(handler, port, host, onError);
  if (options.json) printJson({ address: serving.address, examples: seen.size });
  else print(`serving ${plural(seen.size, 'example')} on ${serving.address}`);
  note('stop with Ctrl-C');
  await untilAborted(interruption);
  await serving.close();
}

/** One line: whoever asked was told only that the server failed. */
function onError(error: unknown): void {
  complain(`failed to answer: ${error instanceof Error ? error.message || error.name : String(error)}`);
}
