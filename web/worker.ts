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
  () => attend(new Worker(self.location.href, { type: 'module' }), self.location.href),
);

const face: BrowserFace = {
  service: makeService(runtime),
  host: makeHost(runtime, comlink.transfer),
  live: (lock) =>
    new Promise((answer) => {
      if (!lock) return answer(false);
      const hold = () => {
        answer(true);
        // For as long as this worker lives.
        return new Promise(() => undefined);
      };
      navigator.locks.request(lock, hold).catch(() => answer(false));
    }),
};
comlink.expose(face);
