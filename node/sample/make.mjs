/**
 * Makes the bundled sample, fashion-3000.npz, from the training files of Fashion-MNIST:
 *
 *     node node/sample/make.mjs [folder]        (default: where Debian's dataset-fashion-mnist puts them)
 *
 * images  u1 3000 × 28 × 28   the first 3000 training images, unchanged
 * truth   u1 3000             their labels
 * labels  u1 3000             the same, but for 150 (5 %) that are wrong on purpose
 *
 * Which are wrong depends on the seed and the position alone. hash(seed, stream, i) is a 32-bit number:
 *   1. the 150 positions i with the smallest hash(seed, 0, i) are wrong (equal hashes: the smaller i first);
 *   2. a wrong label is (truth + 1 + hash(seed, 1, i) mod 9) mod 10: any of the nine other classes.
 *
 * Plain JavaScript, apart from src/format, so that it runs before anything is built.
 * The same input gives the same bytes.
 */
import { readFileSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { fileURLToPath } from 'node:url';
import { gunzipSync } from 'node:zlib';
import { zipSync } from 'fflate';

const folder = process.argv[2] ?? '/usr/share/datasets/fashion-mnist';
const count = 3000;
const wrongCount = 150;
const seed = 20240601;
const classes = 10;
const pixels = 28 * 28;
const largest = 2_000_000; // bytes: the sample travels in the package

const images = readIdx('train-images-idx3-ubyte.gz', 0x803).subarray(16, 16 + count * pixels);
const truth = readIdx('train-labels-idx1-ubyte.gz', 0x801).subarray(8, 8 + count);
const labels = Uint8Array.from(truth);
const wrong = Array.from(labels, (_, i) => i)
  .sort((i, j) => hash(0, i) - hash(0, j) || i - j)
  .slice(0, wrongCount);
for (const i of wrong) labels[i] = (truth[i] + 1 + (hash(1, i) % (classes - 1))) % classes;

const bytes = zipSync(
  {
    'images.npy': npy([count, 28, 28], images),
    'labels.npy': npy([count], labels),
    'truth.npy': npy([count], truth),
  },
  { level: 9, mtime: new Date(1980, 0, 1) },
);
if (bytes.length > largest) throw new Error(`The sample has ${bytes.length} bytes, more than ${largest}.`);
const target = fileURLToPath(new URL('fashion-3000.npz', import.meta.url));
writeFileSync(target, bytes);
console.log(`${target}: ${bytes.length} bytes, ${wrong.length} of ${count} labels wrong`);

function readIdx(name, magic) {
  const bytes = gunzipSync(readFileSync(join(folder, name)));
  if (bytes.readUInt32BE(0) !== magic) throw new Error(`${name} is not the file expected.`);
  return bytes;
}

/** Three rounds of the finalizer of MurmurHash3, one for each of seed, stream and position. */
function hash(stream, position) {
  return mix(mix(mix(seed) ^ stream) ^ position);
}

function mix(value) {
  let bits = (value + 0x9e3779b9) | 0;
  bits = Math.imul(bits ^ (bits >>> 16), 0x85ebca6b);
  bits = Math.imul(bits ^ (bits >>> 13), 0xc2b2ae35);
  return (bits ^ (bits >>> 16)) >>> 0;
}

/** NumPy's format 1.0; the header ends at a multiple of 64 bytes. */
function npy(shape, content) {
  const extents = shape.length === 1 ? `${shape[0]},` : shape.join(', ');
  const header = `{'descr': '|u1', 'fortran_order': False, 'shape': (${extents}), }`;
  const start = Math.ceil((10 + header.length + 1) / 64) * 64;
  const bytes = Buffer.alloc(start + content.length);
  bytes.write('\x93NUMPY\x01\x00', 'latin1');
  bytes.writeUInt16LE(start - 10, 8);
  bytes.write(`${header.padEnd(start - 11)}\n`, 10, 'latin1');
  bytes.set(content, start);
  return bytes;
}
