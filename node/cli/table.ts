/** Tables and numbers for a terminal of 80 columns. */
import { printable } from './terminal.js';

export const WIDTH = 80;
const GAP = '  ';

export interface Column {
  readonly title: string;
  /** Numbers stand right, text stands left and gives way where the line is too long. */
  readonly align?: 'left' | 'right';
}

/** Lines of columns, at most 80 wide as long as the numbers leave room for the text. */
export function table(columns: readonly Column[], rows: readonly (readonly string[])[]): string {
  const clean = rows.map((row) => row.map(printable));
  const widths = columns.map(({ title }, c) =>
    Math.max(length(title), ...clean.map((row) => length(row[c] ?? ''))),
  );
  let excess = widths.reduce((sum, width) => sum + width + GAP.length, -GAP.length) - WIDTH;
  while (excess > 0) {
    const widest = columns.reduce(
      (best, { align }, c) => (align !== 'right' && widths[c]! > (widths[best] ?? 8) ? c : best),
      -1,
    );
    if (widest < 0) break;
    widths[widest]! -= 1;
    excess -= 1;
  }
  const line = (cells: readonly string[]) =>
    columns
      .map(({ align }, c) => {
        const text = shortened(cells[c] ?? '', widths[c]!);
        const space = ' '.repeat(Math.max(0, widths[c]! - length(text)));
        return align === 'right' ? space + text : text + space;
      })
      .join(GAP)
      .trimEnd();
  return [line(columns.map(({ title }) => title)), ...clean.map(line)].join('\n');
}

/** Facts: a title, then its value, in two columns. */
export function facts(pairs: readonly (readonly [string, string])[]): string {
  const width = Math.max(...pairs.map(([title]) => length(title)));
  return pairs
    .map(
      ([title, text]) =>
        `${title.padEnd(width)}${GAP}${wrapped(printable(text), WIDTH - width - GAP.length).join(`\n${' '.repeat(width)}${GAP}`)}`,
    )
    .join('\n');
}

/** Words in lines of at most `width` characters; longer words keep a line of their own. */
export function wrapped(text: string, width: number): string[] {
  const lines: string[] = [];
  for (const word of text.split(' ')) {
    const last = lines.at(-1);
    if (last !== undefined && length(last) + 1 + length(word) <= width)
      lines[lines.length - 1] = `${last} ${word}`;
    else lines.push(word);
  }
  return lines;
}

/** The text in at most `width` characters, cut in the middle: names differ at both ends. */
export function shortened(text: string, width: number): string {
  const characters = [...text];
  if (characters.length <= width) return text;
  const tail = Math.floor((width - 1) / 2);
  return `${characters.slice(0, width - 1 - tail).join('')}…${tail > 0 ? characters.slice(-tail).join('') : ''}`;
}

function length(text: string): number {
  return [...text].length;
}

/** 0.1235; four significant digits where that would hide the number. */
export function decimal(value: number, digits = 4): string {
  if (!Number.isFinite(value)) return '-';
  if (value === 0 || (Math.abs(value) >= 1e-3 && Math.abs(value) < 1e4)) return value.toFixed(digits);
  return value.toExponential(Math.max(1, digits - 2));
}

/** 109 386; from a million on 1.23 M, then G, T and P. */
export function count(value: number): string {
  if (value < 1e6) return String(Math.round(value)).replace(/\B(?=(?:\d{3})+$)/g, ' ');
  return scaled(value, 1e3, ['', 'k', 'M', 'G', 'T', 'P', 'E']);
}

/** 345 B, 1.2 KiB, 3.4 GiB */
export function bytes(value: number): string {
  return value < 1024 ? `${value} B` : scaled(value, 1024, ['B', 'KiB', 'MiB', 'GiB', 'TiB', 'PiB']);
}

function scaled(value: number, base: number, names: readonly string[]): string {
  let power = 0;
  let rest = value;
  while (rest >= base && power < names.length - 1) {
    rest /= base;
    power++;
  }
  return `${rest < 10 ? rest.toFixed(2) : rest < 100 ? rest.toFixed(1) : rest.toFixed(0)} ${names[power]}`;
}

/** `1 input`, `3 inputs` */
export function plural(amount: number, noun: string): string {
  return `${count(amount)} ${noun}${amount === 1 ? '' : 's'}`;
}
