/**
 * A long computation as a generator: it yields the share done, 0 to 1, so that whoever runs it can show progress, stop
 * it and let others have the thread; or a promise that has to settle before it goes on.
 */
export type Work<Result> = Generator<number | Promise<unknown>, Result, void>;
