/** One door for data files: the extension names the format, the reader of that format does the rest. */
import type { NdArray } from '../array.js';
import { refuse } from '../errors.js';
import { assertFinite } from './check.js';
import { readCsv } from './csv.js';
import { readIdx } from './idx.js';
import { type Labels, readLabels } from './labels.js';
import { readNpy } from './npy.js';
import { readNpz } from './npz.js';

export type ArrayFile =
  | { readonly kind: 'array'; readonly array: NdArray }
  | {
      readonly kind: 'table';
      readonly array: NdArray<Float64Array>;
      readonly columns: readonly string[] | null;
    }
  | { readonly kind: 'arrays'; readonly arrays: ReadonlyMap<string, NdArray> };

type Format = 'npy' | 'npz' | 'csv' | 'idx';

const understood = '.npy, .npz, .csv, .idx, .idx.gz, or the names of MNIST (train-images-idx3-ubyte.gz)';

/**
 * Reads a data file. Every array in the result is finite.
 * @param bytes the whole file
 * @param name its name or path; the extension chooses the format, in any case
 * @throws NetkinError 'input' for an unknown extension, and whatever the reader of the format refuses
 */
export function readArrayFile(bytes: Uint8Array, name: string): ArrayFile {
  const format = formatOf(name);
  switch (format) {
    case 'npy':
      return { kind: 'array', array: finite(readNpy(bytes, name), name) };
    case 'idx':
      return { kind: 'array', array: finite(readIdx(bytes, name), name) };
    case 'csv':
      return { kind: 'table', ...readCsv(bytes, name) };
    case 'npz': {
      const arrays = readNpz(bytes, name);
      for (const [key, array] of arrays) assertFinite(array, `${name}: '${key}'`);
      return { kind: 'arrays', arrays };
    }
    default:
      return format satisfies never;
  }
}

/**
 * Reads labels: a CSV as {@link readLabels} does, otherwise one array of n class ids or n × d targets.
 * An .npz must hold one array, or one called `labels`.
 * @throws NetkinError 'input' as {@link readArrayFile}
 */
export function readLabelFile(bytes: Uint8Array, name: string): Labels {
  if (formatOf(name) === 'csv') return readLabels(bytes, name);
  const file = readArrayFile(bytes, name);
  if (file.kind !== 'arrays') return { classes: null, columns: null, array: file.array };
  const [only] = file.arrays.values();
  const array = file.arrays.get('labels') ?? (file.arrays.size === 1 ? only : undefined);
  if (array === undefined) {
    const held = [...file.arrays.keys()].slice(0, 8).join(', ');
    refuse(
      'input',
      `${name} holds ${held}, but no array called labels. Save the labels as their own .npy file.`,
    );
  }
  return { classes: null, columns: null, array };
}

/**
 * For a look before the file is read.
 * @throws NetkinError 'input' for an unknown extension
 */
export function assertFormat(name: string): void {
  formatOf(name);
}

function formatOf(name: string): Format {
  const lower = name.toLowerCase();
  if (/\.idx(?:\.gz)?$|[-.]idx\d+-(?:ubyte|byte|short|int|float|double)(?:\.gz)?$/.test(lower)) return 'idx';
  const extension = /\.[^./\\]*(?:\.gz)?$/.exec(lower)?.[0] ?? '';
  switch (extension) {
    case '.npy':
      return 'npy';
    case '.npz':
      return 'npz';
    case '.csv':
      return 'csv';
    case '.parquet':
    case '.h5':
    case '.hdf5':
      refuse('input', `${name}: netkin does not read ${extension} data yet. Save it as .npy or .npz.`);
  }
  const advice = extension.endsWith('.gz') ? 'Decompress it first' : 'Save it as one of these';
  refuse('input', `${name}: the format is not known by its name. netkin reads ${understood}. ${advice}.`);
}

function finite(array: NdArray, name: string): NdArray {
  assertFinite(array, name);
  return array;
}
