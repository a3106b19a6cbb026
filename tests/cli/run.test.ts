import { afterEach, beforeEach, expect, test, vi } from 'vitest';
import { progressBar } from '../../node/cli/progress.js';
import { explain } from '../../node/cli/run.js';
import { type ErrorCode, NetkinError } from '../../src/errors.js';

let said = '';
beforeEach(() => {
  said = '';
  vi.spyOn(process.stderr, 'write').mockImplementation((text) => {
    said += text;
    return true;
  });
});
afterEach(() => {
  vi.restoreAllMocks();
  vi.unstubAllEnvs();
});

test.each([
  ['input', 2],
  ['model', 2],
  ['unsupported', 2],
  ['usage', 2],
  ['check', 2],
  ['memory', 2],
  ['aborted', 130],
  ['worker', 1],
  ['of a later version', 1],
] as const)("an error '%s' ends with exit code %d and one line", (code, exit) => {
  expect(explain(new NetkinError(code as ErrorCode, 'What\nhappened.'), 'netkin --help', [])).toBe(exit);
  expect(said).toMatch(/^netkin: [^\n]*What happened\.[^\n]*\n$/);
});

test('a terminal that cannot move its cursor gets no progress bar', async () => {
  const terminal = process.stderr.isTTY;
  process.stderr.isTTY = true;
  vi.stubEnv('TERM', 'dumb');
  try {
    const bar = await progressBar();
    bar.report({ stage: 'work', done: 0.5 });
    bar.stop();
    expect(said).toBe('');
  } finally {
    process.stderr.isTTY = terminal;
  }
});
