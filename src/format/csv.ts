/** Comma-separated numbers, read strictly: every cell is a finite decimal number, every row has the same cells. */
import { csvParseRows } from 'd3-dsv';
import type { NdArray } from '../array.js';
import { refuse } from '../errors.js';

export interface Table {
  /** Names of the first row; null when it holds numbers. */
  readonly columns: readonly string[] | null;
  /** rows × columns */
  readonly array: NdArray<Float64Array>;
}

const decimal = /^[+-]?(?:\d+\.?\d*|\.\d+)(?:[eE][+-]?\d+)?$/;
/** What other tools write for a missing or infinite number. In a first row these are bad numbers, not column names. */
const missing = /^(?:[+-]?(?:nan|inf|infinity)|na|n\/a|#n\/a|null|none)?$/i;

/**
 * Reads a table of numbers. The first row is a header when it holds text (more than marks of missing numbers: empty,
 * nan, inf, NA, null) and no number: a row of both is a row of data with a bad cell, and is refused.
 * @param source the text, or its UTF-8 bytes; separated by commas, quoted as in RFC 4180
 * @param name the file, for errors
 * @throws NetkinError 'input' with line and column: cells that are empty, nan, infinite or no number, and rows of
 * another length; also for a file without rows
 */
export function readCsv(source: string | Uint8Array, name: string): Table {
  let columns: readonly string[] | null = null;
  let width = 0;
  let values = new Float64Array(1024);
  let filled = 0;
  eachRow(source, name, (cells, line) => {
    if (width === 0) {
      width = cells.length;
      if (isHeader(cells, name, line)) {
        columns = cells.map((cell) => cell.trim());
        return;
      }
    }
    if (cells.length !== width) {
      refuse(
        'input',
        `${name}: line ${line} has ${cells.length} ${cells.length === 1 ? 'cell' : 'cells'}, the first row has ${width}. Make the rows equally long.`,
      );
    }
    if (filled + width > values.length) {
      const larger = new Float64Array(2 * values.length + width);
      larger.set(values);
      values = larger;
    }
    for (let column = 0; column < width; column++) {
      values[filled++] = parseNumber(cells[column]!, name, line, column, columns);
    }
  });
  if (filled === 0) refuse('input', `${name} holds no rows of numbers.`);
  return { columns, array: { shape: [filled / width, width], data: values.slice(0, filled) } };
}

/** @throws NetkinError 'input' for a row of names and numbers */
function isHeader(cells: readonly string[], name: string, line: number): boolean {
  const text = cells.findIndex((cell) => !isNumber(cell) && !missing.test(cell.trim()));
  if (text < 0) return false;
  const number = cells.findIndex(isNumber);
  if (number < 0) return true;
  refuse(
    'input',
    `${name}: line ${line}, column ${text + 1} is ${shorten(cells[text]!.trim())}, not a number, but column ${number + 1} is the number ${shorten(cells[number]!.trim())}. Names of columns are all text; a row of data is all numbers.`,
  );
}

/**
 * Calls `visit` with the cells and the line (from 1) of each row. Empty lines at the end are skipped.
 * @throws NetkinError 'input': not UTF-8, an open quote, an empty line between rows
 */
export function eachRow(
  source: string | Uint8Array,
  name: string,
  visit: (cells: readonly string[], line: number) => void,
): void {
  const text = typeof source === 'string' ? source.replace(/^\uFEFF/, '') : decodeText(source, name);
  let line = 1;
  let emptyLine = 0;
  if (countOf('"', text) % 2 === 1) refuse('input', `${name}: a quote is opened and never closed.`);
  csvParseRows(text, (cells) => {
    if (cells.length === 1 && cells[0]!.trim() === '') {
      emptyLine ||= line;
    } else {
      if (emptyLine > 0) refuse('input', `${name}: line ${emptyLine} is empty. Remove it, or fill it in.`);
      visit(cells, line);
    }
    line++;
    for (const cell of cells) line += countOf('\n', cell); // a quoted cell may span lines
    return null; // the rows are not kept: a large table would need many times its size as strings
  });
}

function countOf(character: string, text: string): number {
  let count = 0;
  for (let at = text.indexOf(character); at >= 0; at = text.indexOf(character, at + 1)) count++;
  return count;
}

function decodeText(bytes: Uint8Array, name: string): string {
  try {
    return new TextDecoder('utf-8', { fatal: true }).decode(bytes); // also drops a byte order mark
  } catch (cause) {
    refuse(
      'input',
      `${name} is not UTF-8 text, or too long for one string. Save it as UTF-8 CSV, or as .npy.`,
      cause,
    );
  }
}

export function isNumber(cell: string): boolean {
  return decimal.test(cell.trim());
}

/** @throws NetkinError 'input' naming line and column */
export function parseNumber(
  cell: string,
  name: string,
  line: number,
  column: number,
  columns: readonly string[] | null,
): number {
  const text = cell.trim();
  if (decimal.test(text)) {
    const value = Number(text);
    if (Number.isFinite(value)) return value;
  }
  const title = columns === null ? '' : ` (${shorten(columns[column]!)})`;
  const place = `${name}: line ${line}, column ${column + 1}${title}`;
  if (text === '') refuse('input', `${place} is empty. Fill it in, or remove the row.`);
  if (decimal.test(text) || missing.test(text)) {
    refuse('input', `${place} is ${shorten(text)}, not a finite number. Fill it in, or remove the row.`);
  }
  const hint = /[;\t]/.test(text) ? 'Separate the cells by commas.' : 'Only a header row may hold text.';
  refuse('input', `${place} is ${shorten(text)}, not a number. ${hint}`);
}

/** A cell as it may stand in a one-line message. */
export function shorten(cell: string): string {
  return JSON.stringify(cell.length > 40 ? `${cell.slice(0, 40)}…` : cell);
}
