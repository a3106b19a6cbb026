/** How the program behaves as a process: streams, signals, files left behind. */
import { type ChildProcess, spawn } from 'node:child_process';
import { once } from 'node:events';
import { readdirSync, statSync } from 'node:fs';
import { join } from 'node:path';
import { setTimeout as wait } from 'node:timers/promises';
import { beforeAll, expect, test } from 'vitest';
import { classifier, saveModel, startTfjs } from './models.js';
import { makeWorkspace, netkin, points, program, saveNpy } from './workspace.js';

const folder = makeWorkspace();
const files = ['many.npy', 'model', 'wide.npy', 'x.npy'];
const many = 60_000; // all pairs of them keep the program busy for many seconds

beforeAll(async () => {
  await startTfjs();
  await saveModel(classifier(), join(folder, 'model'));
  saveNpy(join(folder, 'x.npy'), points(400, 4));
  saveNpy(join(folder, 'many.npy'), points(many, 4));
  saveNpy(join(folder, 'wide.npy'), points(6000, 4));
});

/** Starts a long computation and waits until it is under way. */
async function busy(): Promise<{ child: ChildProcess; stderr: () => string }> {
  const words = ['density', 'model', 'many.npy', '--kind', 'hard', '-o', 'density.npy'];
  const child = spawn(process.execPath, [program, ...words], { cwd: folder });
  let text = '';
  child.stderr.setEncoding('utf8').on('data', (part: string) => (text += part));
  await wait(1200);
  expect(child.exitCode).toBeNull();
  return { child, stderr: () => text };
}

test('Ctrl-C ends the work with 130, one line and no file', async () => {
  const { child, stderr } = await busy();
  child.kill('SIGINT');
  expect(await once(child, 'exit')).toEqual([130, null]);
  expect(stderr()).toBe('netkin: interrupted; nothing was written.\n');
  expect(readdirSync(folder).sort()).toEqual(files);
});

test.each([
  ['SIGTERM', 143],
  ['SIGHUP', 129],
] as const)('%s in the middle of a file ends with %d and leaves nothing', async (signal, code) => {
  const words = ['matrix', 'model', 'wide.npy', '--no-check', '-o', 'wide.csv'];
  const child = spawn(process.execPath, [program, ...words], { cwd: folder });
  const exit = once(child, 'exit');
  let stderr = '';
  child.stderr.setEncoding('utf8').on('data', (part: string) => (stderr += part));
  const partial = () => readdirSync(folder).find((name) => name.startsWith('.netkin-'));
  const filled = () => statSync(join(folder, partial() ?? 'none'), { throwIfNoEntry: false })?.size ?? 0;
  while (filled() === 0 && child.exitCode === null) await wait(10);
  child.kill(signal);
  expect(await exit).toEqual([code, null]);
  expect(stderr).toBe(`netkin: stopped by ${signal}; nothing was written.\n`);
  expect(readdirSync(folder).sort()).toEqual(files);
});

test('kill -9 leaves no output file', async () => {
  const { child } = await busy();
  child.kill('SIGKILL');
  await once(child, 'exit');
  expect(
    readdirSync(folder)
      .filter((name) => !name.startsWith('.'))
      .sort(),
  ).toEqual(files);
});

test('a reader that closes the pipe early is no error', async () => {
  const child = spawn(process.execPath, [program, 'nearest', 'model', 'x.npy', '-k', '400', '--json'], {
    cwd: folder,
  });
  child.stdout.once('data', () => child.stdout.destroy());
  let stderr = '';
  child.stderr.setEncoding('utf8').on('data', (part: string) => (stderr += part));
  expect(await once(child, 'exit')).toEqual([0, null]);
  expect(stderr).toBe('');
});

test('remarks stand on stderr and can be silenced; without a terminal there is no progress bar', () => {
  const words = ['density', 'model', 'x.npy', '--no-check'];
  const loud = netkin(folder, ...words);
  const quiet = netkin(folder, ...words, '--quiet');
  expect(loud.stderr).toBe('netkin: the self-check of gradients was skipped (--no-check)\n');
  expect(quiet).toEqual({ ...loud, stderr: '' });
});

test('help and version need no model and go to stdout', () => {
  const { code, stdout, stderr } = netkin(folder, '--help');
  expect({ code, stderr }).toEqual({ code: 0, stderr: '' });
  for (const verb of ['inspect', 'matrix', 'nearest', 'density', 'denoise', 'suspects', 'explain']) {
    expect(stdout).toMatch(new RegExp(`^  ${verb} .*MODEL`, 'm'));
  }
  for (const line of stdout.split('\n')) expect(line.length).toBeLessThanOrEqual(80);
  expect(netkin(folder, 'nearest', '--help').stdout).toContain('Example:\n  netkin nearest');
  expect(netkin(folder, '--version').stdout).toMatch(/^\d+\.\d+\.\d+\n$/);
});
