/** How time and memory grow with the number of inputs, up to the 60 000 images of Fashion-MNIST. */
import { spawn } from 'node:child_process';
import { existsSync } from 'node:fs';
import { fileURLToPath } from 'node:url';
import { NetkinError } from '../../src/errors.js';
import type { Watch } from '../../src/watch.js';
import type { ChildAnswer, ChildTask } from './child.js';
import { SMALL } from './networks.js';
import { type BenchRow, type Goal, goal, type Part } from './rows.js';

/** Where Debian's dataset-fashion-mnist lies. */
const IMAGES = '/usr/share/datasets/fashion-mnist/train-images-idx3-ubyte.gz';
const MOST = 60_000;
/** Times the size of the end-to-end rows: 7500 to 60 000 by default. */
const STEPS = [7.5, 15, 30, 60];
const GIBIBYTE = 2 ** 30;

interface Measured extends ChildAnswer {
  readonly inputs: number;
}

interface Series {
  readonly measured: readonly Measured[];
  /** What the engine said where it could not. */
  readonly refusals: readonly string[];
}

/** @param rounds 1: the two largest sizes only */
export async function benchScaling(size: number, rounds: number, watch: Watch): Promise<Part> {
  if (!existsSync(IMAGES)) {
    const how = `needs ${IMAGES} (Debian: apt-get install dataset-fashion-mnist)`;
    return { rows: [], goals: { 9: top(null, null, how) } };
  }
  const sizes = STEPS.slice(rounds > 1 ? 0 : 2).map((step) => Math.min(MOST, Math.round(step * size)));
  const soft = await series({ measure: 'soft', file: IMAGES, threads: 0 }, sizes, watch);
  const nearest = await series({ measure: 'top', file: IMAGES, threads: 2 }, sizes, watch);
  const hard = await series({ measure: 'hard', file: IMAGES, threads: 2 }, sizes.slice(-1), watch);
  const rows = (name: string, by: string, threads: number, { measured }: Series): BenchRow[] =>
    measured.map(({ inputs, seconds, peak }) => ({
      task: `${SMALL.name}, ${name}`,
      by,
      threads,
      seconds,
      inputs,
      peakMemory: peak,
    }));
  return {
    rows: [
      ...rows('soft density', 'netkin', 1, soft),
      ...rows('top 10 of all pairs', 'netkin', 2, nearest),
      ...rows('hard count of all pairs', 'netkin', 2, hard),
    ],
    goals: { ...softGoal(soft), 9: top(nearest, hard, '') },
  };
}

/** Smallest first; one that the engine refuses ends the series. */
async function series(
  task: Omit<ChildTask, 'inputs'>,
  sizes: readonly number[],
  watch: Watch,
): Promise<Series> {
  const measured: Measured[] = [];
  for (const inputs of new Set(sizes)) {
    watch.progress?.({ stage: `${task.measure}, ${inputs} images`, done: 0 });
    const answer = await ask({ ...task, inputs }, watch.signal);
    if ('error' in answer) return { measured, refusals: [`${inputs} inputs: ${answer.error}`] };
    measured.push({ inputs, ...answer });
  }
  return { measured, refusals: [] };
}

/** @throws NetkinError 'aborted' */
function ask(task: ChildTask, signal?: AbortSignal): Promise<ChildAnswer | { readonly error: string }> {
  const script = fileURLToPath(new URL('./child.js', import.meta.url));
  const child = spawn(process.execPath, ['--expose-gc', script, JSON.stringify(task)], {
    stdio: ['ignore', 'pipe', 'ignore'],
  });
  const stop = () => void child.kill();
  if (signal?.aborted) stop();
  signal?.addEventListener('abort', stop, { once: true });
  let text = '';
  child.stdout.setEncoding('utf8').on('data', (piece: string) => {
    text += piece;
  });
  return new Promise((resolve, reject) => {
    child.on('error', reject);
    child.on('close', (code) => {
      signal?.removeEventListener('abort', stop);
      if (signal?.aborted) reject(new NetkinError('aborted', 'Stopped while measuring memory.'));
      else if (text === '') resolve({ error: `the process ended with ${code}` });
      else resolve(JSON.parse(text));
    });
  });
}

function softGoal({ measured, refusals }: Series): Record<string, Goal> {
  const last = measured.at(-1);
  if (!last) return {};
  const passes = measured.map(
    ({ inputs, seconds, forward, peak, before }) =>
      `${inputs}: ${(seconds / forward!).toFixed(2)} passes, ${mebibytes(peak)} resident, ${mebibytes(before)} before`,
  );
  return {
    8: goal(
      'soft density of 60 000 in 5 forward passes, O(P)',
      last.seconds / last.forward!,
      (value) => value <= 5 && last.inputs >= MOST,
      [`${SMALL.name}, one logit, one thread`, ...passes, ...refusals].join('; '),
    ),
  };
}

function top(nearest: Series | null, hard: Series | null, reason: string): Goal {
  const text = 'top 10 and hard count of 60 000: 1 GiB, time as N²';
  const last = nearest?.measured.at(-1);
  if (!nearest || !hard || !last)
    return goal(text, null, () => false, [reason, ...(nearest?.refusals ?? [])].join(''));
  const before = nearest.measured.at(-2);
  const exponent = before
    ? Math.log(last.seconds / before.seconds) / Math.log(last.inputs / before.inputs)
    : Number.NaN;
  const largest = Math.max(...[...nearest.measured, ...hard.measured].map(({ peak }) => peak));
  const listed = nearest.measured.map(
    (one) => `${one.inputs}: ${one.seconds.toFixed(1)} s, ${mebibytes(one.peak)}`,
  );
  const counts = hard.measured.map(
    (one) => `hard count of ${one.inputs}: ${one.seconds.toFixed(1)} s, ${mebibytes(one.peak)}`,
  );
  return goal(
    text,
    largest / GIBIBYTE,
    (value) => value <= 1 && exponent <= 2.2 && last.inputs >= MOST && hard.measured.length > 0,
    [
      `GiB resident, all of the process; ${SMALL.name}, one logit, 2 threads, memory 1 GiB`,
      ...listed,
      `time as N^${exponent.toFixed(2)} at the end`,
      ...counts,
      ...nearest.refusals,
      ...hard.refusals,
    ].join('; '),
  );
}

function mebibytes(bytes: number): string {
  return `${Math.round(bytes / 2 ** 20)} MiB`;
}
