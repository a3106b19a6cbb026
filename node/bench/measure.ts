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

/** Milliseconds. */
const WARM_UP = 500;

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

/**
 * Cases of one thread, measured by the processor's seconds: other programs' share of the core does not count, so that
 * ratios hold on a busy machine, too. On a quiet one they are the seconds of the clock.
 */
export function ofProcessor(cases: Readonly<Record<string, Work>>): Record<string, Work> {
  const measured = (work: Work) => async () => {
    const start = process.cpuUsage();
    const own = await work();
    const { user, system } = process.cpuUsage(start);
    return own instanceof Timed ? own : new Timed((user + system) / 1e6);
  };
  return Object.fromEntries(Object.entries(cases).map(([name, work]) => [name, measured(work)]));
}

/**
 * Every case runs for half a second, and at least three times: V8 optimises wasm some time after it became hot, in
 * threads of its own, and on a busy machine one side of a ratio would still be three times too slow. (Its flag to
 * optimise before the first call is no way out: other code comes of it, for addGram a slower one.)
 */
export async function warmUp(cases: Readonly<Record<string, Work>>): Promise<void> {
  for (const work of Object.values(cases)) {
    const start = performance.now();
    for (let run = 0; run < 3 || performance.now() - start < WARM_UP; run++) {
      await work();
      await new Promise((resume) => setImmediate(resume));
    }
  }
}

export function median(values: readonly number[]): number {
  const sorted = [...values].sort((a, b) => a - b);
  return sorted[Math.floor(sorted.length / 2)]!;
}
