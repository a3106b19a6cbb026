/** Ctrl-C, kill and a closed terminal: the first asks running work to stop, the second ends the process at once. */
const controller = new AbortController();

/** As shells report them: 128 and the number of the signal. */
const codes = { SIGHUP: 129, SIGINT: 130, SIGTERM: 143 } as const;
const signals = Object.keys(codes) as (keyof typeof codes)[];

/** Aborted once the program has been asked to stop. */
export const interruption: AbortSignal = controller.signal;

/** Settles once the program has been asked to stop, even if that was before. */
export function untilAborted(signal: AbortSignal): Promise<void> {
  return new Promise((stopped) => {
    if (signal.aborted) stopped();
    else signal.addEventListener('abort', () => stopped(), { once: true });
  });
}

let heard: keyof typeof codes = 'SIGINT';
let consequence = 'nothing was written';

/** For verbs that keep what is done: says so in the place of 'nothing was written'. */
export function sayWhenInterrupted(text: string): void {
  consequence = text;
}

/** What to say of an interruption, and the exit code. */
export function interruptedBy(): { readonly text: string; readonly code: 129 | 130 | 143 } {
  const event = heard === 'SIGINT' ? 'interrupted' : `stopped by ${heard}`;
  return { text: `${event}; ${consequence}`, code: codes[heard] };
}

/**
 * Listens for SIGINT, SIGTERM and SIGHUP until the returned function is called.
 * @param cleanUp what must still happen when a second signal ends the process; synchronous
 */
export function onInterrupt(cleanUp: () => void): () => void {
  const listener = (signal: NodeJS.Signals) => {
    if (controller.signal.aborted) {
      cleanUp();
      process.exit(interruptedBy().code);
    }
    heard = signal as keyof typeof codes;
    controller.abort();
  };
  for (const signal of signals) process.on(signal, listener);
  return () => {
    for (const signal of signals) process.removeListener(signal, listener);
  };
}
