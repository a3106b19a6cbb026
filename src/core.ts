/** The core without an adapter: bring your own runtime. */
import type { Engine } from './engine.js';
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

/** `open` for a runtime of your own. */
export function openWith(runtime: Runtime): Open {
  return (model, options = {}) => LocalEngine.open(model, runtime, options);
}
