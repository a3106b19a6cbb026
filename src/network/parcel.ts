/** A network on its way to workers: the model's artifacts out, and the same network built from them again. */
import type { NdArray } from '../array.js';
import { refuse } from '../errors.js';
import type { Precision } from '../precision.js';
import type { Runtime } from '../runtime.js';
import { artifactsOf, type ModelArtifacts } from './artifacts.js';
import { type Captured, Network } from './network.js';
import type { Objective, SettledChoice } from './selection.js';
import { startTfjs, tf } from './tfjs.js';

/** A network as it travels: its model, and which parameters were chosen. */
export interface NetworkParcel {
  readonly artifacts: ModelArtifacts;
  readonly parameters: readonly string[];
  readonly precision: Precision;
  readonly output: SettledChoice;
  readonly objective: Objective;
}

/** Packs a network; null where tfjs cannot save its model. */
export async function packNetwork(
  network: Network,
  output: SettledChoice,
  objective: Objective,
): Promise<NetworkParcel | null> {
  const artifacts = await artifactsOf(network.model);
  if (!artifacts) return null;
  const parameters = network.parameters.map(({ name }) => name);
  return { artifacts, parameters, precision: network.precision, output, objective };
}

/**
 * Builds a model from its artifacts, which are left as they are.
 * @throws NetkinError 'unsupported' for layers that are not registered in this thread
 */
export async function buildModel({
  topology,
  weightSpecs,
  weightData,
}: ModelArtifacts): Promise<tf.LayersModel> {
  const handler = tf.io.fromMemory({
    modelTopology: topology as tf.io.ModelJSON['modelTopology'],
    weightSpecs: weightSpecs as tf.io.WeightsManifestEntry[],
    weightData: weightData.slice().buffer,
  });
  return tf
    .loadLayersModel(handler)
    .catch((cause) => refuse('unsupported', `A worker cannot build the model: ${cause.message}`, cause));
}

/** A network that was built from a parcel. */
export interface OpenNetwork {
  /** Captures inputs that start at input `first` of their set. */
  capture(inputs: readonly NdArray<Float32Array>[], first: number): Captured;
  close(): void;
}

/** Builds the network in this thread. */
export async function openParcel(
  { artifacts, parameters, precision, output, objective }: NetworkParcel,
  runtime: Runtime,
): Promise<OpenNetwork> {
  await startTfjs(runtime);
  const kernel = await runtime.kernel();
  const model = await buildModel(artifacts);
  try {
    const chosen = new Set(parameters);
    const network = new Network(model, kernel, (name) => chosen.has(name), precision);
    const names = network.parameters.map(({ name }) => name);
    if (names.join() !== parameters.join()) {
      refuse('worker', `A worker rebuilt the model with other parameters: ${names.join(', ')}.`);
    }
    return {
      capture: (inputs, first) => network.capture(inputs, output, objective, first),
      close: () => model.dispose(),
    };
  } catch (error) {
    model.dispose();
    throw error;
  }
}
