import { describe, expect, test } from 'vitest';
import { bytes, count, decimal, facts, shortened, table, WIDTH } from '../../node/cli/table.js';
import { oneLine } from '../../node/cli/terminal.js';

describe('a table', () => {
  test('aligns numbers to the right and text to the left', () => {
    expect(
      table(
        [{ title: 'layer' }, { title: 'n', align: 'right' }],
        [
          ['a', '1'],
          ['bcdefg', '20'],
        ],
      ),
    ).toBe('layer    n\na        1\nbcdefg  20');
  });

  test('stays within 80 columns by shortening text, never numbers', () => {
    const lines = table(
      [{ title: 'layer' }, { title: 'n', align: 'right' }],
      [['x'.repeat(200), '1234567']],
    ).split('\n');
    for (const line of lines) expect(line.length).toBeLessThanOrEqual(WIDTH);
    expect(lines[1]).toMatch(/^x+…x+ {2}1234567$/);
  });

  test('shows names from files without their control characters', () => {
    expect(table([{ title: 'layer' }], [['evil\u001b[2J\nname']])).toBe('layer\nevil?[2J?name');
  });

  test('facts wrap under their value', () => {
    const text = facts([['title', 'word '.repeat(30).trim()]]);
    for (const line of text.split('\n')) expect(line.length).toBeLessThanOrEqual(WIDTH);
    expect(text).toMatch(/\n {7}word/);
  });
});

test('numbers are short', () => {
  expect([decimal(0.12345), decimal(0), decimal(1e-9), decimal(Number.NaN)]).toEqual([
    '0.1235',
    '0.0000',
    '1.00e-9',
    '-',
  ]);
  expect([count(999), count(109386), count(4.5e6), count(6e10)]).toEqual([
    '999',
    '109 386',
    '4.50 M',
    '60.0 G',
  ]);
  expect([bytes(1023), bytes(1536), bytes(2 ** 30)]).toEqual(['1023 B', '1.50 KiB', '1.00 GiB']);
  expect(shortened('conv2d_1/kernel', 9)).toBe('conv…rnel');
});

test('an error is one line, whatever a file is called', () => {
  expect(oneLine("'a\nb\u001b[31m' is missing\n  at x")).toBe("'a b?[31m' is missing at x");
});
