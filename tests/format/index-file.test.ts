/** The frame of an index: what does not fit one buffer, and pages that cannot compute its checksum. */
import { afterEach, expect, test, vi } from 'vitest';
import { digested, hexadecimal } from '../../src/format/digest.js';
import { draftIndex, IndexFile } from '../../src/format/index-file.js';
import type { IndexFacts } from '../../src/format/index-header.js';
import { PANEL } from '../../src/format/index-layout.js';
import { LANES } from '../../src/kernel/kernel.js';
import { run } from '../../src/watch.js';

afterEach(() => vi.unstubAllGlobals());

const term = { layer: 'a', parameters: ['a/kernel'], rule: 'dense', kind: 'materialised', size: 9 } as const;
const facts: IndexFacts = {
  size: 2 ** 30,
  outputs: 3,
  rows: 'float32',
  model: '',
  options: { output: 'logits', of: 'output', precision: 'exact', seed: 0 },
  parameters: ['a/kernel'],
  inputs: [{ name: 'x', shape: [3] }],
  heads: [{ size: 3, classes: 3, lookedThrough: null }],
  terms: [{ ...term, positions: 1, left: 0, right: 2 ** 20 }],
  rowError: null,
  classes: null,
  pixels: null,
};
const nothing = { labels: null, names: null, thumbnails: null };

test('what one buffer does not hold is refused, with what would be smaller', () => {
  const code = { name: 'NetkinError', code: 'memory' };
  expect(() => draftIndex(facts, nothing)).toThrow(expect.objectContaining(code));
  expect(() => draftIndex(facts, nothing)).toThrow(
    /takes \d+ MiB, .* with rows: 'int8' it takes \d+ MiB.*precision/,
  );
  expect(() => draftIndex({ ...facts, rows: 'int8' }, nothing)).not.toThrow(/rows: 'int8'/);
});

test('panels are those of the kernels', () => {
  expect(PANEL).toBe(LANES);
});

test('a digest is SHA-256 of the SHA-256 of pieces of 4 MiB', async () => {
  const { createHash } = await import('node:crypto');
  const sha256 = (bytes: Uint8Array) => createHash('sha256').update(bytes).digest();
  const bytes = Uint8Array.from({ length: 2 ** 22 + 5 }, (_, i) => i * 7);
  const pieces = Buffer.concat([sha256(bytes.subarray(0, 2 ** 22)), sha256(bytes.subarray(2 ** 22))]);
  expect(hexadecimal(await run('digest', digested(bytes)))).toBe(sha256(pieces).toString('hex'));
  const none = sha256(new Uint8Array(0)).toString('hex');
  expect(hexadecimal(await run('digest', digested(new Uint8Array(0))))).toBe(none);
});

test('a page that is no secure context hears why there are no indexes', async () => {
  vi.stubGlobal('crypto', {});
  await expect(run('digest', digested(new Uint8Array(3)))).rejects.toThrow(/no secure context.*https/);
});

test('a section is found without a look at all the others', () => {
  const count = 2000;
  let looks = 0;
  const sections = Array.from({ length: count }, (_, i) => ({
    get name() {
      looks++;
      return `values/${i}`;
    },
    type: 'float32' as const,
    shape: [1],
    offset: 0,
  }));
  const file = new IndexFile(facts, new Uint8Array(64), sections, 0);
  for (let i = 0; i < count; i++)
    expect([
      file.has(`values/${i}`),
      file.shape(`values/${i}`)?.length,
      file.floats(`values/${i}`).length,
    ]).toEqual([true, 1, 1]);
  expect(looks).toBeLessThan(10 * count);
});
