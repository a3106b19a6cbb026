/** NumPy's .npz files: a zip of .npy files, one per array. */
import { zipSync } from 'fflate';
import type { NdArray } from '../array.js';
import { refuse } from '../errors.js';
import { readNpy, writeNpy } from './npy.js';
import { checkEntryName, readZip } from './zip.js';

const suffix = '.npy';

/**
 * Reads every array, keyed by name without `.npy`, in file order.
 * The arrays together may expand to 100 times the file, at least 256 MiB and at most 2 GiB: more is refused
 * before anything is decompressed.
 * @param bytes the whole file
 * @param name the file, for errors
 * @throws NetkinError 'input': damaged, encrypted, zip64, unsafe or repeated names, entries that are no .npy
 * or that {@link readNpy} refuses
 */
export function readNpz(bytes: Uint8Array, name: string): Map<string, NdArray> {
  const arrays = new Map<string, NdArray>();
  for (const entry of readZip(bytes, name)) {
    if (!entry.name.endsWith(suffix) || entry.name === suffix) {
      refuse('input', `${name} holds '${entry.name}', which is no .npy array. Save it with numpy.savez.`);
    }
    const label = `${name}: '${entry.name}'`;
    arrays.set(entry.name.slice(0, -suffix.length), readNpy(entry.read(), label));
  }
  if (arrays.size === 0) refuse('input', `${name} holds no arrays.`);
  return arrays;
}

/**
 * Writes arrays that `numpy.load` opens. The same arrays give the same bytes: dates are fixed to 1980-01-01.
 * @param entries arrays by name, without `.npy`; written in this order
 * @param level deflate level 0 (stored) to 9; default 6
 * @throws NetkinError 'input' for an unsafe name or an array whose shape does not fit its data
 */
export function writeNpz(
  entries: Readonly<Record<string, NdArray>> | ReadonlyMap<string, NdArray>,
  level: 0 | 1 | 2 | 3 | 4 | 5 | 6 | 7 | 8 | 9 = 6,
): Uint8Array {
  const pairs = entries instanceof Map ? [...entries] : Object.entries(entries);
  const files: Record<string, Uint8Array> = {};
  for (const [name, array] of pairs) {
    checkEntryName(name, 'npz');
    files[`${name}${suffix}`] = writeNpy(array);
  }
  // zip stores local time without a zone, so a local date gives the same bytes in every zone.
  return zipSync(files, { level, mtime: new Date(1980, 0, 1) });
}
