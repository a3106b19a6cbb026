/** D16, D20: the paper's numbers, really trained. Single runs lie further from the reference than means of five. */
import { readFileSync } from 'node:fs';
import { join } from 'node:path';
import { beforeAll, expect, test } from 'vitest';
import type { ToyNumbers } from '../../src/reproduce/toy/numbers.js';
import { makeWorkspace, netkin } from '../cli/workspace.js';

const folder = makeWorkspace();
let numbers: ToyNumbers;

beforeAll(() => {
  // 500 steps in the place of 4000: the network is as near to the truth by then.
  const words = 'reproduce toy --epochs 100 --runs 1 --frequencies 1,4 --denoising-steps 500'.split(' ');
  expect(netkin(folder, ...words).code).toBe(0);
  numbers = JSON.parse(readFileSync(join(folder, 'toy/numbers.json'), 'utf8'));
}, 300_000); // seconds of training, on a busy machine minutes

test('D16: after 100 epochs N_S is that of an independent implementation, and falls with the frequency', () => {
  expect(numbers.untrained.means.N_S).toBeGreaterThan(2000);
  const [slow, quick] = numbers.trained.map(({ means }) => means.N_S!);
  expect(Math.abs(slow! / 1484 - 1)).toBeLessThan(0.1);
  expect(Math.abs(quick! / 923 - 1)).toBeLessThan(0.15);
  for (const { smallest, error } of numbers.trained) {
    expect(smallest).toBeGreaterThanOrEqual(0);
    expect(error).toBeLessThan(0.01);
  }
  const { means } = numbers.trained[0]!;
  expect(means['N_1+']).toBeCloseTo(means.N_S!, 2);
});

test('D20: a network trained on noisy labels finds the truth, and the denoising identity holds', () => {
  const { error, factorTimesRootN, residual, averagedNoise, undefinedAt } = numbers.denoising!;
  expect(error).toBeLessThan(0.2 / 4);
  expect(factorTimesRootN).toBeGreaterThanOrEqual(1);
  expect(factorTimesRootN).toBeLessThanOrEqual(1.5);
  expect(residual).toBeLessThan(0.3 * averagedNoise);
  expect(undefinedAt).toBe(0);
});
