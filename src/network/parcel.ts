/** A network on its way to workers: the model's artifacts out, and the same network built from them again. */
import type { NdArray } from '../array.js';
import { refuse } from '../errors.js';
import type { Runtime } from '../runtime.js';
import type { NetworkParcel } from '../workers/service.js';
import { type Captured, Network } from './network.js';
import type { Objective, OutputChoice } from './selection.js';
import { startTfjs, tf } from './tfjs.js';

/** Packs a model; null where tfjs cannot save it (layers of the caller's own). */
export async function packNetwork(
  network: Network,
  output: OutputChoice,
  objective: Objective,
): Promise<NetworkParcel | null> {
  let parcel: NetworkParcel | null = null;
  const keep = tf.io.withSaveHandler(async ({ modelTopology, weightSpecs, weightData }) => {
    if (modelTopology && weightSpecs && weightData) {
      parcel = {
        topology: modelTopology as object,
        weightSpecs: weightSpecs as NetworkParcel['weightSpecs'],
        weightData: new Uint8Array(tf.io.CompositeArrayBuffer.join(weightData)),
        parameters: network.parameters.map(({ name }) => name),
        precision: network.precision,
        output,
        objective,
      };
    }
    return { modelArtifactsInfo: { dateSaved: new Date(0), modelTopologyType: 'JSON' } };
  });
  try {
    await network.model.save(keep);
    return parcel;
  } catch {
    return null;
  }
}

/** A network that was built from a parcel. */
export interface OpenNetwork {
  /** Captures inputs that start at input `first` of their set. */
  capture(inputs: readonly NdArray<Float32Array>[], first: number): Captured;
  close(): void;
}

/** Builds the network in this thread. */
export async function openParcel(
  { topology, weightSpecs, weightData, parameters, precision, output, objective }: NetworkParcel,
  runtime: Runtime,
): Promise<OpenNetwork> {
  await startTfjs(runtime);
  const kernel = await runtime.kernel();
  const artifacts = tf.io.fromMemory({
    modelTopology: topology as tf.io.ModelJSON['modelTopology'],
    weightSpecs: weightSpecs as tf.io.WeightsManifestEntry[],
    weightData: weightData.slice().buffer,
  });
  const model = await tf
    .loadLayersModel(artifacts)
    .catch((cause) => refuse('unsupported', `A worker cannot build the model: ${cause.message}`, cause));
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
