/** Pieces of work that may run elsewhere and several at once, but are taken up one by one in their order. */
import type { Work } from '../work.js';

export interface Pieces {
  readonly count: number;
  /** Pieces that may be under way at once; 1 and no `start`: everything is done here. */
  readonly slots: number;
  /** Starts a piece elsewhere, in slot position % slots. */
  readonly start: ((position: number) => Promise<void>) | null;
  /** Does a piece here. */
  readonly here: (position: number) => void;
  /** Takes up a finished piece; its slot is free afterwards. */
  readonly visit: (position: number) => void;
  /** Asks running pieces to end early. */
  readonly stop: () => void;
}

/** Yields the share taken up. Returns, however it ends, only when nothing runs elsewhere any more. */
export function* inOrder({ count, slots, start, here, visit, stop }: Pieces): Work<void> {
  const running = new Set<Promise<void>>();
  const started: Promise<void>[] = [];
  const begin = (position: number) => {
    if (!start || position >= count) return;
    const done = start(position).finally(() => running.delete(done));
    // A failure is met when the piece's turn comes; until then it must not count as unhandled.
    done.catch(() => undefined);
    running.add(done);
    started[position] = done;
  };
  try {
    for (let position = 0; position < slots; position++) begin(position);
    for (let position = 0; position < count; position++) {
      if (start) yield started[position];
      else here(position);
      visit(position);
      begin(position + slots);
      yield (position + 1) / count;
    }
  } finally {
    if (running.size > 0) {
      stop();
      yield Promise.allSettled(running);
    }
  }
}
