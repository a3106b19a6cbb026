import { describe, expect, it } from 'vitest';
import { elements } from '../../src/array.js';
import { assertFinite, matchShape } from '../../src/format/check.js';
import { refusal } from './fixture.js';

const zeros = (...shape: number[]) => ({ shape, data: new Float32Array(elements(shape)) });

describe('assertFinite', () => {
  it('names the first bad element by its coordinates', () => {
    const array = zeros(2, 3, 4);
    array.data[12 + 4 + 3] = NaN;
    expect(refusal(() => assertFinite(array, 'images.npy'))).toContain(
      'images.npy: element [1, 1, 3] is NaN',
    );
    array.data[5] = -Infinity;
    expect(refusal(() => assertFinite(array, 'images.npy'))).toContain('element [0, 1, 1] is -Infinity');
  });

  it('accepts finite numbers and integers', () => {
    assertFinite(zeros(2, 2), 'x');
    assertFinite({ shape: [1], data: Uint8Array.of(255) }, 'x');
  });
});

describe('matchShape', () => {
  it.each([
    [
      [5, 28, 28, 1],
      [28, 28, 1],
    ],
    [
      [5, 28, 28],
      [28, 28, 1],
    ],
    [
      [5, 28, 28, 1],
      [28, 28],
    ],
    [
      [5, 784],
      [28, 28, 1],
    ],
    [[5, 28, 28], [784]],
    [[1, 1, 2], [2]],
    [[5], [1]],
  ])('takes %j for n × %j', (shape, input) => {
    const array = zeros(...shape);
    const result = matchShape(array, 'x', input);
    expect(result.shape).toEqual([shape[0], ...input]);
    expect(result.data).toBe(array.data);
  });

  it.each([
    [[0, 28, 28], [28, 28, 1], 'no examples'],
    [[5, 32, 32], [28, 28, 1], '5 × 32 × 32, the model takes n × 28 × 28 × 1. An example has 1024 numbers'],
    [[5, 3, 32, 32], [32, 32, 3], 'channels come first'],
    [[5, 14, 56], [28, 28, 1], 'another order'],
    [[28, 28], [28, 28, 1], 'one example'],
    [[], [2], 'single number'],
  ])('refuses %j for n × %j', (shape, input, reason) => {
    expect(refusal(() => matchShape(zeros(...shape), 'x.npy', input))).toContain(reason);
  });

  it('refuses numbers that are not finite', () => {
    expect(refusal(() => matchShape({ shape: [1, 2], data: Float32Array.of(1, NaN) }, 'x', [2]))).toContain(
      '[0, 1]',
    );
  });
});
