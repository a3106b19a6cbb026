/** Workers seen from the page: started, listened to, and missed when they are gone. */
import * as comlink from 'comlink';
import { NetkinError } from '../src/errors.js';
import type { Host } from '../src/remote/host.js';
import type { RemoteWorker, WorkerFace } from '../src/runtime.js';
import type { Service } from '../src/workers/service.js';

export interface BrowserFace extends WorkerFace {
  /** Answers once the worker runs: whether it holds the lock of this name for the rest of its life. */
  live(lock: string | null): Promise<boolean>;
}

/**
 * A worker that cannot start.
 * @param address of its script, where that is known
 */
export function unstarted(address: string | undefined, reason: string, cause?: unknown): NetkinError {
  return new NetkinError(
    'worker',
    `The worker${address ? ` at ${address}` : ''} cannot start: ${reason.replace(/\.$/, '')}. Serve the folder dist/browser of netkin from the page's own origin and name it as option assets.`,
    { cause },
  );
}

let workers = 0;

/**
 * Waits until a worker runs. No event tells that a worker was ended by the browser, but the locks that it held are
 * handed on then; where there are none (pages that are no secure context, or may store nothing) only its errors are
 * noticed.
 * @param address of its script, for the error
 */
export async function attend(worker: Worker, address: string | undefined): Promise<RemoteWorker> {
  const face = comlink.wrap<BrowserFace>(worker);
  const failed = new Promise<string>((resolve) => {
    worker.onerror = (event) => {
      event.preventDefault();
      resolve(event.message || 'its script cannot be loaded or run');
    };
  });
  workers += 1;
  const locks = globalThis.navigator.locks as LockManager | undefined;
  const lock = locks
    ? `netkin worker ${workers} ${crypto.getRandomValues(new Uint32Array(4)).join('-')}`
    : null;
  const started = await Promise.race([face.live(lock), failed]);
  if (typeof started === 'string') {
    worker.terminate();
    throw unstarted(address, started);
  }
  const gone = started
    ? locks!.request(lock!, { mode: 'shared' }, () => 'the browser ended it').catch(() => failed)
    : failed;
  const { service, host } = face;
  return {
    service: service as unknown as Service,
    host: host as unknown as Host,
    transfer: comlink.transfer,
    ended: Promise.race([failed, gone]),
    terminate: () => worker.terminate(),
    hold: () => undefined,
  };
}
