/** Every reader, given a damaged file, returns a valid result or refuses in its own words; it never hangs. */

import { encode as encodePng } from 'fast-png';
import { gzipSync } from 'fflate';
import { encode as encodeJpeg } from 'jpeg-js';
import { describe, expect, it } from 'vitest';
import { elements, type NdArray } from '../../src/array.js';
import { NetkinError } from '../../src/errors.js';
import { readCsv } from '../../src/format/csv.js';
import { readIdx } from '../../src/format/idx.js';
import { readImage } from '../../src/format/image.js';
import { crc32 } from '../../src/format/inflate.js';
import { readLabels } from '../../src/format/labels.js';
import { readNpy } from '../../src/format/npy.js';
import { readNpz, writeNpz } from '../../src/format/npz.js';
import { readSample } from '../../src/format/sample.js';
import { fixture } from './fixture.js';

const longest = 1000; // milliseconds for one damaged file of a few kB, on a slow and busy machine
const mutations = 300;

function checkArray({ shape, data }: NdArray): void {
  expect(data.length).toBe(elements(shape));
}
function checkImage(bytes: Uint8Array): void {
  const { width, height, channels, data } = readImage(bytes, 'x');
  expect(data.length).toBe(width * height * channels);
}

/** With the checksums of a PNG made right again, so that damage reaches the decoder. */
function repaired(bytes: Uint8Array): Uint8Array {
  const view = new DataView(bytes.buffer, bytes.byteOffset, bytes.length);
  for (let offset = 8; offset + 12 <= bytes.length; ) {
    const length = view.getUint32(offset);
    if (length > bytes.length - offset - 12) break;
    view.setUint32(offset + 8 + length, crc32(bytes.subarray(offset + 4, offset + 8 + length)));
    offset += 12 + length;
  }
  return bytes;
}

const labels = { shape: [2], data: Uint8Array.of(0, 9) };
const sample = writeNpz({
  images: { shape: [2, 28, 28], data: new Uint8Array(1568) },
  labels,
  truth: labels,
});
const idx = Uint8Array.of(0, 0, 0x0d, 2, 0, 0, 0, 10, 0, 0, 0, 10, ...new Uint8Array(400).fill(0x3f));
const table = new TextEncoder().encode(`a,b,"c"\n${'1,-2.5,3e4\n'.repeat(20)}`);
const names = new TextEncoder().encode(`index,label\n${'1,cat\n2,"do""g"\n'.repeat(20)}`);
const noise = Uint8Array.from({ length: 40 * 24 * 4 }, (_, i) => random(i) % 256);
const interlaced = encodePng(
  { width: 9, height: 7, channels: 4, data: noise.subarray(0, 252) },
  { interlace: 'Adam7' },
);
const jpeg = new Uint8Array(encodeJpeg({ width: 40, height: 24, data: noise }, 60).data);

const formats: readonly (readonly [string, Uint8Array, (bytes: Uint8Array) => void, boolean])[] = [
  // name, a good file, reader with its check, whether a shorter file must be refused
  ['npy', fixture('fortran.npy'), (bytes) => checkArray(readNpy(bytes, 'x')), true],
  ['npz stored', fixture('stored.npz'), (bytes) => readNpz(bytes, 'x').forEach(checkArray), true],
  ['npz deflated', fixture('deflated.npz'), (bytes) => readNpz(bytes, 'x').forEach(checkArray), true],
  ['sample', sample, (bytes) => readSample(bytes), true],
  ['idx', idx, (bytes) => checkArray(readIdx(bytes, 'x')), true],
  ['idx.gz', gzipSync(idx), (bytes) => checkArray(readIdx(bytes, 'x')), true],
  ['csv', table, (bytes) => checkArray(readCsv(bytes, 'x').array), false],
  ['labels', names, (bytes) => checkArray(readLabels(bytes, 'x').array), false],
  ['png gray', fixture('gray1.png'), checkImage, true],
  ['png palette', fixture('palette2.png'), checkImage, true],
  ['png rgba', fixture('rgba8.png'), checkImage, true],
  ['png rgba, repaired', fixture('rgba8.png'), (bytes) => checkImage(repaired(bytes.slice())), true],
  ['png interlaced, repaired', interlaced, (bytes) => checkImage(repaired(bytes.slice())), true],
  ['jpeg', jpeg, checkImage, true],
];

/** Counter-based randomness, so that a failure names its mutation. */
function random(counter: number): number {
  let bits = Math.imul(counter + 1, 0x9e3779b1);
  bits = Math.imul(bits ^ (bits >>> 15), 0x85ebca6b);
  return (bits ^ (bits >>> 13)) >>> 0;
}

/** 1 to 4 bytes replaced by 0, 255, or anything. */
function mutated(bytes: Uint8Array, seed: number): Uint8Array {
  const copy = bytes.slice();
  for (let change = 0; change <= seed % 4; change++) {
    const value = random(seed * 31 + change * 7 + 3);
    copy[random(seed * 17 + change) % copy.length] = [0, 255, value % 256, value % 256][seed % 3]!;
  }
  return copy;
}

/** Whether the reader refused. */
function survives(read: (bytes: Uint8Array) => void, bytes: Uint8Array, label: string): boolean {
  const started = performance.now();
  let refused = false;
  try {
    read(bytes);
  } catch (error) {
    if (!(error instanceof NetkinError) || error.code !== 'input') throw new Error(label, { cause: error });
    refused = true;
  }
  expect(performance.now() - started, label).toBeLessThan(longest);
  return refused;
}

describe.each(formats)('%s', (name, bytes, read, mustRefuse) => {
  it('cut off at every 5 % is refused', () => {
    for (let percent = 0; percent < 100; percent += 5) {
      const cut = bytes.subarray(0, Math.floor((bytes.length * percent) / 100));
      const refused = survives(read, cut, `${name} cut at ${percent} %`);
      if (mustRefuse) expect(refused, `${percent} %`).toBe(true);
    }
  });

  it(`${mutations} mutations are read or refused`, () => {
    for (let seed = 0; seed < mutations; seed++)
      survives(read, mutated(bytes, seed), `${name}, mutation ${seed}`);
  });

  it('empty and random bytes are refused', () => {
    expect(survives(read, new Uint8Array(0), name)).toBe(true);
    expect(
      survives(
        read,
        Uint8Array.from({ length: 500 }, (_, i) => random(i) % 256),
        name,
      ),
    ).toBe(true);
  });
});
