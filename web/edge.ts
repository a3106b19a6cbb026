/**
 * netkin for edge functions: no workers, and nothing is compiled at run time. Each kind of edge runtime imports the two
 * wasm files in its own way (web/edge/) and hands the modules over.
 */
import type { Open } from '../src/core.js';
import { refuse } from '../src/errors.js';
import { LocalEngine } from '../src/local/engine.js';
import type { Runtime } from '../src/runtime.js';
import { fetchBytes } from './fetch.js';

export * from '../src/index.js';
export * from '../src/serving/explainer.js';

/** The files `kernel.wasm` and `tfjs.wasm`, compiled. */
export interface EdgeModules {
  readonly kernel: WebAssembly.Module;
  readonly tfjs: WebAssembly.Module;
}

/** `open` for modules that are compiled already. Call it inside a request: at start-up the runtime forbids waiting. */
export function edgeOpen({ kernel, tfjs }: EdgeModules): Open {
  const runtime: Runtime = {
    name: 'edge',
    threads: 0,
    kernel: async () => kernel,
    tfjs: async () => tfjs,
    read: fetchBytes,
  };
  return async (model, options = {}) => {
    if (options.worker) refuse('usage', 'There are no workers here: leave the option worker out.');
    return LocalEngine.open(model, runtime, options);
  };
}
