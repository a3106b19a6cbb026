/** `netkin inspect`: what would be computed, and at what cost, before anything runs. */
import type { Command } from 'commander';
import type { NetworkDescription, Prediction } from '../../../src/index.js';
import { describeNetwork } from '../description.js';
import { describeIndex, type IndexInput, isIndex, readIndexInput } from '../index-input.js';
import { asInputs } from '../inputs.js';
import { addCommonOptions, type CommonOptions } from '../options.js';
import { load, openSession, view } from '../session.js';
import { print, printJson } from '../terminal.js';
import { example, MODEL, SEEN } from './arguments.js';

/** What N inputs cost. Multiply-adds of the comparisons; capturing costs about 1 + 2d forward passes per input. */
export function register(program: Command): void {
  const command = program
    .command('inspect')
    .summary('layers, coverage, plan, predicted cost')
    .description('Layers, parameters, which rule covers what, the plan, its cost, and the self-check.')
    .argument('<MODEL>', `${MODEL}; or a .netkin index`)
    .argument('[INPUTS]', `to predict the cost: ${SEEN}`)
    .addHelpText('after', example('inspect model/ images.npy'))
    .action(run);
  addCommonOptions(command);
}

async function run(model: string, inputs: string | undefined, options: CommonOptions): Promise<void> {
  if (isIndex(model)) return showIndex(await readIndexInput(model), options);
  if (inputs !== undefined && isIndex(inputs)) {
    await using seen = await view({ model, inputs, options });
    show(model, seen.engine.network, null, options);
    return;
  }
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

function showIndex({ path, facts }: IndexInput, { json }: CommonOptions): void {
  if (json) printJson({ index: path, ...facts });
  else print(describeIndex(path, facts));
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
