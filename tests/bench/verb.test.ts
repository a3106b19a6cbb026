/** `netkin bench` measures what it says and writes what others read. */
import { readFileSync } from 'node:fs';
import { join } from 'node:path';
import { expect, test } from 'vitest';
import type { Bench } from '../../node/bench/rows.js';
import { makeWorkspace, netkin } from '../cli/workspace.js';

test('the file holds machine, rows and the ten goals, each measured or with the reason why not', () => {
  const folder = makeWorkspace();
  const { code, stdout } = netkin(folder, 'bench', '--size', '48', '--rounds', '1', '-o', 'bench.json');
  expect(code).toBe(0);
  expect(stdout.split('\n').every((line) => line.length <= 80)).toBe(true);
  const { machine, rows, goals } = JSON.parse(readFileSync(join(folder, 'bench.json'), 'utf8')) as Bench;
  expect(machine.cores).toBeGreaterThan(0);
  expect(rows.length).toBeGreaterThan(6);
  for (const { seconds, threads } of rows) {
    expect(seconds).toBeGreaterThan(0);
    expect(seconds).toBeLessThan(60); // seconds, not milliseconds
    expect([1, 2]).toContain(threads);
  }
  expect(Object.keys(goals)).toEqual(Array.from({ length: 10 }, (_, i) => String(i + 1)));
  for (const { measured, met, how } of Object.values(goals)) {
    expect(how.length).toBeGreaterThan(5);
    if (measured === null) expect(met).toBe(false);
  }
  // What noise cannot break: bits, accuracy, and ratios with a wide margin.
  expect(goals[6]!.met).toBe(true);
  expect(goals[7]!.met).toBe(true);
  expect(goals[3]!.measured).toBeGreaterThan(1.3);
  expect(goals[10]!.measured).toBeGreaterThan(1.2);
  // A peer that found another matrix would have been left out, and named.
  expect(goals[5]!.how).not.toContain('differs');
}, 300_000);
