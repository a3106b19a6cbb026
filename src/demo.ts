/** The demonstration: a small classifier trained on labels of which some are wrong, ready to be analysed. */
import type { NdArray } from './array.js';
import type { Sample } from './format/sample.js';
import { startTfjs, type tf } from './network/tfjs.js';
import { smallClassifier, trainClassifier } from './network/training.js';
import type { Runtime } from './runtime.js';
import { run, type Watch } from './watch.js';

/** Enough for the network to fit most labels, too few to learn all wrong ones by heart. */
const EPOCHS = 15;

/** The sample's images, n × 28 × 28 × 1, scaled to 0..1. */
export function demoImages({ images }: Sample): NdArray<Float32Array> {
  const data = new Float32Array(images.data.length);
  for (let i = 0; i < data.length; i++) data[i] = images.data[i] / 255;
  return { shape: [...images.shape, 1], data };
}

/** Trains the demonstration's network on the given (noisy) labels. Dispose of the model after use. */
export async function trainDemo(
  runtime: Runtime,
  images: NdArray<Float32Array>,
  labels: ArrayLike<number>,
  classes: number,
  seed: number,
  watch: Watch = {},
): Promise<{ model: tf.LayersModel; epochs: number; loss: number }> {
  await startTfjs(runtime);
  const model = smallClassifier(images.shape.slice(1), classes, seed);
  const options = { epochs: EPOCHS, batch: 64, learningRate: 2e-3, seed };
  const { loss } = await run(
    'training',
    trainClassifier(await runtime.kernel(), model, images, labels, options),
    watch,
  );
  return { model, epochs: EPOCHS, loss };
}
