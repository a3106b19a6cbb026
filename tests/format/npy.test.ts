import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import type { NumberArray } from '../../src/array.js';
import { readNpy, writeNpy } from '../../src/format/npy.js';
import { fixture, refusal } from './fixture.js';

/** Header and elements; NumPy pads the header further, to leave room for a growing first axis. */
function parts(bytes: Uint8Array): [string, Uint8Array] {
  const end = bytes.indexOf(10);
  return [new TextDecoder('latin1').decode(bytes.subarray(10, end)).trimEnd(), bytes.slice(end + 1)];
}

const read = (name: string) => readNpy(fixture(name), name);

describe('readNpy reads what NumPy writes', () => {
  it.each([
    ['f2', Float32Array],
    ['f4', Float32Array],
    ['f8', Float64Array],
    ['i1', Int8Array],
    ['u1', Uint8Array],
    ['i2', Int16Array],
    ['u2', Uint16Array],
    ['i4', Int32Array],
    ['u4', Uint32Array],
    ['i8', Float64Array],
    ['u8', Float64Array],
    ['version-2', Float32Array],
    ['version-3', Float32Array],
  ] as const)('%s', (name, type) => {
    const { shape, data } = read(`${name}.npy`);
    expect(shape).toEqual([2, 3]);
    expect(data).toBeInstanceOf(type);
    expect([...data]).toEqual([0, 1, 2, 3, 4, 5]);
  });

  it('booleans become 0 and 1', () => {
    expect(read('b1.npy').data).toEqual(Uint8Array.of(0, 1, 0, 1, 0, 1));
  });

  it('big endian', () => {
    expect(read('big-endian.npy').data).toEqual(Float32Array.of(0, 0.5, 1, 1.5, 2, 2.5));
    expect(read('big-endian-i8.npy').data).toEqual(Float64Array.of(-3, -2, -1, 0, 1, 2));
  });

  it('Fortran order becomes C order', () => {
    const { shape, data } = read('fortran.npy');
    expect(shape).toEqual([2, 3, 4]);
    expect([...data]).toEqual([...Array(24).keys()]);
  });

  it('a scalar has no axes, an empty array no elements', () => {
    expect(read('scalar.npy')).toEqual({ shape: [], data: Float32Array.of(7) });
    expect(read('empty.npy')).toEqual({ shape: [0, 4], data: new Float32Array(0) });
  });

  it('half floats exactly, subnormal and infinite ones too', () => {
    const expected = [1, -2, 65504, 2 ** -24, 2 ** -14, 0.333251953125, Infinity, NaN];
    expect([...read('halves.npy').data]).toEqual(expected);
  });

  it('from the middle of a larger buffer', () => {
    const bytes = fixture('f8.npy');
    const larger = new Uint8Array(bytes.length + 3);
    larger.set(bytes, 3);
    expect([...readNpy(larger.subarray(3), 'x').data]).toEqual([0, 1, 2, 3, 4, 5]);
  });
});

describe('readNpy refuses', () => {
  it.each([
    ['complex.npy', 'complex numbers'],
    ['text.npy', 'strings'],
    ['object.npy', 'Python objects'],
    ['records.npy', 'records'],
  ])('%s by the name of its type', (name, kind) => {
    expect(refusal(() => read(name))).toContain(kind);
  });

  it('integers that a float64 cannot hold', () => {
    expect(refusal(() => read('unsafe.npy'))).toContain('element 1 is 9007199254740993');
  });

  it('missing and additional bytes, with both counts', () => {
    const bytes = fixture('f4.npy');
    expect(refusal(() => readNpy(bytes.subarray(0, -1), 'a.npy'))).toMatch(
      /a\.npy is cut off.*24 bytes.*has 23/,
    );
    expect(refusal(() => readNpy(Uint8Array.of(...bytes, 0), 'a.npy'))).toMatch(
      /after its end.*24 bytes.*has 25/,
    );
  });

  it.each([
    "{'descr': '<f4', 'fortran_order': False, 'shape': (2**9,), }",
    "{'descr': '<f4', 'fortran_order': False, 'shape': (-1,), }",
    "{'descr': '<f4', 'fortran_order': False, 'shape': (99999999999999,), }",
    "{'descr': '<f4', 'fortran_order': False, 'shape': (2147483647, 2147483647, 2147483647), }",
    "{'descr': '<f4', 'fortran_order': 0, 'shape': (1,), }",
    "{'descr': '<f4', 'fortran_order': False}",
    "{'descr': '<f4', 'descr': '<f4', 'fortran_order': False, 'shape': (1,)}",
    "{'descr': '<f4', 'fortran_order': False, 'shape': (1,), '__proto__': (1,)}",
    "{'descr': '<f4', 'fortran_order': False, 'shape': (1,)}; import os",
    "{'descr': 'f4', 'fortran_order': False, 'shape': (1,)}",
    "{'descr': '<f16', 'fortran_order': False, 'shape': (1,)}",
    '',
  ])('the header %s', (header) => {
    const bytes = new Uint8Array([...fixture('f4.npy').subarray(0, 8), header.length, 0]);
    refusal(() => readNpy(Uint8Array.of(...bytes, ...new TextEncoder().encode(header), 0, 0, 0, 0), 'x'));
  });
});

describe('writeNpy', () => {
  it.each(['f4', 'f8', 'i1', 'u1', 'i2', 'u2', 'i4', 'u4', 'empty', 'scalar'])(
    'writes as NumPy: %s',
    (name) => {
      const bytes = fixture(`${name}.npy`);
      const written = writeNpy(read(`${name}.npy`));
      expect(written.indexOf(10) % 64).toBe(63);
      expect(parts(written)).toEqual(parts(bytes));
    },
  );

  it('is undone by readNpy', () => {
    const arrays: fc.Arbitrary<NumberArray> = fc.oneof(
      fc.float32Array(),
      fc.float64Array(),
      fc.int8Array(),
      fc.uint8Array(),
      fc.int16Array(),
      fc.uint16Array(),
      fc.int32Array(),
      fc.uint32Array(),
    );
    fc.assert(
      fc.property(arrays, fc.boolean(), (data, deep) => {
        const array = { shape: deep ? [1, data.length, 1] : [data.length], data };
        expect(readNpy(writeNpy(array), 'x')).toEqual(array);
      }),
    );
  });

  it('refuses a shape that the data do not fill', () => {
    expect(refusal(() => writeNpy({ shape: [2, 2], data: new Float32Array(3) }))).toContain('(2, 2)');
  });
});
