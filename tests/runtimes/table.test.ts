import { expect, test } from 'vitest';
import { MEASURES } from '../contract/measures.js';
import type { Outcome } from './driver.js';
import { equalityTable } from './table.js';

function outcome(version: string, text: string): Outcome {
  const measures = Object.fromEntries(MEASURES.map((name) => [name, btoa(text)])) as Outcome['measures'];
  return { version, faults: [], claims: {}, measures };
}

test('a runtime is equal where every result has the reference’s bits', () => {
  const other = outcome('3', 'abc');
  const lines = equalityTable(
    new Map([
      ['Node', outcome('1', 'abc')],
      ['Bun', outcome('2', 'abc')],
      ['Deno', { ...other, measures: { ...other.measures, 'hard density': btoa('abd') } }],
      ['Firefox', null],
    ]),
  ).split('\n');
  expect(lines.map((line) => line.split(' | ').at(-1))).toEqual([
    'equal |',
    '--- |',
    'yes |',
    'yes |',
    'no |',
    'no |',
  ]);
  // SHA-256 of 'abc', from the standard.
  expect(lines[3]).toContain('| Bun | 2 | `ba7816bf` |');
  expect(lines[5]).toContain('| Firefox | did not run |');
});

test('nothing is equal where the reference did not run', () => {
  const table = equalityTable(
    new Map([
      ['Node', null],
      ['Bun', outcome('2', 'abc')],
    ]),
  );
  expect(table).not.toContain('yes');
});
