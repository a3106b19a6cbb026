/** The model that an engine is opened on: a live one of the caller's, or one that is read from files. */
import { refuse } from '../errors.js';
import { loadLayersModel } from '../network/load.js';
import type { tf } from '../network/tfjs.js';
import type { Runtime } from '../runtime.js';

/** Reads a model; tfjs has to run. The caller disposes of it. */
export async function loadModel(location: string | URL, runtime: Runtime): Promise<tf.LayersModel> {
  const name = String(location);
  if (/\.(h5|keras|onnx|safetensors)$/i.test(name)) {
    refuse(
      'unsupported',
      `'${name}': netkin reads tfjs model.json files so far; convert the model with tensorflowjs_converter.`,
    );
  }
  const bytes = await runtime.read(location);
  const folder = name.replace(/[^/\\]*$/, '');
  return loadLayersModel(bytes, name, (path) =>
    runtime.read(location instanceof URL ? new URL(path, location) : folder + path),
  );
}
