/** The entry of a thread that computes pieces of the toy experiment, one after the other. */
import { type MessagePort, parentPort, workerData } from 'node:worker_threads';
import { type Failure, failureOf } from '../../src/errors.js';
import { startTfjs } from '../../src/network/tfjs.js';
import { computePiece } from '../../src/reproduce/toy/piece.js';
import type { ToyOptions, ToyPiece } from '../../src/reproduce/toy/protocol.js';
import { open } from '../index.js';
import { nodeRuntime } from '../runtime.js';
import { readStanding, writeStanding } from './standings.js';

/** What the thread starts with. */
export interface ToyWork {
  readonly folder: string;
  readonly options: ToyOptions;
}

/** What the thread is told: the next piece, or to stop and keep what is done. */
export type ToyOrder = { readonly piece: ToyPiece } | 'stop';

/** What the thread says: the share done, or that the piece has ended. */
export type ToyNews = { readonly done: number } | { readonly ended: true } | { readonly failure: Failure };

const { folder, options } = workerData as ToyWork;
const port = parentPort as MessagePort;
const controller = new AbortController();

// tfjs greets on the console.
for (const method of ['log', 'info', 'warn', 'error', 'debug'] as const) console[method] = () => {};

port.on('message', async (order: ToyOrder) => {
  if (order === 'stop') {
    controller.abort();
    return;
  }
  const tell = (news: ToyNews) => port.postMessage(news);
  const { piece } = order;
  try {
    await startTfjs(nodeRuntime);
    const kernel = await nodeRuntime.kernel();
    const keep = (standing: Parameters<typeof writeStanding>[3]) =>
      writeStanding(folder, piece, options, standing);
    const before = readStanding(folder, piece, options);
    const progress = ({ done }: { readonly done: number }) => tell({ done });
    await computePiece({ kernel, open, keep }, piece, options, before, {
      signal: controller.signal,
      progress,
    });
    tell({ ended: true });
  } catch (error) {
    tell({ failure: failureOf(error) });
  }
});
