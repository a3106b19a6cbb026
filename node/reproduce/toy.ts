/** The toy experiment in a folder: its pieces in several threads, each from where it was left. */
import { mkdirSync } from 'node:fs';
import { join } from 'node:path';
import { Worker } from 'node:worker_threads';
import { NetkinError } from '../../src/errors.js';
import type { Watch } from '../../src/index.js';
import type { Standing } from '../../src/reproduce/toy/piece.js';
import {
  pieceCost,
  pieceName,
  type ToyOptions,
  type ToyPiece,
  toyPieces,
} from '../../src/reproduce/toy/protocol.js';
import { RUNS, readStanding } from './standings.js';
import type { ToyNews, ToyOrder, ToyWork } from './toy-worker.js';

/** A piece and where it stands. */
export interface Placed {
  readonly piece: ToyPiece;
  readonly standing: Standing;
}

/**
 * The pieces that a folder has files of. Those of other options stay untouched beside them.
 * @throws NetkinError for damaged files
 */
export function placedPieces(folder: string, options: ToyOptions): Placed[] {
  return toyPieces(options).flatMap((piece) => {
    const standing = readStanding(folder, piece, options);
    return standing ? [{ piece, standing }] : [];
  });
}

/** Whether all is computed, so that nothing but results may be missing. */
export function isComputed(options: ToyOptions, placed: readonly Placed[]): boolean {
  const finished = placed.filter(({ standing }) => standing.stage !== 'training');
  return finished.length === toyPieces(options).length;
}

/**
 * Computes what is missing, in up to `threads` threads. Which thread computes what has no effect on the numbers.
 * @throws NetkinError 'aborted' once every thread has kept what it did; 'worker' where a thread ended
 */
export async function computeToy(
  folder: string,
  options: ToyOptions,
  threads: number,
  placed: readonly Placed[],
  { signal, progress }: Watch,
): Promise<Placed[]> {
  mkdirSync(join(folder, RUNS), { recursive: true });
  const pieces = toyPieces(options);
  const finished = new Set(
    placed.filter(({ standing }) => standing.stage !== 'training').map(({ piece }) => pieceName(piece)),
  );
  const shares: number[] = pieces.map((piece) => (finished.has(pieceName(piece)) ? 1 : 0));
  const costs = pieces.map((piece) => pieceCost(piece, options));
  const total = costs.reduce((sum, cost) => sum + cost, 0);
  const report = (piece: number, share: number) => {
    shares[piece] = Math.max(share, shares[piece]!);
    const done = shares.reduce((sum, part, i) => sum + part * costs[i]!, 0) / total;
    progress?.({ stage: 'toy experiment', done });
  };

  const waiting = [...pieces.keys()].filter((piece) => shares[piece] === 0);
  // Where one thread fails, the others keep what they did and end, too.
  const failed = new AbortController();
  const stopping = signal ? AbortSignal.any([signal, failed.signal]) : failed.signal;
  const crew = Array.from({ length: Math.min(threads, waiting.length) }, async () => {
    const thread = new Thread({ folder, options });
    const stop = () => thread.stop();
    stopping.addEventListener('abort', stop);
    try {
      for (let piece = waiting.shift(); piece !== undefined; piece = waiting.shift()) {
        if (stopping.aborted) throw new NetkinError('aborted', 'Stopped between two networks.');
        const number = piece;
        await thread.compute(pieces[number]!, (share) => report(number, share));
        report(number, 1);
      }
    } catch (error) {
      failed.abort();
      throw error;
    } finally {
      stopping.removeEventListener('abort', stop);
      await thread.end();
    }
  });
  const results = await Promise.allSettled(crew);
  const failures = results.flatMap((result) => (result.status === 'rejected' ? [result.reason] : []));
  // Not that the others were stopped, but why.
  if (failures.length > 0) throw failures.find((error) => error.code !== 'aborted') ?? failures[0];
  return pieces.map((piece) => ({ piece, standing: readStanding(folder, piece, options)! }));
}

/** A worker that computes one piece at a time. */
class Thread {
  readonly #worker: Worker;
  #report: (share: number) => void = () => {};
  #settle: (error: NetkinError | null) => void = () => {};
  #ended: NetkinError | null = null;

  constructor(work: ToyWork) {
    this.#worker = new Worker(new URL('./toy-worker.js', import.meta.url), {
      workerData: work,
      execArgv: [],
    });
    const fail = (reason: string) => {
      this.#ended ??= new NetkinError('worker', `A thread of the experiment ended: ${reason}.`);
      this.#settle(this.#ended);
    };
    this.#worker.on('error', (error) => fail(error.message));
    this.#worker.on('exit', (code) => fail(`exit code ${code}`));
    this.#worker.on('message', (news: ToyNews) => {
      if ('done' in news) this.#report(news.done);
      else this.#settle('failure' in news ? new NetkinError(news.failure.code, news.failure.message) : null);
    });
  }

  compute(piece: ToyPiece, report: (share: number) => void): Promise<void> {
    return new Promise((resolve, reject) => {
      if (this.#ended) return reject(this.#ended);
      this.#report = report;
      this.#settle = (error) => (error ? reject(error) : resolve());
      this.#worker.postMessage({ piece } satisfies ToyOrder);
    });
  }

  /** The piece under way ends as aborted, once it is kept. */
  stop(): void {
    this.#worker.postMessage('stop' satisfies ToyOrder);
  }

  async end(): Promise<void> {
    await this.#worker.terminate();
  }
}
