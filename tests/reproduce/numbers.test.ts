/** The paper's numbers, really trained: two networks of 100 epochs. Single runs lie further from the reference than means. */
import { readFileSync } from 'node:fs';
import { join } from 'node:path';
import { expect, test } from 'vitest';
import type { ToyNumbers } from '../../src/reproduce/toy/numbers.js';
import { makeWorkspace, netkin } from '../cli/workspace.js';

const folder = makeWorkspace();

test('after 100 epochs N_S is that of an independent implementation, and falls with the frequency', () => {
  const words = 'reproduce toy --runs 1 --frequencies 1,4 --denoising-steps 0'.split(' ');
  expect(netkin(folder, ...words).code).toBe(0);
  const text = readFileSync(join(folder, 'toy/numbers.json'), 'utf8');
  const { trained, untrained } = JSON.parse(text) as ToyNumbers;
  expect(untrained.means.N_S).toBeGreaterThan(2000);
  const [slow, quick] = trained.map(({ means }) => means.N_S!);
  expect(Math.abs(slow! / 1484 - 1)).toBeLessThan(0.1);
  expect(Math.abs(quick! / 923 - 1)).toBeLessThan(0.15);
  for (const { smallest, error } of trained) {
    expect(smallest).toBeGreaterThanOrEqual(0);
    expect(error).toBeLessThan(0.01);
  }
  const { means } = trained[0]!;
  expect(means['N_1+']).toBeCloseTo(means.N_S!, 2);
});
