/** Results as the content of files. Formats load when they are needed. */
import { elements, type NdArray } from '../../src/array.js';
import type { Content } from './output.js';

const PIECE = 2 ** 16; // characters: few enough calls, little memory

export async function encodeNpy(array: NdArray): Promise<Content> {
  const { writeNpy } = await import('../../src/format/npy.js');
  return writeNpy(array);
}

export async function encodeNpz(arrays: Readonly<Record<string, NdArray>>): Promise<Content> {
  const { writeNpz } = await import('../../src/format/npz.js');
  return writeNpz(arrays);
}

/** Named columns; numbers that are not defined (NaN) become empty cells. */
export async function encodeCsv(
  columns: Readonly<Record<string, ArrayLike<number> | readonly string[]>>,
): Promise<Content> {
  const { writeCsv } = await import('../../src/format/csv-write.js');
  const whole = Object.entries(columns).map(([name, column]) => [name, withoutGaps(column)]);
  return writeCsv(Object.fromEntries(whole));
}

/** An n × m array without header, in pieces: the text of a large matrix does not fit one string. */
export async function encodeMatrixCsv(array: NdArray): Promise<Content> {
  const { writeMatrixCsv } = await import('../../src/format/csv-write.js');
  const [rows = 0, ...row] = array.shape;
  const width = elements(row);
  const step = Math.max(1, Math.floor(PIECE / Math.max(1, 10 * width)));
  return (function* () {
    for (let first = 0; first < rows; first += step) {
      const last = Math.min(rows, first + step);
      yield writeMatrixCsv({
        shape: [last - first, ...row],
        data: array.data.subarray(first * width, last * width),
      });
    }
  })();
}

/** A JSON list with one record on each line, in pieces. */
export function* encodeRecords(records: Iterable<unknown>): Generator<string> {
  let piece = '[';
  let separator = '\n';
  for (const record of records) {
    piece += separator + JSON.stringify(record);
    separator = ',\n';
    if (piece.length < PIECE) continue;
    yield piece;
    piece = '';
  }
  yield `${piece}${separator === '\n' ? '' : '\n'}]\n`;
}

function withoutGaps(column: ArrayLike<number> | readonly string[]): ArrayLike<number> | readonly string[] {
  const cells = Array.from(column as ArrayLike<number | string>);
  if (cells.every((cell) => typeof cell === 'string' || Number.isFinite(cell))) return column;
  return cells.map((cell) => (Number.isFinite(cell) ? String(cell) : ''));
}

/** A float32 value with the digits that it has. */
export function single(value: number): number {
  return Number(value.toPrecision(9));
}

/** n × width values as a list of rows. */
export function rowsOf(values: ArrayLike<number>, width: number): number[][] {
  return Array.from({ length: values.length / width }, (_, row) =>
    Array.from({ length: width }, (_, column) => values[row * width + column]!),
  );
}
