/** netkin for Node: the core and an `open` that reads from files. */
import { type Open, openWith } from '../src/core.js';
import { startTfjs } from '../src/network/tfjs.js';
import { nodeRuntime } from './runtime.js';

export * from '../src/index.js';
export * from '../src/serving/explainer.js';

/**
 * Opens a trained network.
 * @param model path or file URL of a tfjs `model.json`, its files in memory, or a live `tf.LayersModel` of the caller's
 * @throws NetkinError 'input' for files that cannot be read, 'model' for damaged ones, 'unsupported' for layers without
 * a rule, 'check' where a gradient is not confirmed
 */
export const open: Open = openWith(nodeRuntime);

/**
 * Starts tfjs's wasm backend, which importing netkin makes tfjs's first choice: await this before building a model of
 * your own. `open` does it by itself.
 */
export function ready(): Promise<void> {
  return startTfjs(nodeRuntime);
}
