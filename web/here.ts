/** The engine in the thread that asks for it. A module of its own: pages that leave it to a worker never load tfjs. */
import type { Engine } from '../src/engine.js';
import { LocalEngine } from '../src/local/engine.js';
import type { ModelSource } from '../src/network/model.js';
import type { OpenOptions } from '../src/options.js';
import { browserRuntime } from './runtime.js';
import { startWorker } from './start.js';

/** @param folder where the wasm files lie; null: beside this module */
export function openHere(model: ModelSource, folder: URL | null, options: OpenOptions): Promise<Engine> {
  const runtime = browserRuntime(
    {
      kernel: folder ? new URL('kernel.wasm', folder) : new URL('./kernel.wasm', import.meta.url),
      sharedKernel: folder
        ? new URL('kernel-shared.wasm', folder)
        : new URL('./kernel-shared.wasm', import.meta.url),
      tfjs: folder ? new URL('tfjs.wasm', folder) : new URL('./tfjs.wasm', import.meta.url),
    },
    () => startWorker(folder),
  );
  return LocalEngine.open(model, runtime, options);
}
