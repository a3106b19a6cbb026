/** A runtime under test: a driver starts it once, has it examine netkin, and ends it. */
import type { Examination } from './inside/examine.js';

export interface Outcome extends Examination {
  readonly version: string;
  /** Errors outside every call. */
  readonly faults: readonly string[];
}

/** Where the engines live: in the caller's thread, or each in a worker. */
export type Home = 'here' | 'worker';

export interface Driver {
  readonly name: string;
  /** Rejects with the reason where the runtime cannot be started, or ends early. */
  run(): Promise<Outcome>;
}

/** An examination takes 3 to 10 seconds on two quiet cores; others may use them, too. */
export const RUN_SECONDS = 240;

/** The value, or an error that says what did not come. */
export async function inTime<Value>(what: string, value: Promise<Value>): Promise<Value> {
  let timer: ReturnType<typeof setTimeout> | undefined;
  const late = new Promise<never>((_, reject) => {
    timer = setTimeout(() => reject(new Error(`${what} within ${RUN_SECONDS} seconds`)), RUN_SECONDS * 1000);
  });
  try {
    return await Promise.race([value, late]);
  } finally {
    clearTimeout(timer);
  }
}
