import fc from 'fast-check';
import { expect, test } from 'vitest';
import { comparePaths } from '../../node/cli/order.js';

test('paths are ordered as people count, folder by folder', () => {
  const sorted = [
    '0.png',
    '1.png',
    '2.PNG',
    '10.png',
    'a/2.png',
    'a/10.png',
    'a-z/1.png',
    'b2/img.png',
    'b2/img-1.png',
    'b2/img1.png',
    'b2/img01.png',
    'b10/9007199254740993.png',
    'b10/9007199254740995.png',
    'é/1.png',
  ];
  expect([...sorted].reverse().sort(comparePaths).join('\n')).toBe(
    [
      ...sorted.slice(0, 7),
      'b2/img-1.png',
      'b2/img.png',
      'b2/img01.png',
      'b2/img1.png',
      ...sorted.slice(11),
    ].join('\n'),
  );
});

test('the order is total: the same whatever order a folder is read in', () => {
  const path = fc.string({
    unit: fc.constantFrom('0', '1', '2', 'a', 'b', '-', '.', '/', 'é'),
    maxLength: 6,
  });
  fc.assert(
    fc.property(path, path, path, (a, b, c) => {
      expect(comparePaths(a, b) === 0).toBe(a === b);
      expect(Math.sign(comparePaths(a, b))).toBe(-Math.sign(comparePaths(b, a)) + 0);
      if (comparePaths(a, b) < 0 && comparePaths(b, c) < 0) expect(comparePaths(a, c)).toBeLessThan(0);
    }),
  );
});
