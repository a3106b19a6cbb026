/**
 * The directory of a zip file, read strictly: every offset and size is checked against the actual bytes, and
 * what netkin does not need (encryption, several disks, zip64 sizes, odd methods) is refused.
 */
import { refuse } from '../errors.js';
import { crc32, expansionLimit, inflateExact } from './inflate.js';

export interface ZipEntry {
  readonly name: string;
  /** Declared bytes after decompression; `read` refuses any other number. */
  readonly size: number;
  /** Decompresses and checks the CRC-32. */
  read(): Uint8Array;
}

const endLength = 22; // end record without comment
const centralLength = 46;
const localLength = 30;
const endMark = 0x06054b50;
const centralMark = 0x02014b50;
const localMark = 0x04034b50;
const zip64 = 0xffffffff; // "the value stands in a zip64 record"
const encrypted = 0x1 | 0x40 | 0x2000; // flag bits: classic, strong, and hidden directory

/**
 * @throws NetkinError 'input': no zip file, cut off, encrypted, zip64, a method other than stored and deflate,
 * a name that is unsafe or occurs twice, or contents that sum up beyond {@link expansionLimit}
 */
export function readZip(bytes: Uint8Array, file: string): ZipEntry[] {
  const view = new DataView(bytes.buffer, bytes.byteOffset, bytes.byteLength);
  const end = findEnd(view);
  if (end < 0)
    refuse('input', `${file} is not a zip file, or is cut off: its directory is missing. Copy it again.`);
  const count = view.getUint16(end + 10, true);
  let offset = view.getUint32(end + 16, true);
  if (offset === zip64 || count === 0xffff || view.getUint32(end + 12, true) === zip64) {
    refuse(
      'input',
      `${file} needs zip64 (over 4 GiB or 65534 entries). Save its arrays as separate .npy files.`,
    );
  }
  if (view.getUint32(end + 4, true) !== 0 || view.getUint16(end + 8, true) !== count) {
    refuse('input', `${file} is one part of a split zip file. Join the parts first.`);
  }
  const entries: ZipEntry[] = [];
  const names = new Set<string>();
  let total = 0;
  for (let i = 0; i < count; i++) {
    if (offset + centralLength > end || view.getUint32(offset, true) !== centralMark) {
      refuse('input', `${file}: entry ${i} of the zip directory is damaged. Save the file again.`);
    }
    const nameLength = view.getUint16(offset + 28, true);
    const next =
      offset +
      centralLength +
      nameLength +
      view.getUint16(offset + 30, true) +
      view.getUint16(offset + 32, true);
    if (next > end)
      refuse('input', `${file}: entry ${i} of the zip directory is cut off. Save the file again.`);
    const nameBytes = bytes.subarray(offset + centralLength, offset + centralLength + nameLength);
    const name = entryName(nameBytes, file);
    if (names.has(name))
      refuse('input', `${file} holds two entries named '${name}'. Save it again with one of them.`);
    names.add(name);
    const entry = openEntry(view, bytes, offset, end, nameBytes, name, file);
    total += entry.size;
    if (total > expansionLimit(bytes.length)) {
      refuse(
        'input',
        `${file} would expand from ${bytes.length} bytes to at least ${total}, beyond the limit of ${expansionLimit(bytes.length)} bytes (100-fold, at least 256 MiB, at most 2 GiB). Save its arrays as .npy files.`,
      );
    }
    entries.push(entry);
    offset = next;
  }
  return entries;
}

/** The end record closes the file, but for a comment whose length it states. */
function findEnd(view: DataView): number {
  const last = view.byteLength - endLength;
  for (let offset = last; offset >= Math.max(0, last - 0xffff); offset--) {
    if (view.getUint32(offset, true) === endMark && view.getUint16(offset + 20, true) === last - offset)
      return offset;
  }
  return -1;
}

/** Decodes and checks a name, although netkin never writes entries to disk: names reach messages and keys. */
function entryName(bytes: Uint8Array, file: string): string {
  let name: string;
  try {
    name = new TextDecoder('utf-8', { fatal: true }).decode(bytes);
  } catch (cause) {
    refuse('input', `${file}: an entry name is not UTF-8. Save the file again with plain names.`, cause);
  }
  checkEntryName(name, file);
  return name;
}

/** @throws NetkinError 'input' for `..`, absolute paths, backslashes, control characters and `__proto__` */
export function checkEntryName(name: string, file: string): void {
  // biome-ignore lint/suspicious/noControlCharactersInRegex: control characters are what is refused
  const unsafe = name === '' || /\.\.|^\/|^[A-Za-z]:|\\|__proto__|[\u0000-\u001f\u007f]/.test(name);
  if (unsafe) {
    refuse(
      'input',
      `${file}: the entry name ${JSON.stringify(name.slice(0, 60))} is not safe. Use plain names such as 'images'.`,
    );
  }
}

function openEntry(
  view: DataView,
  bytes: Uint8Array,
  central: number,
  directory: number,
  nameBytes: Uint8Array,
  name: string,
  file: string,
): ZipEntry {
  const label = `${file}: '${name}'`;
  const flags = view.getUint16(central + 8, true);
  const method = view.getUint16(central + 10, true);
  const checksum = view.getUint32(central + 16, true);
  const compressedSize = view.getUint32(central + 20, true);
  const size = view.getUint32(central + 24, true);
  const local = view.getUint32(central + 42, true);
  if (flags & encrypted) refuse('input', `${label} is encrypted. Save it without a password.`);
  if (method !== 0 && method !== 8) {
    refuse(
      'input',
      `${label} uses zip method ${method}; netkin reads stored and deflate. Save it with numpy.savez.`,
    );
  }
  if (compressedSize === zip64 || size === zip64 || local === zip64) {
    refuse('input', `${label} needs zip64 (over 4 GiB). Save it as a .npy file.`);
  }
  if (local + localLength > directory || view.getUint32(local, true) !== localMark) {
    refuse('input', `${label} points outside the file or at no entry: damaged zip file. Save it again.`);
  }
  const nameLength = view.getUint16(local + 26, true);
  const start = local + localLength + nameLength + view.getUint16(local + 28, true);
  if (start + compressedSize > directory) refuse('input', `${label} is cut off. Copy the file again.`);
  // Two readers must not see two names for the same bytes.
  if (
    nameLength !== nameBytes.length ||
    nameBytes.some((byte, i) => bytes[local + localLength + i] !== byte)
  ) {
    refuse('input', `${label} has another name where its content begins: damaged zip file. Save it again.`);
  }
  if (method === 0 && compressedSize !== size)
    refuse('input', `${label} is stored, yet declares two sizes: damaged zip file.`);
  const content = bytes.subarray(start, start + compressedSize);
  return {
    name,
    size,
    read() {
      const result = method === 0 ? content : inflateExact(content, size, label);
      if (crc32(result) !== checksum)
        refuse('input', `${label} fails its checksum: the file is damaged. Copy it again.`);
      return result;
    },
  };
}
