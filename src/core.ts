/** The core without an adapter: bring your own runtime. */
import type { Engine } from './engine.js';
import { refuse } from './errors.js';
import { LocalEngine } from './local/engine.js';
import type { ModelSource } from './network/model.js';
import type { OpenOptions } from './options.js';
import type { Runtime } from './runtime.js';

export * from './index.js';

/**
 * Opens a trained network.
 * @param model what {@link ModelSource} says; paths and URLs are read by the runtime
 * @throws NetkinError 'input' for files that cannot be read, 'model' for damaged ones, 'unsupported' for layers without
 * a rule, 'check' where a gradient is not confirmed
 */
export type Open = (model: ModelSource, options?: OpenOptions) => Promise<Engine>;

/** `open` for a runtime of your own. With option worker the runtime has to be able to start one. */
export function openWith(runtime: Runtime): Open {
  return async (model, options = {}) => {
    if (!options.worker) return LocalEngine.open(model, runtime, options);
    if (!runtime.spawn) refuse('usage', 'There are no workers here: leave the option worker out.');
    const { RemoteEngine } = await import('./remote/engine.js');
    return RemoteEngine.open(model, runtime.spawn, options);
  };
}
