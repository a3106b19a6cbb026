/** Tables out: comma, \n, numbers in the shortest form that reads back as the same number. */
import { elements, type NdArray } from '../array.js';
import { refuse } from '../errors.js';

type Column = ArrayLike<number> | readonly string[];

/**
 * Writes named columns of equal length, one header row first.
 * Text that a spreadsheet would run as a formula (it begins with = + - @, tab or return, and is no number) gets a
 * leading apostrophe. Cells with commas, quotes or line breaks are quoted, quotes doubled.
 * @param columns numbers (finite) or strings by column name, in this order
 * @throws NetkinError 'input' for columns of different lengths and for numbers that are not finite
 */
export function writeCsv(columns: Readonly<Record<string, Column>>): string {
  const names = Object.keys(columns);
  const length = columns[names[0] ?? '']?.length ?? 0;
  for (const name of names) {
    const actual = columns[name]!.length;
    if (actual !== length) {
      refuse(
        'input',
        `Column '${name}' has ${actual} rows, column '${names[0]}' has ${length}: a table needs equal columns.`,
      );
    }
  }
  const lines = [names.map(textCell).join(',')];
  for (let row = 0; row < length; row++) {
    lines.push(names.map((name) => cell(columns[name]!, row, name)).join(','));
  }
  return `${lines.join('\n')}\n`;
}

/**
 * Writes an n × m array as n lines of m cells, a one-dimensional array as one column; no header.
 * @throws NetkinError 'input' for more axes and for numbers that are not finite
 */
export function writeMatrixCsv(array: NdArray): string {
  const { shape, data } = array;
  if (shape.length < 1 || shape.length > 2 || elements(shape) !== data.length) {
    refuse(
      'input',
      `A CSV file holds rows and columns, not the shape (${shape.join(', ')}). Write .npy instead.`,
    );
  }
  const [rows, columns = 1] = shape as [number, number?];
  const lines: string[] = [];
  for (let row = 0; row < rows; row++) {
    const cells: string[] = [];
    for (let column = 0; column < columns; column++) cells.push(cell(data, row * columns + column, 'matrix'));
    lines.push(cells.join(','));
  }
  return lines.length === 0 ? '' : `${lines.join('\n')}\n`;
}

function cell(column: Column, row: number, name: string): string {
  const value = column[row]!;
  if (typeof value === 'string') return textCell(value);
  if (!Number.isFinite(value))
    refuse('input', `Column '${name}', row ${row} is ${value}: a table holds finite numbers.`);
  return column instanceof Float32Array ? shortestSingle(value) : shortest(value);
}

function shortest(value: number): string {
  return Object.is(value, -0) ? '-0' : String(value);
}

/** The shortest decimal that rounds to the same float32: at most 9 digits instead of float64's 17. */
function shortestSingle(value: number): string {
  if (value === 0) return shortest(value); // toPrecision drops the sign of -0
  for (let digits = 6; digits < 9; digits++) {
    const rounded = Number(value.toPrecision(digits));
    if (Math.fround(rounded) === value) return shortest(rounded);
  }
  return shortest(Number(value.toPrecision(9)));
}

function textCell(text: string): string {
  const formula = /^[=+\-@\t\r]/.test(text) && !/^[+-]?(?:\d+\.?\d*|\.\d+)(?:[eE][+-]?\d+)?$/.test(text);
  const safe = formula ? `'${text}` : text;
  return formula || /[",\n\r]|^\s|\s$/.test(safe) ? `"${safe.replaceAll('"', '""')}"` : safe;
}
