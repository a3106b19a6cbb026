/** The table of docs/checks.md: a row for each of D1 to D24, whose tests are there and say its number. */
import { existsSync, readdirSync, readFileSync } from 'node:fs';
import { dirname, join } from 'node:path';
import { fileURLToPath } from 'node:url';
import { expect, test } from 'vitest';

const folder = dirname(fileURLToPath(import.meta.url));
const root = join(folder, '..', '..');
const table = readFileSync(join(root, 'docs', 'checks.md'), 'utf8');

interface Check {
  readonly number: string;
  readonly text: string;
  readonly files: readonly string[];
}

/** Rows without a number go on with the check above them. */
const checks: readonly Check[] = table
  .split(/^\| (?=D\d+ \|)/m)
  .slice(1)
  .map((part) => {
    const text = part.split(/\n\n/)[0]!;
    const files = Array.from(text.matchAll(/`(tests\/[^`]+)`/g), ([, file]) => file!);
    return { number: /^D\d+/.exec(text)![0], text, files };
  });

test('the checks are D1 to D24, in order', () => {
  expect(checks.map(({ number }) => number)).toEqual(Array.from({ length: 24 }, (_, i) => `D${i + 1}`));
});

test.each(checks)('$number is tested where the table says, or said not to be', ({ number, text, files }) => {
  if (files.length === 0) expect(text).toContain('not yet');
  for (const file of files) {
    expect(existsSync(join(root, file)), file).toBe(true);
    const found = new RegExp(`\\b${number}\\b`).test(readFileSync(join(root, file), 'utf8'));
    expect(found, `${number} in ${file}`).toBe(true);
  }
});

test('every test of this folder stands in the table', () => {
  const own = readdirSync(folder).filter((name) => name.endsWith('.test.ts') && name !== 'table.test.ts');
  for (const name of own) expect(table).toContain(`tests/checks/${name}`);
});
