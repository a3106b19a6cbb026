/** Ctrl-C: the first asks running work to stop, the second ends the process at once. */
const controller = new AbortController();

/** Aborted once the user has interrupted the program. */
export const interruption: AbortSignal = controller.signal;

/**
 * Listens for SIGINT until the returned function is called.
 * @param cleanUp what must still happen when a second SIGINT ends the process; synchronous
 */
export function onInterrupt(cleanUp: () => void): () => void {
  const listener = () => {
    if (controller.signal.aborted) {
      cleanUp();
      process.exit(130);
    }
    controller.abort();
  };
  process.on('SIGINT', listener);
  return () => process.removeListener('SIGINT', listener);
}
