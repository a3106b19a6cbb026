/** The ways to hand over a model. */
import { refuse } from '../errors.js';
import type { Runtime } from '../runtime.js';
import type { tf } from './tfjs.js';

/** The files of a saved tfjs layers model by name: `model.json`, and the weight files that it names. */
export type ModelFiles = ReadonlyMap<string, Uint8Array>;

/**
 * A path or URL of a tfjs `model.json`, its files in memory, or a live model, which stays the caller's. Which locations
 * can be read depends on the runtime.
 */
export type ModelSource = string | URL | ModelFiles | tf.LayersModel;

/** A model ready for use; `owned`: loaded here, so that the engine has to free it. */
export interface OpenModel {
  readonly live: tf.LayersModel;
  readonly owned: boolean;
}

/** @throws NetkinError 'input' for files that cannot be read, 'model' for damaged ones, 'unsupported' for other formats */
export async function openModel(source: ModelSource, runtime: Runtime): Promise<OpenModel> {
  if (typeof source === 'string' || source instanceof URL) {
    return { live: await loadFrom(source, runtime), owned: true };
  }
  if (source instanceof Map) return { live: await loadFiles(source), owned: true };
  return { live: source as tf.LayersModel, owned: false };
}

async function loadFrom(location: string | URL, runtime: Runtime): Promise<tf.LayersModel> {
  const name = String(location);
  if (/\.(h5|keras|onnx|safetensors)$/i.test(name)) {
    refuse(
      'unsupported',
      `'${name}': netkin reads tfjs model.json files so far; convert the model with tensorflowjs_converter.`,
    );
  }
  const { loadLayersModel } = await import('./load.js');
  const bytes = await runtime.read(location);
  const folder = name.replace(/[^/\\]*$/, '');
  return loadLayersModel(bytes, name, (path) =>
    runtime.read(location instanceof URL ? new URL(path, location) : folder + path),
  );
}

async function loadFiles(files: ModelFiles): Promise<tf.LayersModel> {
  const file = async (name: string): Promise<Uint8Array> => {
    const bytes: unknown = files.get(name);
    if (bytes instanceof Uint8Array) return bytes;
    if (bytes !== undefined) refuse('input', `The model's file '${name}' is no Uint8Array.`);
    return refuse(
      'input',
      `The model has no file '${name}'; given are ${[...files.keys()].join(', ') || 'none'}.`,
    );
  };
  const { loadLayersModel } = await import('./load.js');
  return loadLayersModel(await file('model.json'), 'model.json', file);
}
