/** `netkin nearest`: the most similar inputs of each. */
import type { Command } from 'commander';
import { refuse } from '../../../src/errors.js';
import type { Neighbours } from '../../../src/index.js';
import { encodeCsv, encodeNpz, encodeRecords, single } from '../encode.js';
import { type Files, fileField } from '../inputs.js';
import { addCommonOptions, addFileOptions, type CommonOptions, type FileOptions } from '../options.js';
import { type Content, planOutput } from '../output.js';
import { wholeNumber } from '../parse.js';
import { assertComparable, view } from '../session.js';
import { decimal, plural, table, WIDTH } from '../table.js';
import { note, print, printJson } from '../terminal.js';
import { example, MODEL, SEEN } from './arguments.js';

interface NearestOptions extends CommonOptions, FileOptions {
  readonly queries?: string;
  readonly k?: number;
}

const extensions = ['.json', '.csv', '.npz'];
const USUAL = 10;
const SHOWN = 10; // rows on a terminal; -o writes all
const SHOWN_FILES = 5; // inputs, and neighbours of each, where every neighbour takes a line for its file

/** Files of the inputs asked about, and of those searched. */
interface Named {
  readonly asked: Files;
  readonly searched: Files;
}

export function register(program: Command): void {
  const command = program
    .command('nearest')
    .summary('the inputs most similar to each')
    .description(
      'The k inputs most similar to each input, best first; the input itself counts, with similarity 1.',
    )
    .argument('<MODEL>', MODEL)
    .argument('<INPUTS>', `searched: ${SEEN}`)
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
  const { seen, files, others, watch, bar } = shown;
  const k = options.k ?? Math.min(USUAL, seen.size);
  if (others) bar.inputs = others.size;
  const found = await seen.nearest(others?.inputs, k, watch);
  bar.stop();
  const named = { asked: others ? others.files : files, searched: files };
  const asked = found.indices.length / k;
  if (output) {
    await output.write(await encode(found, named, output.extension));
    note(`wrote ${output.path}: ${plural(asked, 'input')}, ${plural(k, 'neighbour')} each`);
    if (options.json) printJson({ wrote: output.path, inputs: asked, searched: seen.size, neighbours: k });
  } else if (options.json) {
    print([...encodeRecords(records(found, named))].join(''));
  } else if (named.asked || named.searched) print(describeFiles(found, named));
  else print(describe(found, seen.size));
}

async function encode(found: Neighbours, named: Named, extension: string): Promise<Content> {
  const { count, indices, similarities } = found;
  const shape = [indices.length / count, count];
  if (extension === '.npz') {
    return encodeNpz({ indices: { shape, data: indices }, similarities: { shape, data: similarities } });
  }
  if (extension === '.json') return encodeRecords(records(found, named));
  const { asked, searched } = named;
  return encodeCsv({
    index: Int32Array.from(indices, (_, i) => Math.floor(i / count)),
    ...(asked && { file: Array.from(indices, (_, i) => asked[Math.floor(i / count)]!) }),
    rank: Int32Array.from(indices, (_, i) => (i % count) + 1),
    neighbour: indices,
    ...(searched && { neighbourFile: Array.from(indices, (input) => searched[input]!) }),
    similarity: similarities,
  });
}

function* records({ count, indices, similarities }: Neighbours, { asked, searched }: Named) {
  for (let index = 0; index < indices.length / count; index++) {
    const neighbours = Array.from({ length: count }, (_, rank) => ({
      index: indices[index * count + rank]!,
      ...fileField(searched, indices[index * count + rank]!),
      similarity: single(similarities[index * count + rank]!),
    }));
    yield { index, ...fileField(asked, index), neighbours };
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
  const title = `${'input'.padStart(margin)}  neighbours and their similarity, best first`;
  return `${title}\n${lines.join('\n')}${cut(rows, SHOWN, count, fitting)}`;
}

/** One line for each neighbour: file names need the room. */
function describeFiles({ count, indices, similarities }: Neighbours, { asked, searched }: Named): string {
  const rows = indices.length / count;
  const lines = Array.from({ length: Math.min(rows, SHOWN_FILES) }, (_, row) =>
    Array.from({ length: Math.min(count, SHOWN_FILES) }, (_, rank) => {
      const at = row * count + rank;
      const first = rank === 0;
      return [
        first ? String(row) : '',
        ...(asked ? [first ? asked[row]! : ''] : []),
        String(indices[at]),
        ...(searched ? [searched[indices[at]!]!] : []),
        decimal(similarities[at]!, 3),
      ];
    }),
  ).flat();
  const right = { align: 'right' } as const;
  const body = table(
    [
      { title: 'input', ...right },
      ...(asked ? [{ title: 'file' }] : []),
      { title: 'neighbour', ...right },
      ...(searched ? [{ title: 'file' }] : []),
      { title: 'similarity', ...right },
    ],
    lines,
  );
  return body + cut(rows, SHOWN_FILES, count, SHOWN_FILES);
}

/** What a terminal does not show. */
function cut(rows: number, shownRows: number, count: number, shownCount: number): string {
  const parts = [
    rows > shownRows ? `first ${shownRows} of ${rows} inputs` : '',
    count > shownCount ? `first ${shownCount} of ${count} neighbours` : '',
  ].filter((part) => part !== '');
  return parts.length === 0 ? '' : `\n(${parts.join(', ')}; the rest with -o)`;
}
