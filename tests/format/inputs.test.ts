import { gzipSync } from 'fflate';
import { describe, expect, it } from 'vitest';
import { assertFormat, readArrayFile, readLabelFile } from '../../src/format/inputs.js';
import { writeNpy } from '../../src/format/npy.js';
import { writeNpz } from '../../src/format/npz.js';
import { fixture, refusal } from './fixture.js';

const text = (content: string) => new TextEncoder().encode(content);
const idx = Uint8Array.of(0, 0, 8, 1, 0, 0, 0, 2, 5, 6);
const pair = { shape: [2], data: Uint8Array.of(5, 6) };

describe('readArrayFile', () => {
  it('chooses the format by the extension', () => {
    expect(readArrayFile(fixture('u1.npy'), 'folder.x/a.NPY').kind).toBe('array');
    expect(readArrayFile(fixture('stored.npz'), 'a.npz').kind).toBe('arrays');
    expect(readArrayFile(text('a\n1\n'), 'a.csv')).toEqual({
      kind: 'table',
      columns: ['a'],
      array: { shape: [1, 1], data: Float64Array.of(1) },
    });
  });

  it.each([
    'a.idx',
    'a.idx.gz',
    'train-labels-idx1-ubyte',
    'train-labels.idx1-ubyte',
    'folder/train-labels-idx1-ubyte.gz',
  ])('knows %s as IDX', (name) => {
    const bytes = name.endsWith('.gz') ? gzipSync(idx) : idx;
    expect(readArrayFile(bytes, name)).toEqual({ kind: 'array', array: pair });
  });

  it.each(['a.parquet', 'a.h5'])('does not read %s yet', (name) => {
    expect(refusal(() => readArrayFile(idx, name))).toContain('yet');
  });

  it.each(['a', 'a.txt', 'a.npy.gz', 'folder.npy/a', '.'])(
    'refuses %s with the list of what it reads',
    (name) => {
      expect(refusal(() => assertFormat(name))).toContain('.npy, .npz, .csv, .idx');
      expect(refusal(() => readArrayFile(idx, name))).toContain('.npy, .npz, .csv, .idx');
    },
  );

  it('refuses numbers that are not finite', () => {
    const array = { shape: [2], data: Float32Array.of(1, NaN) };
    expect(refusal(() => readArrayFile(writeNpy(array), 'a.npy'))).toContain('element [1] is NaN');
    expect(refusal(() => readArrayFile(writeNpz({ x: array }), 'a.npz'))).toContain(
      "'x': element [1] is NaN",
    );
  });
});

describe('readLabelFile', () => {
  it('reads class names from CSV, numbers from the others', () => {
    expect(readLabelFile(text('dog\ncat\n'), 'a.csv').classes).toEqual(['cat', 'dog']);
    expect(readLabelFile(idx, 'a.idx')).toEqual({ classes: null, columns: null, array: pair });
    expect(readLabelFile(writeNpz({ only: pair }), 'a.npz').array).toEqual(pair);
    expect(readLabelFile(writeNpz({ images: pair, labels: pair }), 'a.npz').array).toEqual(pair);
  });

  it("takes numpy's default integers, int64", () => {
    const { array } = readLabelFile(fixture('i8.npy'), 'i8.npy');
    expect(array.data).toBeInstanceOf(Float64Array);
    expect(Array.from(array.data).every(Number.isInteger)).toBe(true);
  });

  it('refuses an .npz without labels', () => {
    expect(refusal(() => readLabelFile(writeNpz({ a: pair, b: pair }), 'a.npz'))).toContain('holds a, b');
  });
});
