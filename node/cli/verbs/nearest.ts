/** `netkin nearest`: the most similar inputs of each. */
import type { Command } from 'commander';
import { refuse } from '../../../src/errors.js';
import type { Neighbours } from '../../../src/index.js';
import { encodeCsv, encodeNpz, encodeRecords, single } from '../encode.js';
import { addCommonOptions, addFileOptions, type CommonOptions, type FileOptions } from '../options.js';
import { type Content, planOutput } from '../output.js';
import { wholeNumber } from '../parse.js';
import { assertComparable, view } from '../session.js';
import { plural, WIDTH } from '../table.js';
import { note, print } from '../terminal.js';
import { example, INPUTS, MODEL } from './arguments.js';

interface NearestOptions extends CommonOptions, FileOptions {
  readonly queries?: string;
  readonly k?: number;
}

const extensions = ['.json', '.csv', '.npz'];
const USUAL = 10;
const SHOWN = 10; // rows on a terminal; -o writes all

export function register(program: Command): void {
  const command = program
    .command('nearest')
    .summary('the inputs most similar to each')
    .description(
      'The k inputs most similar to each input, best first; the input itself counts, with similarity 1.',
    )
    .argument('<MODEL>', MODEL)
    .argument('<INPUTS>', `searched: ${INPUTS}`)
    .option('--queries <inputs>', 'whose neighbours are wanted (default: of the inputs themselves)')
    .option(
      '-k <count>',
      `neighbours of each (default: ${USUAL}, or all where there are fewer)`,
      wholeNumber('-k', 1),
    )
    .addHelpText('after', example('nearest model/ images.npy -k 5 -o neighbours.csv'))
    .action(run);
  addFileOptions(command, extensions);
  addCommonOptions(command);
}

async function run(model: string, inputs: string, options: NearestOptions): Promise<void> {
  assertComparable(options, '--queries', options.queries);
  const output =
    options.o === undefined ? null : await planOutput(options.o, extensions, options.overwrite === true);
  const assertSize = (size: number) => {
    if ((options.k ?? 1) > size)
      refuse('usage', `-k is ${options.k}, but the set has only ${plural(size, 'input')}; ask for fewer.`);
  };
  await using shown = await view({ model, inputs, others: options.queries, options, assertSize });
  const { seen, others, watch, bar } = shown;
  const k = options.k ?? Math.min(USUAL, seen.size);
  if (others) bar.inputs = others.size;
  const found = await seen.nearest(others?.inputs, k, watch);
  bar.stop();
  if (output) {
    await output.write(await encode(found, output.extension));
    note(`wrote ${output.path}: ${plural(found.indices.length / k, 'input')}, ${k} neighbours each`);
  } else if (options.json) {
    print([...encodeRecords(records(found))].join(''));
  } else print(describe(found, seen.size));
}

async function encode(found: Neighbours, extension: string): Promise<Content> {
  const { count, indices, similarities } = found;
  const shape = [indices.length / count, count];
  if (extension === '.npz') {
    return encodeNpz({ indices: { shape, data: indices }, similarities: { shape, data: similarities } });
  }
  if (extension === '.json') return encodeRecords(records(found));
  return encodeCsv({
    index: Int32Array.from(indices, (_, i) => Math.floor(i / count)),
    rank: Int32Array.from(indices, (_, i) => (i % count) + 1),
    neighbour: indices,
    similarity: similarities,
  });
}

function* records({ count, indices, similarities }: Neighbours) {
  for (let index = 0; index < indices.length / count; index++) {
    const neighbours = Array.from({ length: count }, (_, rank) => ({
      index: indices[index * count + rank]!,
      similarity: single(similarities[index * count + rank]!),
    }));
    yield { index, neighbours };
  }
}

function describe({ count, indices, similarities }: Neighbours, size: number): string {
  const rows = indices.length / count;
  const digits = String(size - 1).length;
  const margin = Math.max(5, String(rows - 1).length);
  const fitting = Math.floor((WIDTH - margin) / (digits + 9)); // two spaces, a space, and -0.123
  const lines = Array.from({ length: Math.min(rows, SHOWN) }, (_, row) => {
    const cells = Array.from({ length: Math.min(count, fitting) }, (_, rank) => {
      const at = row * count + rank;
      return `  ${String(indices[at]).padStart(digits)} ${similarities[at]!.toFixed(3).padStart(6)}`;
    });
    return String(row).padStart(margin) + cells.join('');
  });
  const cut = [
    rows > SHOWN ? `first ${SHOWN} of ${rows} inputs` : '',
    count > fitting ? `first ${fitting} of ${count} neighbours` : '',
  ];
  const rest = cut.filter((part) => part !== '').join(', ');
  const title = `${'input'.padStart(margin)}  neighbours and their similarity, best first`;
  return `${title}\n${lines.join('\n')}${rest === '' ? '' : `\n(${rest}; the rest with -o)`}`;
}
