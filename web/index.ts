/** netkin for browsers: the core and an `open` that fetches. Computes in the page's own thread so far. */
import type { Engine } from '../src/engine.js';
import { LocalEngine } from '../src/local/engine.js';
import type { ModelSource } from '../src/network/model.js';
import type { OpenOptions } from '../src/options.js';
import type { Runtime } from '../src/runtime.js';
import { fetchBytes } from './fetch.js';

export * from '../src/index.js';

export interface BrowserOptions extends OpenOptions {
  /** Folder that serves `kernel.wasm` and `tfjs.wasm`; default: the page's folder. */
  readonly assets?: string | URL;
}

/**
 * Opens a trained network.
 * @param model URL of a tfjs `model.json`, relative to the page, its files in memory, or a live `tf.LayersModel`
 */
export function open(model: ModelSource, options: BrowserOptions = {}): Promise<Engine> {
  const { assets = './', ...rest } = options;
  const located = typeof model === 'string' ? new URL(model, document.baseURI) : model;
  return LocalEngine.open(located, browserRuntime(new URL(assets, document.baseURI)), rest);
}

function browserRuntime(assets: URL): Runtime {
  return {
    name: 'browser',
    threads: 0,
    kernel: async () => WebAssembly.compile(await fetchBytes(new URL('kernel.wasm', assets))),
    tfjs: async () => WebAssembly.compile(await fetchBytes(new URL('tfjs.wasm', assets))),
    read: fetchBytes,
  };
}
