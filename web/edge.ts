/**
 * netkin for edge functions: no workers, and nothing is compiled at run time. Each kind of edge runtime imports the two
 * wasm files in its own way (web/edge/) and hands the modules over.
 */
import { type Open, openWith } from '../src/core.js';
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
  return openWith({
    name: 'edge',
    threads: 0,
    kernel: async () => kernel,
    tfjs: async () => tfjs,
    read: fetchBytes,
  });
}
