/** Long calls: progress, cancellation, and room for others on the thread. */
import { NetkinError } from './errors.js';

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
}

/** The longest stretch of work between two looks at the signal, in milliseconds. */
const STRETCH = 50;

/** Runs a generator that yields the share done to its end; gives way to other tasks every 50 ms. */
export async function run<Result>(
  stage: string,
  work: Generator<number, Result>,
  watch: Watch = {},
): Promise<Result> {
  let rested = Date.now();
  try {
    for (;;) {
      if (watch.signal?.aborted) throw new NetkinError('aborted', `Stopped while computing ${stage}.`);
      const step = work.next();
      if (step.done) {
        watch.progress?.({ stage, done: 1 });
        return step.value;
      }
      if (Date.now() - rested < STRETCH) continue;
      watch.progress?.({ stage, done: step.value });
      await new Promise((resume) => setTimeout(resume));
      rested = Date.now();
    }
  } finally {
    // Lets the generator's own finally blocks free what they hold.
    work.return(undefined as Result);
  }
}
