/** Labels from a CSV file: class names, class ids, or regression targets. */
import type { NdArray } from '../array.js';
import { refuse } from '../errors.js';
import { eachRow, isNumber, parseNumber, readCsv, shorten } from './csv.js';

export interface Labels {
  /** Class names in sorted order; `array` holds positions in it. Null when the file holds numbers. */
  readonly classes: readonly string[] | null;
  /** Names of the first row of a CSV file, where it was taken for a header; null otherwise. */
  readonly columns: readonly string[] | null;
  /** n (class ids, or one target each) or n × d (regression targets) */
  readonly array: NdArray;
}

/** First cells that announce a column of class names; any other text in the first row is a class. */
const titles = /^(?:labels?|class(?:es)?|targets?|category|species)$/i;

/**
 * Reads labels, one row per input:
 * a header with a column called `label` picks that column and ignores the others (such as `index`);
 * otherwise one column of names or numbers (its header may be called label, class, target, category, species, or
 * anything when numbers follow), or several columns of numbers.
 * Names are compared exactly and sorted by code unit, the same in every locale.
 * @param source the text, or its UTF-8 bytes
 * @param name the file, for errors
 * @throws NetkinError 'input' with line and column: empty cells, names mixed with numbers, ragged rows, several
 * columns of text without one called `label`
 */
export function readLabels(source: string | Uint8Array, name: string): Labels {
  let first: readonly string[] | null = null;
  let picked = -1; // the column called label
  const cells: string[] = [];
  const lines: number[] = [];
  eachRow(source, name, (row, line) => {
    if (first === null) {
      first = row;
      picked = row.findIndex((cell) => cell.trim().toLowerCase() === 'label');
      if (picked >= 0) return;
    }
    if (row.length !== first.length) {
      refuse(
        'input',
        `${name}: line ${line} has ${row.length} ${row.length === 1 ? 'cell' : 'cells'}, the first row has ${first.length}. Make the rows equally long.`,
      );
    }
    if (first.length > 1 && picked < 0) return; // read again below, as a table of numbers
    cells.push(row[Math.max(picked, 0)]!.trim());
    lines.push(line);
  });
  const header = first as readonly string[] | null;
  if (header === null) refuse('input', `${name} holds no labels.`);
  if (header.length > 1 && picked < 0) return readTargets(source, name);

  const column = Math.max(picked, 0);
  const titled = picked >= 0 || isTitle(cells) ? header.map((cell) => cell.trim()) : null;
  if (picked < 0 && titled) {
    cells.shift();
    lines.shift();
  }
  if (cells.length === 0) refuse('input', `${name} holds no labels below its header.`);
  const numbers = cells.filter(isNumber).length;
  if (numbers === 0) return { ...nameClasses(cells, lines, name, column), columns: titled };
  const odd = cells.findIndex((cell) => !isNumber(cell));
  if (odd >= 0 && numbers < cells.length / 2) {
    const number = cells.findIndex(isNumber);
    refuse(
      'input',
      `${name}: line ${lines[number]} is the number ${shorten(cells[number]!)} among class names. Use names or numbers throughout.`,
    );
  }
  const data = Float64Array.from(cells, (cell, row) => parseNumber(cell, name, lines[row]!, column, titled));
  return { classes: null, columns: titled, array: { shape: [data.length], data } };
}

/** Whether the first cell of a single column is its header. */
function isTitle(cells: readonly string[]): boolean {
  const [first = '', ...others] = cells;
  if (isNumber(first) || first === '') return false;
  return titles.test(first) || (others.length > 0 && others.every(isNumber));
}

function nameClasses(
  cells: readonly string[],
  lines: readonly number[],
  name: string,
  column: number,
): Pick<Labels, 'classes' | 'array'> {
  const empty = cells.indexOf('');
  if (empty >= 0) {
    refuse(
      'input',
      `${name}: line ${lines[empty]}, column ${column + 1} is empty. Fill in the class, or remove the row.`,
    );
  }
  const classes = [...new Set(cells)].sort();
  const ids = new Map(classes.map((title, id) => [title, id]));
  return {
    classes,
    array: { shape: [cells.length], data: Float64Array.from(cells, (cell) => ids.get(cell)!) },
  };
}

function readTargets(source: string | Uint8Array, name: string): Labels {
  try {
    return { classes: null, ...readCsv(source, name) };
  } catch (cause) {
    const detail = cause instanceof Error ? cause.message : String(cause);
    refuse('input', `${detail} For class names among other columns, call their column label.`, cause);
  }
}
