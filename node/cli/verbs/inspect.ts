/** `netkin inspect`: what would be computed, and at what cost, before anything runs. */
import type { Command } from 'commander';
import type { NetworkDescription, Prediction } from '../../../src/index.js';
import { describeNetwork } from '../description.js';
import { asInputs } from '../inputs.js';
import { addCommonOptions, type CommonOptions } from '../options.js';
import { load, openSession } from '../session.js';
import { print, printJson } from '../terminal.js';
import { example, INPUTS, MODEL } from './arguments.js';

/** What N inputs cost. Multiply-adds of the comparisons; capturing costs about 1 + 2d forward passes per input. */
export function register(program: Command): void {
  const command = program
    .command('inspect')
    .summary('layers, coverage, plan, predicted cost')
    .description('Layers, parameters, which rule covers what, the plan, its cost, and the self-check.')
    .argument('<MODEL>', MODEL)
    .argument('[INPUTS]', `to predict the cost: ${INPUTS}`)
    .addHelpText('after', example('inspect model/ images.npy'))
    .action(run);
  addCommonOptions(command);
}

async function run(model: string, inputs: string | undefined, options: CommonOptions): Promise<void> {
  if (inputs === undefined) {
    await using session = await openSession(model, options);
    return show(model, session.engine.network, null, options);
  }
  const { session, examples, labels } = await load({ model, inputs, options });
  await using shown = session;
  const { engine } = shown;
  const prediction = await engine.plan(
    asInputs(examples, engine.inputs),
    options.of === 'loss' && labels ? { labels: labels.array } : {},
  );
  show(model, engine.network, prediction, options);
}

function show(
  model: string,
  network: NetworkDescription,
  prediction: Prediction | null,
  options: CommonOptions,
): void {
  if (options.json) printJson({ model, ...network, ...(prediction && { prediction }) });
  else print(describeNetwork(model, network, prediction, options));
}
