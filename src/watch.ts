/** Long calls: progress, cancellation, and room for others on the thread. */
import { NetkinError, refuse } from './errors.js';
import { closing, type Work } from './work.js';

export interface Progress {
  /** What is being done, as in 'gradients' or 'similarities'. */
  readonly stage: string;
  /** Share done, 0 to 1. */
  readonly done: number;
}

export interface Watch {
  /** Ends the call with an error of code 'aborted'; what it used is freed. */
  readonly signal?: AbortSignal;
  readonly progress?: (progress: Progress) => void;
  /**
   * Computes in one stretch, without giving way to other tasks: neither signal nor progress are heard meanwhile. For
   * runtimes that drop what a request left pending when its caller hangs up, as Cloudflare Workers do: later calls, which
   * take turns, would wait for it for ever. Default false.
   */
  readonly uninterrupted?: boolean;
}

/** @throws NetkinError 'usage' for a signal or a progress function that is none */
export function assertWatch({ signal, progress }: { [Name in keyof Watch]: Watch[Name] | undefined }): void {
  const listens = typeof (signal as Partial<AbortSignal> | undefined)?.addEventListener === 'function';
  if (signal !== undefined && !(listens && typeof signal.aborted === 'boolean'))
    refuse('usage', 'The signal is no AbortSignal: hand over that of an AbortController.');
  if (progress !== undefined && typeof progress !== 'function') refuse('usage', 'progress is no function.');
}

/** The longest stretch of work between two looks at the signal, in milliseconds. */
const STRETCH = 50;
/** Steps at one time of day after which the clock is taken to stand still during a task, as in Cloudflare Workers. */
const STILL = 256;

/** Runs work to its end; gives way to other tasks every 50 ms, or while the work waits for something. */
export async function run<Result>(stage: string, work: Work<Result>, watch: Watch = {}): Promise<Result> {
  assertWatch(watch);
  let rested = Date.now();
  let last = rested;
  let still = 0;
  let ended = false;
  try {
    for (;;) {
      if (watch.signal?.aborted) throw new NetkinError('aborted', `Stopped while computing ${stage}.`);
      const step = work.next();
      if (step.done) {
        ended = true;
        watch.progress?.({ stage, done: 1 });
        return step.value;
      }
      if (typeof step.value !== 'number') {
        await settledOrAborted(step.value, watch.signal);
        continue;
      }
      const now = Date.now();
      still = now === last ? still + 1 : 0;
      last = now;
      if (watch.uninterrupted || (now - rested < STRETCH && still < STILL)) continue;
      still = 0;
      watch.progress?.({ stage, done: step.value });
      await new Promise((resume) => setTimeout(resume));
      rested = Date.now();
    }
  } finally {
    // Lets the work's own finally blocks free what they hold; they may have to wait, too.
    if (!ended) {
      for (const step of closing(work)) await step;
    }
  }
}

/** Waits for a promise, or until the signal says stop, whichever comes first. */
async function settledOrAborted(promise: Promise<unknown>, signal: AbortSignal | undefined): Promise<void> {
  if (!signal) {
    await promise;
    return;
  }
  let stop = () => {};
  const aborted = new Promise<void>((resolve) => {
    stop = resolve;
    signal.addEventListener('abort', stop, { once: true });
  });
  try {
    await Promise.race([promise, aborted]);
  } finally {
    signal.removeEventListener('abort', stop);
  }
}
