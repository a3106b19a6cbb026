import { chmodSync, mkdirSync, readdirSync, readFileSync, writeFileSync } from 'node:fs';
import { dirname, join } from 'node:path';
import { beforeEach, describe, expect, test } from 'vitest';
import { encodeMatrixCsv, encodeRecords } from '../../node/cli/encode.js';
import { type OutputFile, planOutput } from '../../node/cli/output.js';
import { array, makeWorkspace } from './workspace.js';

const root = makeWorkspace();
let folder = root;
let made = 0;
beforeEach(() => {
  folder = join(root, String(made++));
  mkdirSync(folder);
});

function plan(name: string, overwrite = false): Promise<OutputFile> {
  return planOutput(join(folder, name), ['.csv', '.npy'], overwrite);
}

describe('an output file', () => {
  test('appears whole, and nothing else with it', async () => {
    const output = await plan('a.csv');
    expect(readdirSync(folder)).toEqual([]);
    await output.write(['one,', new Uint8Array([50]), '\n']);
    expect(readdirSync(folder)).toEqual(['a.csv']);
    expect(readFileSync(output.path, 'utf8')).toBe('one,2\n');
  });

  test('does not appear when its content fails halfway', async () => {
    const output = await plan('a.csv');
    const failing = (function* () {
      yield 'half';
      throw new Error('out of ink');
    })();
    await expect(output.write(failing)).rejects.toThrow('out of ink');
    expect(readdirSync(folder)).toEqual([]);
  });

  test('is replaced with --overwrite only', async () => {
    writeFileSync(join(folder, 'a.csv'), 'old');
    await expect(plan('a.csv')).rejects.toThrow('add --overwrite');
    await (await plan('a.csv', true)).write('new');
    expect(readFileSync(join(folder, 'a.csv'), 'utf8')).toBe('new');
  });

  test('that appears during the work is not replaced', async () => {
    const output = await plan('a.csv');
    writeFileSync(output.path, 'of another program');
    await expect(output.write('ours')).rejects.toThrow('exists');
    expect(readFileSync(output.path, 'utf8')).toBe('of another program');
    expect(readdirSync(folder)).toEqual(['a.csv']);
  });

  test('takes its extension in any case', async () => {
    expect((await plan('A.CSV')).extension).toBe('.csv');
  });
});

describe('a path is refused', () => {
  test('with another extension, by naming those that work', async () => {
    await expect(plan('a.txt')).rejects.toThrow('this verb writes .csv or .npy');
    await expect(plan('a.parquet')).rejects.toThrow('not there yet');
  });

  test('below a folder that is missing, or a file', async () => {
    await expect(plan('none/a.csv')).rejects.toThrow('does not exist; create it first');
    writeFileSync(join(folder, 'file'), '');
    await expect(plan('file/a.csv')).rejects.toThrow('is no folder');
  });

  test('where a folder stands, even with --overwrite', async () => {
    mkdirSync(join(folder, 'a.csv'));
    await expect(plan('a.csv', true)).rejects.toThrow('is a folder');
  });

  test('in a folder that may not be written', async () => {
    chmodSync(dirname(folder), 0o755);
    chmodSync(folder, 0o555);
    // Root may write anywhere, so the test asks as nobody.
    const isRoot = process.geteuid?.() === 0;
    if (isRoot) process.seteuid!(65534);
    try {
      await expect(plan('a.csv')).rejects.toThrow('may not be written');
    } finally {
      if (isRoot) process.seteuid!(0);
    }
  });
});

describe('content', () => {
  test('of a matrix is the same in pieces', async () => {
    const rows = 3000;
    const matrix = array(
      Float32Array.from({ length: rows * 3 }, (_, i) => i / 8),
      rows,
      3,
    );
    const lines = [...((await encodeMatrixCsv(matrix)) as Iterable<string>)].join('').trimEnd().split('\n');
    expect(lines).toHaveLength(rows);
    expect(lines.at(-1)).toBe(`${8997 / 8},${8998 / 8},${8999 / 8}`);
  });

  test.each([0, 1, 20_000])('of %d records is one JSON list', (length) => {
    const records = Array.from({ length }, (_, index) => ({ index }));
    expect(JSON.parse([...encodeRecords(records)].join(''))).toEqual(records);
  });
});
