/** Times that can be compared: all cases of one table run in turn, several rounds, and the medians count. */
import { NetkinError } from '../../src/errors.js';
import type { Watch } from '../../src/watch.js';

/** What a case returns that measures itself, because part of it is not to be counted. */
export class Timed {
  readonly seconds: number;
  constructor(seconds: number) {
    this.seconds = seconds;
  }
}

export type Work = () => unknown;

/** Seconds that a case may take altogether: slow ones take part in fewer rounds, at least in one. */
const PATIENCE = 12;

/** The first run of each case, where it was made before. */
export type Known = ReadonlyMap<string, number>;

/**
 * Runs every case once to warm up, then up to `rounds` times in turn; median seconds of each. A case whose first run
 * takes longer than 12 s is not repeated: that run counts.
 */
export async function interleave(
  cases: Readonly<Record<string, Work>>,
  rounds: number,
  stage = 'measuring',
  watch: Watch = {},
  known: Known = new Map(),
): Promise<Map<string, number>> {
  const times = new Map<string, number[]>();
  const turns = new Map<string, number>();
  const names = Object.keys(cases);
  for (const name of names) {
    const first = known.get(name) ?? (await seconds(cases[name]!, stage, watch));
    times.set(name, first > PATIENCE ? [first] : []);
    turns.set(name, first > PATIENCE ? 0 : Math.max(1, Math.min(rounds, Math.floor(PATIENCE / first))));
  }
  for (let round = 0; round < rounds; round++) {
    for (const [at, name] of names.entries()) {
      watch.progress?.({ stage, done: (round + at / names.length) / rounds });
      if (round < turns.get(name)!) times.get(name)!.push(await seconds(cases[name]!, stage, watch));
    }
  }
  watch.progress?.({ stage, done: 1 });
  return new Map(Array.from(times, ([name, all]) => [name, median(all)]));
}

/** @throws NetkinError 'aborted' where the user has asked to stop */
export async function seconds(work: Work, stage: string, { signal }: Watch = {}): Promise<number> {
  // Signals are heard between two cases.
  await new Promise((resume) => setImmediate(resume));
  if (signal?.aborted) throw new NetkinError('aborted', `Stopped while measuring ${stage}.`);
  const start = performance.now();
  const own = await work();
  return own instanceof Timed ? own.seconds : (performance.now() - start) / 1000;
}

/** V8 optimises a function some milliseconds after it became hot: every case runs for 60 ms, and at least twice. */
export async function warmUp(cases: Readonly<Record<string, Work>>): Promise<void> {
  for (const work of Object.values(cases)) {
    const start = performance.now();
    await work();
    do await work();
    while (performance.now() - start < 60);
    await new Promise((resume) => setTimeout(resume, 5));
  }
}

export function median(values: readonly number[]): number {
  const sorted = [...values].sort((a, b) => a - b);
  return sorted[Math.floor(sorted.length / 2)]!;
}
