import { zipSync } from 'fflate';
import { describe, expect, it } from 'vitest';
import { readNpz, writeNpz } from '../../src/format/npz.js';
import { fixture, patched, refusal } from './fixture.js';

/** Offset of the first record with this signature byte pair: 1, 2 central; 3, 4 local; 5, 6 end. */
function record(bytes: Uint8Array, first: number): number {
  return bytes.findIndex((byte, i) => byte === 0x50 && bytes[i + 1] === 0x4b && bytes[i + 2] === first);
}
const little = (value: number) => [...new Uint8Array(Uint32Array.of(value).buffer)];

describe('readNpz', () => {
  it('reads what numpy.savez writes', () => {
    const arrays = readNpz(fixture('stored.npz'), 'stored.npz');
    expect([...arrays.keys()]).toEqual(['images', 'labels']);
    expect(arrays.get('images')).toEqual({ shape: [2, 3], data: Uint8Array.of(0, 1, 2, 3, 4, 5) });
    expect(arrays.get('labels')).toEqual({ shape: [2], data: Float64Array.of(1, 0) });
  });

  it('reads what numpy.savez_compressed writes', () => {
    const arrays = readNpz(fixture('deflated.npz'), 'deflated.npz');
    expect(arrays.get('images')).toEqual({ shape: [50, 8], data: new Float32Array(400) });
    expect(arrays.get('labels')!.data[49]).toBe(49);
  });

  it.each([
    ['traversal.npz', '"../up.npy" is not safe'],
    ['prototype.npz', '"__proto__.npy" is not safe'],
    ['twice.npz', "two entries named 'a.npy'"],
  ])('refuses %s', (name, reason) => {
    expect(refusal(() => readNpz(fixture(name), name))).toContain(reason);
  });

  it.each(['/a.npy', 'a\\b.npy', 'C:a.npy', 'a\n.npy'])('refuses the name %j', (name) => {
    const bytes = zipSync({ [name]: fixture('u1.npy') });
    expect(refusal(() => readNpz(bytes, 'x'))).toContain('not safe');
  });

  it('refuses entries that are no arrays, and a file without any', () => {
    expect(refusal(() => readNpz(zipSync({ 'readme.txt': Uint8Array.of(1) }), 'x'))).toContain(
      "'readme.txt'",
    );
    expect(refusal(() => readNpz(zipSync({}), 'x'))).toContain('no arrays');
  });

  it('refuses a declared size beyond the limit before it decompresses', () => {
    const bytes = fixture('deflated.npz');
    const bomb = patched(bytes, record(bytes, 1) + 24, little(2 ** 28 + 1));
    expect(refusal(() => readNpz(bomb, 'x'))).toContain('beyond the limit of 268435456 bytes');
  });

  it('refuses a size that the compressed bytes cannot hold, or do not yield', () => {
    const bytes = fixture('deflated.npz');
    const size = record(bytes, 1) + 24;
    expect(refusal(() => readNpz(patched(bytes, size, little(2 ** 27)), 'x'))).toContain(
      'compressed bytes can hold',
    );
    expect(refusal(() => readNpz(patched(bytes, size, little(100)), 'x'))).toContain(
      'more than the 100 bytes',
    );
    expect(refusal(() => readNpz(patched(bytes, size, little(2000)), 'x'))).toContain('of 2000 declared');
  });

  it('abandons a stream that outgrows its declared size', () => {
    const bytes = zipSync({ 'a.npy': new Uint8Array(6e7) }); // 60 kB
    expect(refusal(() => readNpz(patched(bytes, record(bytes, 1) + 24, little(1000)), 'x'))).toContain(
      'more than',
    );
  });

  it('refuses encryption, zip64, unknown methods and wrong checksums', () => {
    const bytes = fixture('stored.npz');
    const central = record(bytes, 1);
    expect(refusal(() => readNpz(patched(bytes, central + 8, [1]), 'x'))).toContain('encrypted');
    expect(refusal(() => readNpz(patched(bytes, central + 24, little(2 ** 32 - 1)), 'x'))).toContain('zip64');
    expect(refusal(() => readNpz(patched(bytes, central + 10, [12]), 'x'))).toContain('method 12');
    expect(refusal(() => readNpz(patched(bytes, central + 16, [1, 2, 3, 4]), 'x'))).toContain('checksum');
    expect(refusal(() => readNpz(patched(bytes, central + 42, little(7)), 'x'))).toContain('no entry');
    expect(refusal(() => readNpz(patched(bytes, record(bytes, 5) + 16, little(2 ** 32 - 1)), 'x'))).toContain(
      'zip64',
    );
  });
});

describe('writeNpz', () => {
  const entries = {
    weights: { shape: [2, 2], data: Float64Array.of(1, 2, 3, Math.PI) },
    '10': { shape: [3], data: Int16Array.of(-1, 0, 1) },
  };

  it.each([0, 6, 9] as const)('is undone by readNpz, at level %i', (level) => {
    expect(readNpz(writeNpz(entries, level), 'x')).toEqual(new Map(Object.entries(entries)));
    expect(readNpz(writeNpz(new Map(Object.entries(entries)), level), 'x').size).toBe(2);
  });

  it('gives the same bytes at any time', async () => {
    const first = writeNpz(entries);
    await new Promise((resolve) => setTimeout(resolve, 20));
    expect(writeNpz(entries)).toEqual(first);
    expect([...first.subarray(10, 14)]).toEqual([0, 0, 0x21, 0]); // 1980-01-01 00:00
  });

  it('refuses names that readNpz would refuse', () => {
    refusal(() => writeNpz(new Map([['../a', entries.weights]])));
    refusal(() => writeNpz(new Map([['__proto__', entries.weights]])));
  });
});
