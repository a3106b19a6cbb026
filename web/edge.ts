/**
 * netkin for edge functions: no workers, and nothing is compiled at run time. Each kind of edge runtime imports the two
 * wasm files in its own way (web/edge/) and hands the modules over.
 */
import type { Open } from '../src/core.js';
import type { Engine } from '../src/engine.js';
import { refuse } from '../src/errors.js';
import { LocalEngine } from '../src/local/engine.js';
import type { Perspective } from '../src/perspective.js';
import type { Runtime } from '../src/runtime.js';
import { type ExplainerOptions, type Handler, explainer as makeExplainer } from '../src/serving/explainer.js';
import { fetchBytes } from './fetch.js';

export * from '../src/index.js';
export * from '../src/serving/explainer.js';

/**
 * The HTTP function, each request computed in one stretch unless the options say otherwise. Where a caller hangs up, these
 * runtimes drop the rest of its request, timers included, and with it the turn that later requests wait for. Between a
 * body that was read and its answer there is nothing but microtasks here, so that no turn is ever left pending; `waitUntil`
 * would keep it alive, but for so many seconds only, and where the caller remembers to hand it over.
 */
export function explainer(engine: Engine, seen: Perspective, options: ExplainerOptions = {}): Handler {
  return makeExplainer(engine, seen, { ...options, uninterrupted: options.uninterrupted ?? true });
}

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
