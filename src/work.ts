/**
 * A long computation as a generator: it yields the share done, 0 to 1, so that whoever runs it can show progress, stop
 * it and let others have the thread; or a promise that has to settle before it goes on.
 */
export type Work<Result> = Generator<number | Promise<unknown>, Result, void>;

/** The same work as a part of a larger one: its shares run from `from` over `span`. */
export function* part<Result>(work: Work<Result>, from: number, span: number): Work<Result> {
  let ended = false;
  try {
    for (;;) {
      const step = work.next();
      if (step.done) {
        ended = true;
        return step.value;
      }
      yield typeof step.value === 'number' ? from + span * step.value : step.value;
    }
  } finally {
    if (!ended) yield* closing(work);
  }
}

/** What a promise gives, as a step of work. */
export function* awaited<Value>(promise: Promise<Value>): Work<Value> {
  let found: { readonly value: Value } | undefined;
  yield promise.then((value) => {
    found = { value };
  });
  return found!.value;
}

/** The result of work that waits for nothing, at once. */
export function finished<Result>(work: Work<Result>): Result {
  for (;;) {
    const step = work.next();
    if (step.done) return step.value;
  }
}

/** What is thrown into work to end it. */
class Stopped extends Error {}

/**
 * Ends work early: its finally blocks run, and what they wait for is yielded. Something is thrown into it, since
 * `return()` is forgotten by every `yield*` on the way once a finally block inside has yielded: the work would go on.
 */
export function* closing(work: Work<unknown>): Generator<number | Promise<unknown>, void, void> {
  const stopped = new Stopped();
  try {
    let step = work.throw(stopped);
    while (!step.done) {
      yield step.value;
      step = work.next();
    }
  } catch (error) {
    if (error !== stopped) throw error;
  }
}
