/** Every claim in every runtime, and the same bits in all of them. Each runtime is started once. */
import { readFileSync } from 'node:fs';
import { join } from 'node:path';
import { afterAll, beforeAll, describe, expect, test } from 'vitest';
import { claims } from '../contract/claims.js';
import { MEASURES } from '../contract/measures.js';
import { root } from './bundle.js';
import { type Driver, type Outcome, RUN_SECONDS } from './driver.js';
import { runtimes } from './runtimes.js';
import { equalityTable, shownHashes } from './table.js';

const [reference, ...others] = runtimes;
const outcomes = new Map<string, Promise<Outcome>>();

/** A runtime that cannot be examined fails each of its tests with the reason. */
function outcome({ name, run }: Driver): Promise<Outcome> {
  const known = outcomes.get(name) ?? run();
  outcomes.set(name, known);
  return known;
}

function named(drivers: readonly Driver[]): [string, Driver][] {
  return drivers.map((driver) => [driver.name, driver]);
}

function values(of: Outcome, measure: (typeof MEASURES)[number]): Uint8Array {
  return Buffer.from(of.measures[measure], 'base64');
}

describe.each(named(runtimes))('in %s', (_, runtime) => {
  beforeAll(
    () =>
      outcome(runtime).then(
        () => {},
        () => {},
      ),
    2 * RUN_SECONDS * 1000,
  );

  test.each(claims.map(({ name }) => name))('%s', async (name) => {
    const { claims: verdicts } = await outcome(runtime);
    expect(Object.keys(verdicts)).toContain(name);
    if (verdicts[name] !== null) expect.fail(verdicts[name]);
  });

  test('nothing fails outside the calls', async () => {
    expect((await outcome(runtime)).faults).toEqual([]);
  });
});

describe('the reference', () => {
  test('has similarities worth comparing: 1 on the diagonal, all others different', async () => {
    const bytes = values(await outcome(reference), 'matrix');
    const matrix = new Float32Array(bytes.slice().buffer);
    for (let i = 0; i < 100; i++) expect(matrix[101 * i]).toBeCloseTo(1, 5);
    expect(new Set(matrix).size).toBeGreaterThan(4900);
    const counts = new Float32Array(values(await outcome(reference), 'hard density').slice().buffer);
    expect(new Set(counts).size).toBeGreaterThan(10);
  });
});

describe.each(named(others))('in %s and in Node the same bits', (_, runtime) => {
  test.each(MEASURES)('%s of 100 images', async (measure) => {
    const ours = values(await outcome(reference), measure);
    const theirs = values(await outcome(runtime), measure);
    expect(theirs.length).toBe(ours.length);
    const first = ours.findIndex((byte, i) => byte !== theirs[i]);
    expect(first, 'the first byte that differs').toBe(-1);
  });
});

describe('the README', () => {
  const readme = readFileSync(join(root, 'README.md'), 'utf8');

  test('names every runtime that is examined', () => {
    const rows = Array.from(readme.matchAll(/^\| ([^|]+) \| [\d.]+ \| yes \|$/gm), ([, name]) => name);
    expect(rows).toEqual(runtimes.map(({ name }) => name));
  });

  test('shows the bits of today', async () => {
    const words = readme.replaceAll('\n', ' ');
    for (const [measure, hash] of shownHashes(await outcome(reference))) {
      expect(words.includes(`${measure} \`${hash}\``), `${measure} is ${hash} now`).toBe(true);
    }
  });
});

afterAll(async () => {
  const found = new Map<string, Outcome | null>();
  for (const [name, examined] of outcomes) found.set(name, await examined.catch(() => null));
  console.log(`The same results, bit for bit:\n${equalityTable(found)}`);
});
