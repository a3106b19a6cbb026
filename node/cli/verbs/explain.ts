/** `netkin explain`: which layers, and which activities, make two inputs similar. */
import type { Command } from 'commander';
import type { NdArray } from '../../../src/array.js';
import { refuse } from '../../../src/errors.js';
import type { ActivityShare, Explained, LayerShare, Perspective } from '../../../src/index.js';
import { isIndex } from '../index-input.js';
import { asInputs, chosenExamples } from '../inputs.js';
import { addCommonOptions, type CommonOptions } from '../options.js';
import { byPlace, parsePair, wholeNumber } from '../parse.js';
import { capture, type Loaded, load, view } from '../session.js';
import { decimal, table } from '../table.js';
import { print, printJson } from '../terminal.js';
import { example, MODEL, SEEN } from './arguments.js';

interface ExplainOptions extends CommonOptions {
  readonly pair: readonly [number, number];
  readonly activities?: number;
}

const BAR = 24; // characters of the largest share

export function register(program: Command): void {
  const command = program
    .command('explain')
    .summary('the share of each layer in a similarity')
    .description(
      'The share of each layer in the similarity of two inputs, which is the sum of the shares, and the similarity by the parameters of each layer alone.',
    )
    .argument('<MODEL>', MODEL)
    .argument('<INPUTS>', SEEN)
    .requiredOption('--pair <i,j>', 'two inputs by index, from 0', parsePair)
    .option(
      '--activities <n>',
      'list the n activities of each layer that contribute most',
      wholeNumber('--activities', 1),
    )
    .addHelpText('after', example('explain model/ images.npy --pair 3,17 --activities 5'))
    .action(run);
  addCommonOptions(command);
}

async function run(model: string, inputs: string, options: ExplainOptions): Promise<void> {
  const { pair } = options;
  if (isIndex(inputs)) return ofIndex(model, inputs, options);
  const loaded = await load({ model, inputs, options });
  await using session = loaded.session;
  const { watch, bar } = session;
  const { size } = loaded.examples;
  for (const index of pair) {
    if (index >= size) refuse('usage', `Input ${index} does not exist: the set has inputs 0 to ${size - 1}.`);
  }
  // A similarity depends on its two inputs only, so nothing else is captured, unless their places count.
  const whole = byPlace(options.output);
  const seen = whole ? await capture(loaded, options) : await captureTwo(loaded, options);
  const [i, j] = whole ? pair : [0, 1];
  const found = await seen.explain(i, j, { ...watch, ...details(options) });
  bar.stop();
  show(found, seen, options);
}

function captureTwo(
  { session, examples, labels }: Loaded,
  { pair, of }: ExplainOptions,
): Promise<Perspective> {
  const { engine, watch } = session;
  const two = chosenExamples(examples, pair);
  const given = labels && of === 'loss' ? { labels: rows(labels.array, examples.size, pair) } : {};
  return engine.perspective(asInputs(two, engine.inputs), { ...watch, ...given });
}

async function ofIndex(model: string, inputs: string, options: ExplainOptions): Promise<void> {
  await using shown = await view({ model, inputs, options });
  const found = await shown.seen.explain(...options.pair, { ...shown.watch, ...details(options) });
  shown.bar.stop();
  show(found, shown.seen, options);
}

function details({ activities }: ExplainOptions) {
  return { similarities: true, ...(activities !== undefined && { activities }) };
}

function show(
  { similarity, layers }: Explained,
  { flags }: Perspective,
  { pair, json, activities }: ExplainOptions,
): void {
  if (json) printJson({ pair, similarity, layers, flags });
  else {
    const parts = [
      describe(similarity, layers),
      ...(activities === undefined ? [] : [describeActivities(layers)]),
    ];
    print(parts.join('\n\n'));
  }
}

function rows({ shape, data }: NdArray, size: number, chosen: readonly number[]): NdArray {
  if (shape[0] !== size) refuse('input', `There are ${shape[0] ?? 1} labels for ${size} inputs.`);
  const width = data.length / size;
  const values = chosen.flatMap((input) => Array.from(data.subarray(input * width, (input + 1) * width)));
  return { shape: [chosen.length, ...shape.slice(1)], data: Float64Array.from(values) };
}

function describe(similarity: number, layers: readonly LayerShare[]): string {
  const largest = Math.max(...layers.map(({ share }) => Math.abs(share)));
  const bar = (share: number) =>
    (share < 0 ? '-' : '#').repeat(largest > 0 ? Math.round((BAR * Math.abs(share)) / largest) : 0);
  return table(
    [
      { title: 'layer' },
      { title: 'share', align: 'right' },
      { title: 'similarity', align: 'right' },
      { title: '' },
    ],
    [
      ...layers.map((row) => [row.layer, decimal(row.share), decimal(row.similarity!), bar(row.share)]),
      ['together', decimal(similarity), decimal(similarity), ''],
    ],
  );
}

/** One row for each activity: share = λ · a(x) · a(x′) where a weight is used at one position. */
function describeActivities(layers: readonly LayerShare[]): string {
  const right = { align: 'right' } as const;
  const number = (value: number | undefined) => (value === undefined ? '' : decimal(value));
  const cells = ({ parameter, index, tap, share, values, weight }: ActivityShare) => [
    parameter,
    tap ? `${tap.row},${tap.column} of ${tap.channel}` : index === null ? '' : String(index),
    decimal(share),
    number(values?.[0]),
    number(values?.[1]),
    number(weight ?? undefined),
  ];
  const rows = layers.flatMap(({ layer, activities }) =>
    activities ? activities.map(cells) : [[layer, 'sketched', '', '', '', '']],
  );
  return table(
    [
      { title: 'parameter' },
      {
        title: layers.some(({ activities }) => activities?.some(({ tap }) => tap))
          ? 'tap of channel'
          : 'activity',
      },
      { title: 'share', ...right },
      { title: 'a(x)', ...right },
      { title: "a(x')", ...right },
      { title: 'λ', ...right },
    ],
    rows,
  );
}
