/** The start of a worker by a page. */
import { NetkinError } from '../src/errors.js';
import type { RemoteWorker } from '../src/runtime.js';
import { attend, unstarted } from './workers.js';

/** @param folder where `worker.js` lies; null: beside this module */
export async function startWorker(folder: URL | null): Promise<RemoteWorker> {
  // Bundlers that know nothing of import.meta.resolve leave it out; `new Worker` must stay as they expect it.
  const address = folder ? new URL('worker.js', folder).href : import.meta.resolve?.('./worker.js');
  try {
    return await attend(
      folder
        ? new Worker(new URL('worker.js', folder), { type: 'module' })
        : new Worker(new URL('./worker.js', import.meta.url), { type: 'module' }),
      address,
    );
  } catch (error) {
    if (error instanceof NetkinError) throw error;
    throw unstarted(address, (error as Error).message, error);
  }
}
