/** The worker of a page: an engine lives in it, or it computes for one that lives in another. */
import * as comlink from 'comlink';
import { makeHost } from '../src/remote/host.js';
import { makeService } from '../src/workers/service.js';
import { browserRuntime } from './runtime.js';
import { attend, type BrowserFace } from './workers.js';

const runtime = browserRuntime(
  {
    kernel: new URL('./kernel.wasm', import.meta.url),
    sharedKernel: new URL('./kernel-shared.wasm', import.meta.url),
    tfjs: new URL('./tfjs.wasm', import.meta.url),
  },
  () => attend(new Worker(self.location.href, { type: 'module' })),
);

const face: BrowserFace = {
  service: makeService(runtime),
  host: makeHost(runtime, comlink.transfer),
  live: async (lock) => {
    if (!lock) return;
    // Held for as long as this worker lives.
    await new Promise<void>((held) => {
      navigator.locks.request(lock, () => {
        held();
        return new Promise(() => undefined);
      });
    });
  },
};
comlink.expose(face);
