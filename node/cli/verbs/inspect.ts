/** `netkin inspect`: what would be computed, and at what cost, before anything runs. */
import type { Command } from 'commander';
import type { Engine, NetworkDescription } from '../../../src/index.js';
import type { Examples } from '../../../src/inputs.js';
import { describeNetwork } from '../description.js';
import { asInputs, chosenExamples } from '../inputs.js';
import { addCommonOptions, type CommonOptions } from '../options.js';
import { load, openSession } from '../session.js';
import { print, printJson } from '../terminal.js';
import { example, INPUTS, MODEL } from './arguments.js';

/** What N inputs cost. Multiply-adds of the comparisons; capturing costs about 1 + 2d forward passes per input. */
export interface Prediction {
  readonly inputs: number;
  readonly pairs: number;
  /** nearest, suspects, matrix, hard and power density: each pair once. */
  readonly allPairs: number;
  /** soft density: linear in the inputs. */
  readonly softDensity: number;
  /** Bytes of gradient rows; the whitened copy of their right factors comes on top. */
  readonly rowBytes: number;
}

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
  if (engine.inputs.some(({ shape }) => shape.includes(null)))
    await describeBy(examples, engine, options, labels?.array);
  show(model, engine.network, predict(engine.network, examples.size), options);
}

/** A model of open extent is described by its first input. */
async function describeBy(
  examples: Examples,
  engine: Engine,
  { of }: CommonOptions,
  labels: { readonly shape: readonly number[]; readonly data: ArrayLike<number> } | undefined,
): Promise<void> {
  const width = labels ? labels.data.length / (labels.shape[0] ?? 1) : 0;
  const first = labels && {
    shape: [1, ...labels.shape.slice(1)],
    data: Float64Array.from(Array.from(labels.data).slice(0, width)),
  };
  await engine.perspective(
    asInputs(chosenExamples(examples, [0]), engine.inputs),
    of === 'loss' && first ? { labels: first } : {},
  );
}

function predict({ terms, compared }: NetworkDescription, inputs: number): Prediction {
  const pairs = (inputs * (inputs + 1)) / 2;
  const sum = (value: (term: NetworkDescription['terms'][number]) => number) =>
    terms.reduce((total, term) => total + value(term), 0);
  return {
    inputs,
    pairs,
    allPairs: pairs * sum((term) => term.multiplyAddsPerPair),
    softDensity: 2 * inputs * compared * sum((term) => term.positions * Math.max(1, term.left) * term.right),
    rowBytes: inputs * sum((term) => term.bytesPerInput),
  };
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
