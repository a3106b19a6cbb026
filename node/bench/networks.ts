/** The networks of the end-to-end rows, as tfjs models, and as files from which Python builds the same functions. */
import { writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import { tf } from '../../src/network/tfjs.js';

export interface BenchNetwork {
  readonly name: string;
  /** Units of the dense layers; the last one is linear. */
  readonly dense: readonly number[];
  /** Channels of 3 × 3 convolutions before them, each followed by relu and 2 × 2 max pooling. */
  readonly convolutions: readonly number[];
}

export const SMALL: BenchNetwork = { name: 'MLP 784-128-64-10', dense: [128, 64, 10], convolutions: [] };
export const LARGE: BenchNetwork = { name: 'MLP 784-512-512-10', dense: [512, 512, 10], convolutions: [] };
/** 28² → 26² × 16 → 13² → 11² × 32 → 5² × 32 = 800 → 10: 12 810 parameters. */
export const CONVOLUTIONAL: BenchNetwork = {
  name: 'CNN conv16-conv32-dense',
  dense: [10],
  convolutions: [16, 32],
};

/** The logit whose gradients are compared. */
export const OUTPUT = 3;

/** The same weights in every run. */
export function build({ dense, convolutions }: BenchNetwork): tf.LayersModel {
  const { layers } = tf;
  let seed = 1;
  const kernelInitializer = () => tf.initializers.glorotUniform({ seed: seed++ });
  // Not zeros: a bias that went astray must show when peers' results are compared.
  const biasInitializer = () => tf.initializers.randomUniform({ minval: -0.1, maxval: 0.1, seed: seed++ });
  return tf.sequential({
    layers: [
      layers.inputLayer({ inputShape: [28, 28, 1] }),
      ...convolutions.flatMap((filters) => [
        layers.conv2d({
          filters,
          kernelSize: 3,
          activation: 'relu',
          kernelInitializer: kernelInitializer(),
          biasInitializer: biasInitializer(),
        }),
        layers.maxPooling2d({ poolSize: 2 }),
      ]),
      layers.flatten(),
      ...dense.map((units, i) =>
        layers.dense({
          units,
          activation: i < dense.length - 1 ? 'relu' : 'linear',
          kernelInitializer: kernelInitializer(),
          biasInitializer: biasInitializer(),
        }),
      ),
    ],
  });
}

export function parameterCount(model: tf.LayersModel): number {
  return model.weights.reduce((sum, { shape }) => sum + shape.reduce((size: number, n) => size * n!, 1), 0);
}

/** A layer as peers.py reads it; weights lie in files of raw float32. */
type LayerPlan =
  | { readonly kind: 'channels-first' | 'channels-last' | 'flatten' }
  | { readonly kind: 'pool'; readonly size: number }
  | {
      readonly kind: 'dense' | 'convolution';
      readonly weights: string;
      readonly bias: string;
      readonly shape: readonly number[];
      readonly relu: boolean;
    };

/** Writes the weights into `folder`; the request that makes the network known to a peer. */
export async function handOver(
  network: BenchNetwork,
  model: tf.LayersModel,
  folder: string,
): Promise<{ readonly do: 'network'; readonly name: string; readonly layers: readonly LayerPlan[] }> {
  const { convolutions, dense, name } = network;
  const values = model.getWeights();
  let file = 0;
  const weighted = async (kind: 'dense' | 'convolution', relu: boolean): Promise<LayerPlan> => {
    const [kernel, bias] = [values[file++]!, values[file++]!];
    const path = join(folder, `${name.replaceAll(' ', '-')}-${file}`);
    await writeFile(`${path}.weights`, await kernel.data());
    await writeFile(`${path}.bias`, await bias.data());
    return { kind, weights: `${path}.weights`, bias: `${path}.bias`, shape: kernel.shape, relu };
  };
  const layers: LayerPlan[] = convolutions.length > 0 ? [{ kind: 'channels-first' }] : [];
  for (const _ of convolutions) layers.push(await weighted('convolution', true), { kind: 'pool', size: 2 });
  if (convolutions.length > 0) layers.push({ kind: 'channels-last' });
  layers.push({ kind: 'flatten' });
  for (let i = 0; i < dense.length; i++) layers.push(await weighted('dense', i < dense.length - 1));
  return { do: 'network', name, layers };
}
