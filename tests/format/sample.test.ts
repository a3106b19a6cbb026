import { readFileSync } from 'node:fs';
import { describe, expect, it } from 'vitest';
import { readNpz, writeNpz } from '../../src/format/npz.js';
import { readSample } from '../../src/format/sample.js';
import { refusal } from './fixture.js';

const bytes = new Uint8Array(readFileSync(new URL('../../node/sample/fashion-3000.npz', import.meta.url)));

describe('the bundled sample', () => {
  const { images, labels, truth, classes } = readSample(bytes);

  it('holds 3000 images of ten classes in at most 2 MB', () => {
    expect(bytes.length).toBeLessThanOrEqual(2e6);
    expect(images.shape).toEqual([3000, 28, 28]);
    expect(Math.max(...images.data.subarray(0, 784))).toBe(255);
    expect(new Set(truth).size).toBe(10);
    expect(classes[truth[0]!]).toBe('Ankle boot'); // the first training image, as Zalando shows it
  });

  it('has exactly 150 wrong labels', () => {
    expect(labels.filter((label, i) => label !== truth[i]).length).toBe(150);
  });
});

describe('readSample refuses', () => {
  const changed = (key: string, shape: number[], data: Uint8Array | Float32Array) =>
    writeNpz(new Map([...readNpz(bytes, 'x'), [key, { shape, data }]]), 0);

  it.each([
    ['images', [3000, 784], new Uint8Array(3000 * 784), '(3000, 784)'],
    ['labels', [2999], new Uint8Array(2999), '(2999)'],
    ['labels', [3000], new Uint8Array(3000).fill(10), 'above 9'],
    ['truth', [3000], new Float32Array(3000), "'truth' as bytes"],
  ])('%s of shape %j', (key, shape, data, reason) => {
    expect(refusal(() => readSample(changed(key, shape, data)))).toContain(reason);
  });
});
