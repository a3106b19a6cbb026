import { encode as encodePng } from 'fast-png';
import { encode as encodeJpeg } from 'jpeg-js';
import { describe, expect, it } from 'vitest';
import { type Image, readImage, toShape, writePng } from '../../src/format/image.js';
import { crc32 } from '../../src/format/inflate.js';
import { fixture, patched, refusal } from './fixture.js';

const read = (name: string) => readImage(fixture(name), name);

function jpeg(width: number, height: number, colour: readonly [number, number, number]): Uint8Array {
  const data = new Uint8Array(4 * width * height);
  for (let i = 0; i < data.length; i += 4) data.set([...colour, 255], i);
  return new Uint8Array(encodeJpeg({ width, height, data }, 95).data);
}

/** A PNG whose header declares another size, with a correct checksum. */
function resized(png: Uint8Array, width: number, height: number): Uint8Array {
  const copy = png.slice();
  const view = new DataView(copy.buffer);
  view.setUint32(16, width);
  view.setUint32(20, height);
  view.setUint32(29, crc32(copy.subarray(12, 29)));
  return copy;
}

describe('readImage reads PNG', () => {
  it.each([
    ['gray8.png', 3, 2, 1, [0, 128, 255, 1, 2, 3]],
    [
      'gray1.png',
      10,
      2,
      1,
      [255, 0, 0, 0, 0, 0, 0, 0, 0, 255, 255, 255, 255, 255, 255, 255, 255, 255, 255, 255],
    ],
    ['gray16.png', 2, 1, 1, [255, 7]], // 16 bits are rounded
    ['gray8-key.png', 2, 1, 1, [255, 10]], // the transparent gray becomes white
    ['rgb8.png', 2, 1, 3, [10, 20, 30, 40, 50, 60]],
    ['rgba8.png', 2, 1, 3, [204, 204, 255, 10, 20, 30]], // blue at 20 % on white
    ['gray-alpha8.png', 2, 1, 1, [255, 100]],
    ['palette2.png', 4, 1, 3, [255, 0, 0, 0, 255, 0, 255, 255, 255, 0, 255, 0]],
  ] as const)('%s', (name, width, height, channels, data) => {
    const image = read(name);
    expect({ ...image, data: [...image.data] }).toEqual({ name, width, height, channels, data });
  });

  it('interlaced', () => {
    const data = Uint8Array.from({ length: 9 * 5 * 3 }, (_, i) => (i * 7) % 256);
    const png = encodePng({ width: 9, height: 5, channels: 3, data }, { interlace: 'Adam7' });
    expect(readImage(png, 'x').data).toEqual(data);
  });
});

describe('readImage reads JPEG', () => {
  it('in colour', () => {
    const image = readImage(jpeg(17, 9, [200, 100, 50]), 'x.jpg');
    expect([image.width, image.height, image.channels, image.data.length]).toEqual([17, 9, 3, 17 * 9 * 3]);
    for (const [i, expected] of [200, 100, 50].entries()) {
      expect(Math.abs(image.data[i]! - expected)).toBeLessThanOrEqual(3);
    }
  });

  it.each([0xc0, 0xc2] as const)('in gray, baseline or progressive (frame %i)', (frame) => {
    const image = readImage(grayJpeg(frame), 'x.jpg');
    expect(image).toEqual({
      name: 'x.jpg',
      width: 8,
      height: 8,
      channels: 1,
      data: new Uint8Array(64).fill(128),
    });
  });
});

/** By hand: one 8 × 8 block of gray, all coefficients 0, so that every pixel is 128. */
function grayJpeg(frame: 0xc0 | 0xc2): Uint8Array {
  const table = (kind: number) => [0xff, 0xc4, 0, 20, kind, 1, ...new Array<number>(15).fill(0), 0]; // one code: 0
  return Uint8Array.of(
    ...[0xff, 0xd8],
    ...[0xff, 0xdb, 0, 67, 0, ...new Array<number>(64).fill(1)],
    ...[0xff, frame, 0, 11, 8, 0, 8, 0, 8, 1, 1, 0x11, 0],
    ...table(0x00),
    ...table(0x10),
    ...[0xff, 0xda, 0, 8, 1, 1, 0, 0, frame === 0xc0 ? 63 : 0, 0, 0b00111111],
    ...[0xff, 0xd9],
  );
}

/** What made the reader refuse. */
function causeOf(call: () => unknown): string {
  try {
    call();
  } catch (error) {
    return String((error as Error).cause);
  }
  return 'nothing';
}

/** A PNG with other image data: a deflate stream. */
function withPixels(png: Uint8Array, stream: Uint8Array): Uint8Array {
  const chunk = new Uint8Array(12 + 6 + stream.length);
  const view = new DataView(chunk.buffer);
  view.setUint32(0, 6 + stream.length);
  chunk.set([...new TextEncoder().encode('IDAT'), 0x78, 0x9c], 4);
  chunk.set(stream, 10);
  view.setUint32(chunk.length - 4, crc32(chunk.subarray(4, -4)));
  return new Uint8Array([png.subarray(0, 33), chunk, png.subarray(-12)].flatMap((part) => [...part]));
}

describe('readImage refuses', () => {
  it.each([
    ['GIF89a', 'GIF'],
    ['RIFF1234WEBPVP8 ', 'WebP'],
    ['BM123', 'BMP'],
    ['II*\0', 'TIFF'],
    ['\0\0\0\x1cftypavif', 'AVIF'],
    ['<svg xmlns', 'SVG'],
    ['hello', 'neither'],
    ['', 'neither'],
  ])('%j by name', (start, format) => {
    expect(refusal(() => readImage(new TextEncoder().encode(start), 'a'))).toContain(format);
  });

  it('sizes beyond 64 megapixels, before it decodes', () => {
    const png = resized(fixture('gray8.png'), 65535, 65535);
    expect(refusal(() => readImage(png, 'a'))).toContain('64 megapixels');
    const image = jpeg(8, 8, [0, 0, 0]);
    const frame = image.findIndex((byte, i) => byte === 0xff && image[i + 1] === 0xc0);
    expect(refusal(() => readImage(patched(image, frame + 5, [255, 255, 255, 255]), 'a'))).toContain(
      '64 megapixels',
    );
    expect(refusal(() => readImage(patched(image, frame + 5, [0x1f, 0, 0x1f, 0]), 'a'))).toContain('damaged');
  });

  it('sizes beyond the limit that the caller sets, before it decodes', () => {
    const limit = { pixels: 9, reason: 'the model takes 3 × 3' };
    const png = resized(fixture('gray8.png'), 8000, 8000); // damaged, if anybody looked further
    expect(refusal(() => readImage(png, 'a', limit))).toBe(
      'a is 8000 × 8000 pixels, the model takes 3 × 3. Resize it.',
    );
    expect(refusal(() => readImage(jpeg(4, 3, [0, 0, 0]), 'a', limit))).toContain('4 × 3 pixels');
    expect(readImage(jpeg(3, 3, [0, 0, 0]), 'a', limit).width).toBe(3);
    const boundless = { pixels: Infinity, reason: '' };
    expect(refusal(() => readImage(resized(png, 9000, 9000), 'a', boundless))).toContain('64 megapixels');
  });

  it('a JPEG whose second frame is larger, before there is room for it', () => {
    const image = grayJpeg(0xc0);
    const frame = image.indexOf(0xc0) - 1;
    const second = patched(image.subarray(frame, frame + 13), 5, [0x1f, 0x40, 0x1f, 0x40]);
    const inserted = (frames: Uint8Array[]) =>
      new Uint8Array(
        [image.subarray(0, frame), ...frames, image.subarray(frame)].flatMap((part) => [...part]),
      );
    const own = image.subarray(frame, frame + 13);
    expect(causeOf(() => readImage(inserted([own, second]), 'a'))).toContain('maxResolutionInMP');
    // None has more pixels than the first, but there is room for all of them together.
    const many = new Array<Uint8Array>(20_000).fill(own);
    expect(causeOf(() => readImage(inserted(many), 'a'))).toContain('maxMemoryUsage');
  });

  it('a PNG of far more compressed bytes than its pixels can need', () => {
    const png = fixture('gray8.png');
    const nothing = new Uint8Array(5 * 2 ** 18); // stored blocks of 0 bytes
    for (let at = 0; at < nothing.length; at += 5) nothing.set([0, 0, 0, 255, 255], at);
    const hostile = withPixels(png, nothing);
    expect(refusal(() => readImage(hostile, 'a'))).toContain('damaged or cut off PNG');
  });

  it('lossless JPEG and an endless number of scans', () => {
    const image = grayJpeg(0xc2);
    const frame = image.indexOf(0xc2);
    expect(refusal(() => readImage(patched(image, frame, [0xc3]), 'a'))).toContain('lossless');
    const scans = new Array<number[]>(201).fill([0xff, 0xda]).flat();
    expect(refusal(() => readImage(Uint8Array.of(...image, ...scans), 'a'))).toContain('200 scans');
  });

  it('pixels that are fewer or more than the header says', () => {
    expect(refusal(() => readImage(resized(fixture('gray8.png'), 3, 3), 'a'))).toContain('cut off');
    expect(refusal(() => readImage(resized(fixture('gray8.png'), 3, 1), 'a'))).toContain('more than');
    expect(refusal(() => readImage(resized(fixture('gray8.png'), 0, 1), 'a'))).toContain('0 × 1');
  });

  it('palette entries that do not exist, and wrong checksums', () => {
    expect(refusal(() => read('palette-outside.png'))).toContain('damaged');
    expect(refusal(() => readImage(patched(fixture('gray8.png'), 19, [4]), 'a'))).toContain('damaged');
  });
});

describe('toShape', () => {
  const gray: Image = { name: 'gray.png', width: 2, height: 1, channels: 1, data: Uint8Array.of(0, 255) };
  const red: Image = {
    name: 'red.png',
    width: 2,
    height: 1,
    channels: 3,
    data: Uint8Array.of(255, 0, 0, 255, 255, 255),
  };

  it('gives n × height × width × channels in 0 to 1', () => {
    const { shape, data } = toShape([gray, red], [1, 2, 3]);
    expect(shape).toEqual([2, 1, 2, 3]);
    expect([...data]).toEqual([0, 0, 0, 1, 1, 1, 1, 0, 0, 1, 1, 1]);
  });

  it('turns colour into Rec. 601 luma', () => {
    expect(toShape([gray, red], [1, 2, 1]).data).toEqual(Float32Array.of(0, 1, 0.299, 1));
  });

  it('refuses another size, naming the file and both sizes', () => {
    expect(refusal(() => toShape([gray, red], [28, 28, 1]))).toMatch(
      /gray\.png is 2 × 1 .* takes 28 × 28.*Resize/,
    );
  });

  it('refuses models that take no images, and no images', () => {
    expect(refusal(() => toShape([gray], [784]))).toContain('784');
    expect(refusal(() => toShape([gray], [1, 2, 4]))).toContain('1 × 2 × 4');
    expect(refusal(() => toShape([], [1, 2, 1]))).toContain('No images');
  });
});

describe('writePng', () => {
  it.each([1, 3] as const)('is undone by readImage: %i channels', (channels) => {
    const pixels = {
      width: 3,
      height: 2,
      channels,
      data: Uint8Array.from({ length: 6 * channels }, (_, i) => 14 * i),
    };
    expect(readImage(writePng(pixels), 'x')).toEqual({ name: 'x', ...pixels });
  });

  it('refuses data of another size', () => {
    refusal(() => writePng({ width: 2, height: 2, channels: 1, data: new Uint8Array(3) }));
    refusal(() => writePng({ width: 0, height: 2, channels: 1, data: new Uint8Array(0) }));
  });
});
