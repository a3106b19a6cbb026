/** `netkin denoise --rounds`: labels averaged again and again. */
import type { Corrected } from '../../../src/index.js';
import { encodeCsv, encodeNpz, rowsOf } from '../encode.js';
import type { Files } from '../inputs.js';
import type { OutputFile } from '../output.js';
import { decimal, plural, table } from '../table.js';
import { note, print, printJson } from '../terminal.js';

/** Writes and prints what rounds made of the labels of d outputs. */
export async function tellRounds(
  found: Corrected,
  d: number,
  files: Files,
  output: OutputFile | null,
  json: boolean,
): Promise<void> {
  const { labels, rounds, undefinedAt } = found;
  const n = labels.length / d;
  if (undefinedAt.length > 0)
    note(`no average is defined for ${plural(undefinedAt.length, 'input')}: these keep their labels`);
  if (output) {
    const columns: Record<string, ArrayLike<number> | readonly string[]> = {
      index: Int32Array.from({ length: n }, (_, i) => i),
      ...(files && { file: files }),
    };
    for (let c = 0; c < d; c++)
      columns[`label_${c}`] = Float64Array.from({ length: n }, (_, i) => labels[i * d + c]!);
    const content =
      output.extension === '.npz'
        ? await encodeNpz({ labels: { shape: [n, d], data: labels } })
        : await encodeCsv(columns);
    await output.write(content);
    note(`wrote ${output.path}: ${plural(n, 'input')}, ${plural(d, 'output')}`);
  }
  if (json) {
    const summary = { inputs: n, rounds, undefinedAt };
    printJson(output ? { wrote: output.path, ...summary } : { ...summary, labels: rowsOf(labels, d) });
  } else print(describe(rounds));
}

function describe(rounds: Corrected['rounds']): string {
  const right = { align: 'right' } as const;
  const counted = rounds.some(({ changed }) => changed !== null);
  return table(
    [
      { title: 'round', ...right },
      { title: 'labels moved by (rms)', ...right },
      ...(counted ? [{ title: 'other class', ...right }] : []),
    ],
    rounds.map(({ change, changed }, i) => [
      String(i + 1),
      decimal(change),
      ...(counted ? [String(changed)] : []),
    ]),
  );
}
