/** `netkin explain`: which layers make two inputs similar. */
import type { Command } from 'commander';
import type { NdArray } from '../../../src/array.js';
import { refuse } from '../../../src/errors.js';
import type { Explained, Perspective } from '../../../src/index.js';
import { isIndex } from '../index-input.js';
import { asInputs, chosenExamples } from '../inputs.js';
import { addCommonOptions, type CommonOptions } from '../options.js';
import { parsePair } from '../parse.js';
import { load, view } from '../session.js';
import { decimal, table } from '../table.js';
import { print, printJson } from '../terminal.js';
import { example, MODEL, SEEN } from './arguments.js';

interface ExplainOptions extends CommonOptions {
  readonly pair: readonly [number, number];
}

const BAR = 30; // characters of the largest share

export function register(program: Command): void {
  const command = program
    .command('explain')
    .summary('the share of each layer in a similarity')
    .description('The share of each layer in the similarity of two inputs; the shares sum to it.')
    .argument('<MODEL>', MODEL)
    .argument('<INPUTS>', SEEN)
    .requiredOption('--pair <i,j>', 'two inputs by index, from 0', parsePair)
    .addHelpText('after', example('explain model/ images.npy --pair 3,17'))
    .action(run);
  addCommonOptions(command);
}

async function run(model: string, inputs: string, options: ExplainOptions): Promise<void> {
  const { pair } = options;
  if (isIndex(inputs)) return ofIndex(model, inputs, options);
  const { session, examples, labels } = await load({ model, inputs, options });
  await using shown = session;
  const { engine, watch, bar } = shown;
  for (const index of pair) {
    if (index >= examples.size)
      refuse('usage', `Input ${index} does not exist: the set has inputs 0 to ${examples.size - 1}.`);
  }
  // A similarity depends on its two inputs only, so nothing else is captured.
  const two = chosenExamples(examples, pair);
  const given = labels && options.of === 'loss' ? { labels: rows(labels.array, examples.size, pair) } : {};
  const seen = await engine.perspective(asInputs(two, engine.inputs), { ...watch, ...given });
  const found = await seen.explain(0, 1, watch);
  bar.stop();
  show(found, seen, options);
}

async function ofIndex(model: string, inputs: string, options: ExplainOptions): Promise<void> {
  await using shown = await view({ model, inputs, options });
  const found = await shown.seen.explain(...options.pair, shown.watch);
  shown.bar.stop();
  show(found, shown.seen, options);
}

function show(
  { similarity, layers }: Explained,
  { flags }: Perspective,
  { pair, json }: ExplainOptions,
): void {
  if (json) printJson({ pair, similarity, layers, flags });
  else print(describe(similarity, layers));
}

function rows({ shape, data }: NdArray, size: number, chosen: readonly number[]): NdArray {
  if (shape[0] !== size) refuse('input', `There are ${shape[0] ?? 1} labels for ${size} inputs.`);
  const width = data.length / size;
  const values = chosen.flatMap((input) => Array.from(data.subarray(input * width, (input + 1) * width)));
  return { shape: [chosen.length, ...shape.slice(1)], data: Float64Array.from(values) };
}

function describe(
  similarity: number,
  layers: readonly { readonly layer: string; readonly share: number }[],
): string {
  const largest = Math.max(...layers.map(({ share }) => Math.abs(share)));
  const bar = (share: number) =>
    (share < 0 ? '-' : '#').repeat(largest > 0 ? Math.round((BAR * Math.abs(share)) / largest) : 0);
  return table(
    [{ title: 'layer' }, { title: 'share', align: 'right' }, { title: '' }],
    [
      ...layers.map(({ layer, share }) => [layer, decimal(share), bar(share)]),
      ['similarity', decimal(similarity), ''],
    ],
  );
}
