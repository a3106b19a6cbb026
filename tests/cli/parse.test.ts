import { describe, expect, test } from 'vitest';
import {
  byteSize,
  decimalNumber,
  globFilter,
  type OutputWords,
  oneOf,
  outputText,
  parseOutput,
  parsePair,
  parsePrecision,
  wholeNumber,
} from '../../node/cli/parse.js';

describe('--memory', () => {
  test.each([
    ['1GiB', 2 ** 30],
    ['512MiB', 512 * 2 ** 20],
    ['64 kib', 65536],
    ['2GB', 2e9],
    ['1.5MB', 1.5e6],
    ['10KB', 1e4],
    ['100B', 100],
    ['1000000', 1e6],
    ['1e9', 1e9],
    ['1.5E6', 1.5e6],
    ['4GiB', 2 ** 32],
  ])('%s is %d bytes', (text, bytes) => {
    expect(byteSize('--memory')(text)).toBe(bytes);
  });

  test.each(['', '0', '-1GiB', '1 TiB', 'GiB', '5GiB', '1e10', '1e-3', '1e', '1__proto__', 'NaN'])(
    '%j is refused',
    (text) => {
      expect(() => byteSize('--memory')(text)).toThrow('--memory is');
    },
  );
});

describe('--parameters', () => {
  const names = ['conv1/kernel', 'conv1/bias', 'dense/kernel', 'dense.1/kernel'];
  test.each([
    ['conv1/*', ['conv1/kernel', 'conv1/bias']],
    ['*kernel', ['conv1/kernel', 'dense/kernel', 'dense.1/kernel']],
    ['dense?1/kernel', ['dense.1/kernel']],
    ['dense.*', ['dense.1/kernel']],
    ['kernel', []],
    ['(conv1|dense)/*', []],
  ])('%s chooses %j', (pattern, chosen) => {
    expect(names.filter(globFilter(pattern))).toEqual(chosen);
  });
});

describe('choices', () => {
  test('--output takes words and indices', () => {
    expect(parseOutput('contrast')).toBe('contrast');
    expect(parseOutput('0,3')).toEqual([0, 3]);
    expect(parseOutput('2')).toEqual([2]);
    for (const text of ['', 'both', '-1', '1,', '1.5'])
      expect(() => parseOutput(text)).toThrow('--output is');
  });

  test.each<[string, OutputWords]>([
    ['contrast:3', { contrast: 3 }],
    ['contrast:3:5', { contrast: 3, adversary: 5 }],
    ['contrast:3:sampled', { contrast: 3, adversary: 'sampled' }],
    ['contrast:predicted:0', { contrast: 'predicted', adversary: 0 }],
    ['contrast:predicted:sampled', { contrast: 'predicted', adversary: 'sampled' }],
    ['contrast:labels', { contrast: 'labels' }],
    ['contrast:labels:sampled', { contrast: 'labels', adversary: 'sampled' }],
  ])('--output takes %s, and says it again', (text, output) => {
    expect(parseOutput(text)).toEqual(output);
    expect(outputText(parseOutput(text))).toBe(text);
  });

  test('--output refuses other contrasts with what is possible', () => {
    expect(parseOutput('contrast:predicted')).toBe('contrast');
    for (const text of [
      'contrast:',
      'contrast:-1',
      'contrast:1:',
      'contrast:1:2:3',
      'contrast:sampled',
      'contrast:1:labels',
      'Contrast:1',
      'contrast:1.5',
    ])
      expect(() => parseOutput(text)).toThrow(
        /--output is .*contrast\[:CLASS\[:OTHER\]\].*predicted or labels.*sampled/,
      );
  });

  test('an index says its output in the same words', () => {
    expect(outputText('logits')).toBe('logits');
    expect(outputText([0, 3])).toBe('0,3');
    expect(outputText('given contrasts')).toBe('contrast:labels');
    expect(outputText({ contrast: 'given', adversary: 'sampled' })).toBe('contrast:labels:sampled');
    expect(outputText({ contrast: 3, adversary: null })).toBe('contrast:3');
    expect(outputText({ contrast: 3, adversary: 'given' })).toBe('contrast:3:given');
  });

  test('--pair takes two indices', () => {
    expect(parsePair('3, 17')).toEqual([3, 17]);
    for (const text of ['3', '1,2,3', '-1,2', 'a,b']) expect(() => parsePair(text)).toThrow('--pair is');
  });

  test('numbers are read strictly', () => {
    expect(wholeNumber('-k', 1)('12')).toBe(12);
    for (const text of ['0', '1.5', '1e3', 'ten', ''])
      expect(() => wholeNumber('-k', 1)(text)).toThrow('-k is');
    const threshold = decimalNumber('--threshold', 'a number from -1 to 1', (value) => Math.abs(value) <= 1);
    expect(threshold('-.5')).toBe(-0.5);
    for (const text of ['2', 'Infinity', '0x1', ''])
      expect(() => threshold(text)).toThrow('a number from -1 to 1');
  });

  test('words are named in the refusal', () => {
    expect(oneOf('--of', ['output', 'loss'])('loss')).toBe('loss');
    expect(() => oneOf('--of', ['output', 'loss'])('toString')).toThrow('choose output or loss');
  });

  test('--precision takes a word or a size', () => {
    expect(parsePrecision('exact')).toBe('exact');
    expect(parsePrecision('512')).toBe(512);
    for (const text of ['', '0', '15', '65537', '5e2', 'Exact', '512.0'])
      expect(() => parsePrecision(text)).toThrow('--precision is');
  });
});
