/** D23, `netkin reproduce toy` as a process: what it writes, how it goes on after it was killed, what it refuses. */
import { type ChildProcess, spawn } from 'node:child_process';
import { once } from 'node:events';
import { cpSync, existsSync, mkdirSync, readdirSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { setTimeout as wait } from 'node:timers/promises';
import { describe, expect, onTestFinished, test } from 'vitest';
import { makeWorkspace, netkin, program, refusal } from '../cli/workspace.js';

const folder = makeWorkspace();
const FILES = [
  'denoising.svg',
  'density.svg',
  'estimators.svg',
  'index.html',
  'numbers.json',
  'runs',
  'table.txt',
];
const small = (out: string, ...more: string[]) =>
  'reproduce toy --size 64 --epochs 3 --runs 2 --frequencies 1,3 --denoising-steps 5'
    .split(' ')
    .concat('-o', out, ...more);

function start(...words: string[]): ChildProcess & { text: string } {
  const child = Object.assign(spawn(process.execPath, [program, ...words], { cwd: folder }), { text: '' });
  child.stderr!.setEncoding('utf8').on('data', (part: string) => (child.text += part));
  return child;
}

/** What does not depend on the machine and the time. */
function numbersOf(out: string): object {
  const { seconds, making, ...numbers } = JSON.parse(readFileSync(join(folder, out, 'numbers.json'), 'utf8'));
  expect(seconds).toBeGreaterThan(0);
  expect(making.command).toMatch(/^netkin reproduce toy --epochs/);
  return numbers;
}

test('writes page, figures, table and all numbers, the same for any number of threads', () => {
  const first = netkin(folder, ...small('one', '--threads', '1'));
  expect(first).toMatchObject({ code: 0, stderr: 'netkin: wrote one/index.html\n' });
  expect(readdirSync(join(folder, 'one')).sort()).toEqual(FILES);
  expect(readFileSync(join(folder, 'one/table.txt'), 'utf8')).toBe(first.stdout);
  for (const line of first.stdout.split('\n')) expect([...line].length).toBeLessThanOrEqual(80);
  expect(first.stdout.replace(/\s+/g, ' ')).toContain(
    'reference numbers for 2048 samples and 100 or 5000 epochs only; these are 64 samples and 3 epochs',
  );

  const second = netkin(folder, ...small('two', '--threads', '2', '--json', '--quiet'));
  expect(second).toMatchObject({ code: 0, stderr: '' });
  expect(numbersOf('two')).toEqual(numbersOf('one'));
  expect(JSON.parse(second.stdout)).toMatchObject(numbersOf('one'));
  expect(numbersOf('one')).toMatchObject({ trained: [{ frequency: 1 }, { frequency: 3 }] });
});

test('adds runs and frequencies to those that are there', () => {
  const more = netkin(folder, ...small('two', '--overwrite', '--frequencies', '1,2,3'));
  expect(more).toMatchObject({
    code: 0,
    stderr: "netkin: went on with 7 networks of 'two'\nnetkin: wrote two/index.html\n",
  });
  expect(numbersOf('two')).toMatchObject({ trained: [{ frequency: 1 }, { frequency: 2 }, { frequency: 3 }] });
});

test('keeps the runs of other options beside its own, even where results are replaced', () => {
  const runs = () => readdirSync(join(folder, 'one/runs'));
  const before = runs().map((name) => [name, readFileSync(join(folder, 'one/runs', name))] as const);
  expect(netkin(folder, ...small('one', '--seed', '5', '--overwrite')).code).toBe(0);
  expect(numbersOf('one')).toMatchObject({ options: { seed: 5 } });
  expect(runs()).toHaveLength(2 * before.length);
  for (const [name, bytes] of before) expect(readFileSync(join(folder, 'one/runs', name))).toEqual(bytes);
  expect(netkin(folder, ...small('one', '--overwrite')).stderr).toContain(
    `went on with ${before.length} networks of 'one'`,
  );
});

test('goes on with the same bits after kill -9 and Ctrl-C', async () => {
  const long = (out: string) =>
    'reproduce toy --size 64 --epochs 3000 --runs 1 --frequencies 2 --denoising-steps 0 --quiet -o'
      .split(' ')
      .concat(out);
  const whole = start(...long('whole'));
  const kept = join(folder, 'parts/runs/f2-run1-size64-seed1-epochs3000.npz');
  const untilKept = async (child: ChildProcess, before: Buffer | null) => {
    while (!existsSync(kept) || (before && readFileSync(kept).equals(before))) {
      expect(child.exitCode).toBeNull();
      await wait(50);
    }
    return readFileSync(kept);
  };

  const killed = start(...long('parts'));
  const first = await untilKept(killed, null);
  killed.kill('SIGKILL');
  await once(killed, 'exit');
  expect(existsSync(join(folder, 'parts/index.html'))).toBe(false);

  const interrupted = start(...long('parts'));
  const ended = once(interrupted, 'exit');
  const second = await untilKept(interrupted, first);
  interrupted.kill('SIGINT');
  expect(await ended).toEqual([130, null]);
  expect(interrupted.text).toBe(
    "netkin: interrupted; what is done is kept in 'parts': the same call goes on from there.\n",
  );
  expect(readFileSync(kept).equals(second)).toBe(false);

  const last = start(...long('parts'));
  expect(await once(last, 'exit')).toEqual([0, null]);
  if (whole.exitCode === null) await once(whole, 'exit');
  expect(numbersOf('parts')).toEqual(numbersOf('whole'));
});

test('completes results that a call was interrupted at writing, with the same call', () => {
  cpSync(join(folder, 'one'), join(folder, 'half'), { recursive: true });
  for (const name of ['index.html', 'table.txt']) rmSync(join(folder, 'half', name));
  writeFileSync(join(folder, 'half/numbers.json'), 'half');
  expect(netkin(folder, ...small('half'))).toMatchObject({ code: 0 });
  expect(readdirSync(join(folder, 'half')).sort()).toEqual(FILES);
  expect(numbersOf('half')).toEqual(numbersOf('one'));
});

test('ends when one thread fails, names the file, and keeps what the other threads did', async () => {
  const child = start(
    ...'reproduce toy --size 64 --epochs 1000000 --runs 1 --frequencies 1,2 --denoising-steps 0 --threads 2 --quiet -o failing'.split(
      ' ',
    ),
  );
  onTestFinished(() => void child.kill('SIGKILL'));
  const ended = once(child, 'exit');
  const run = (frequency: number) => `failing/runs/f${frequency}-run1-size64-seed1-epochs1000000.npz`;
  const [broken, kept] = [1, 2].map((frequency) => join(folder, run(frequency)));
  while (![broken!, kept!].every((path) => existsSync(path))) {
    expect(child.exitCode).toBeNull();
    await wait(20);
  }
  rmSync(broken!);
  mkdirSync(join(broken!, 'in the way'), { recursive: true });
  const before = readFileSync(kept!);
  expect(await ended).toEqual([2, null]);
  expect(child.text).toMatch(/^netkin: '[^'\n]*' cannot be written: [^\n]+\n$/);
  expect(child.text).toContain(`'${run(1)}'`);
  expect(readFileSync(kept!).equals(before)).toBe(false);
});

describe('refuses', () => {
  test('an unknown experiment, with those that there are', () => {
    expect(refusal(folder, 'reproduce', 'alchemy')).toContain(
      "There is no experiment 'alchemy'; choose toy.",
    );
    expect(refusal(folder, 'reproduce')).toContain("missing required argument 'experiment'");
  });

  test.each([
    [['--frequencies', '1,x'], "--frequencies is '1,x'; give different whole numbers from 1 on"],
    [['--frequencies', '2,2'], 'different whole numbers'],
    [['--frequencies', '0'], 'from 1 on'],
    [['--frequencies', '17'], 'Frequency 17 is too high for 64 samples'],
    [['--size', '8'], 'takes 16 to 16384'],
    [['--epochs', '0'], "--epochs is '0'"],
    [['--seed', '4294967296'], 'below 2^32'],
  ])('%j', (words, text) => {
    expect(refusal(folder, ...small('never'), ...words)).toContain(text);
  });

  test('to replace results unless told to, and a damaged run', () => {
    expect(refusal(folder, ...small('one'))).toContain("'one/density.svg' exists");
    const run = 'one/runs/f1-run1-size64-seed1-epochs3.npz';
    const bytes = readFileSync(join(folder, run));
    writeFileSync(join(folder, run), 'nonsense');
    writeFileSync(join(folder, 'table.txt'), 'of somebody else');
    expect(refusal(folder, ...small('.'))).toContain("'table.txt' exists");
    for (const words of [[], ['--overwrite']])
      expect(refusal(folder, ...small('one'), ...words)).toContain(`'${run}' is damaged`);
    writeFileSync(join(folder, run), bytes);
  });

  test('a file in the place of the folder', () => {
    writeFileSync(join(folder, 'file'), '');
    expect(refusal(folder, ...small('file'))).toContain("'file' is a file");
    expect(refusal(folder, ...small('file/inside'))).toContain("'file/inside'");
  });
});
