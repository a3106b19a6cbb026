/** netkin for browsers: an `open` whose engine lives in a worker, so that the page is never blocked. */
import type { Engine } from '../src/engine.js';
import type { ModelSource } from '../src/network/model.js';
import type { OpenOptions } from '../src/options.js';
import { RemoteEngine } from '../src/remote/engine.js';
import { assetsFolder, modelAddress } from './addresses.js';
import { startWorker } from './start.js';

export * from '../src/index.js';

export interface BrowserOptions extends OpenOptions {
  /**
   * Folder that serves `worker.js` and the wasm files of this package (`dist/browser`), on the page's own origin;
   * default: beside this module, which bundlers that know `new URL(…, import.meta.url)` see to.
   */
  readonly assets?: string | URL;
}

/**
 * Opens a trained network.
 * @param model URL of a tfjs `model.json`, relative to the page, its files in memory, or a live `tf.LayersModel`, of which a
 * copy travels
 * @param options.worker false: the engine computes in this thread, on the live model itself
 * @throws NetkinError 'usage' for addresses that are none, 'worker' where no worker can be started, and as in Node
 */
export async function open(model: ModelSource, { assets, ...options }: BrowserOptions = {}): Promise<Engine> {
  const located = typeof model === 'string' ? modelAddress(model) : model;
  const folder = assetsFolder(assets);
  if (options.worker ?? globalThis.document !== undefined) {
    return RemoteEngine.open(located, () => startWorker(folder), options);
  }
  const { openHere } = await import('./here.js');
  return openHere(located, folder, options);
}
