import { gzipSync } from 'fflate';
import { describe, expect, it } from 'vitest';
import { readIdx } from '../../src/format/idx.js';
import { fixture, refusal } from './fixture.js';

const bytes = Uint8Array.of(0, 0, 8, 2, 0, 0, 0, 2, 0, 0, 0, 3, 0, 1, 2, 3, 4, 255);

describe('readIdx', () => {
  it.each([
    [0x08, [7, 255], Uint8Array.of(7, 255)],
    [0x09, [7, 255], Int8Array.of(7, -1)],
    [0x0b, [0, 7, 255, 254], Int16Array.of(7, -2)],
    [0x0c, [0, 0, 1, 0, 255, 255, 255, 255], Int32Array.of(256, -1)],
    [0x0d, [0x3f, 0x80, 0, 0, 0xc0, 0, 0, 0], Float32Array.of(1, -2)],
    [0x0e, [0x3f, 0xf0, 0, 0, 0, 0, 0, 0, 0xc0, 0, 0, 0, 0, 0, 0, 0], Float64Array.of(1, -2)],
  ])('reads type %i, big endian', (type, content, data) => {
    expect(readIdx(Uint8Array.of(0, 0, type, 1, 0, 0, 0, 2, ...content), 'x')).toEqual({ shape: [2], data });
  });

  it('reads several axes, gzipped or not', () => {
    const expected = { shape: [2, 3], data: Uint8Array.of(0, 1, 2, 3, 4, 255) };
    expect(readIdx(bytes, 'x')).toEqual(expected);
    expect(readIdx(gzipSync(bytes, { filename: 'x' }), 'x.gz')).toEqual(expected);
  });

  it('reads what gzip of Python wrote', () => {
    const name = 'tiny-idx2-ubyte.gz';
    expect(readIdx(fixture(name), name)).toEqual({ shape: [2, 3], data: Uint8Array.of(0, 1, 2, 3, 4, 5) });
  });

  it('refuses missing and additional bytes, with both counts', () => {
    expect(refusal(() => readIdx(bytes.subarray(0, -1), 'x'))).toMatch(/cut off.*18 bytes.*has 17/);
    expect(refusal(() => readIdx(Uint8Array.of(...bytes, 1), 'x'))).toMatch(
      /after its end.*18 bytes.*has 19/,
    );
  });

  it('refuses other files', () => {
    expect(refusal(() => readIdx(fixture('u1.npy'), 'x'))).toContain('not an IDX file');
    expect(refusal(() => readIdx(Uint8Array.of(0, 0, 10, 1, 0, 0, 0, 0), 'x'))).toContain('not an IDX file');
  });

  it('refuses a gzip file that expands beyond what its header declares', () => {
    const bomb = new Uint8Array(6e7);
    bomb.set(bytes);
    const packed = gzipSync(bomb); // 60 kB
    expect(refusal(() => readIdx(packed, 'x.gz'))).toContain('more than the 18 bytes');
  });

  it('refuses a header that declares more than the file can expand to', () => {
    const huge = Uint8Array.of(0, 0, 8, 2, 255, 255, 255, 255, 255, 255, 255, 255);
    expect(refusal(() => readIdx(huge, 'x'))).toContain('no file can hold');
    const large = Uint8Array.of(0, 0, 8, 1, 255, 255, 255, 255);
    expect(refusal(() => readIdx(gzipSync(large), 'x.gz'))).toContain('beyond the limit');
    expect(refusal(() => readIdx(large, 'x'))).toContain('needs 4294967303 bytes');
  });

  it('refuses a wrong gzip checksum', () => {
    const packed = gzipSync(bytes);
    packed[packed.length - 6]! ^= 1;
    expect(refusal(() => readIdx(packed, 'x.gz'))).toContain('checksum');
  });
});
