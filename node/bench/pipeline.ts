/** The whole path from images to the matrix of all pairs, beside one `tf.variableGrads` per image on the same backend. */
import type { NdArray } from '../../src/array.js';
import type { Engine } from '../../src/engine.js';
import { tf } from '../../src/network/tfjs.js';
import type { OpenOptions } from '../../src/options.js';
import { interleave } from './measure.js';
import { type BenchRow, type Goal, goal } from './rows.js';

type Open = (model: tf.LayersModel, options: OpenOptions) => Promise<Engine>;

const OUTPUT = 3;
/** Images of the loop that is extrapolated: its time is proportional to the number of images. */
const LOOPED = 60;

function perceptron(...units: number[]): tf.LayersModel {
  const { layers } = tf;
  return tf.sequential({
    layers: [
      layers.flatten({ inputShape: [28, 28, 1] }),
      ...units.map((width, i) =>
        layers.dense({ units: width, activation: i < units.length - 1 ? 'relu' : 'linear' }),
      ),
    ],
  });
}

export async function benchPipeline(
  open: Open,
  images: NdArray<Float32Array>,
  size: number,
  rounds: number,
): Promise<{ rows: BenchRow[]; goals: Record<string, Goal> }> {
  const inputs = { shape: [size, 28, 28, 1], data: images.data.subarray(0, size * 784) };
  const rows: BenchRow[] = [];
  const model = perceptron(128, 64, 10);
  const task = `MLP 109 k, ${size} images to k^C`;
  const single = await open(model, { output: [OUTPUT], threads: 0 });
  const loop = () => gradientLoop(model, inputs.data);
  const times = await interleave(
    {
      netkin: async () => (await single.perspective(inputs)).matrix(),
      'gradient loop': loop,
      'forward pass': () => single.outputs(inputs),
      'netkin soft density': async () => (await single.perspective(inputs)).density(),
    },
    rounds,
  );
  const product = matrixProduct(size, 109_386);
  const looped = (times.get('gradient loop')! * size) / LOOPED + product;
  rows.push({ task, by: 'netkin, one thread', seconds: times.get('netkin')! });
  rows.push({ task, by: 'one tf.variableGrads per image', seconds: looped });

  const many = { shape: [2 * size, 28, 28, 1], data: images.data.subarray(0, 2 * size * 784) };
  const wide = perceptron(512, 512, 10);
  const [one, two] = [await open(wide, { threads: 0 }), await open(wide, { threads: 2 })];
  const [alone, together] = [await one.perspective(many), await two.perspective(many)];
  const shared = await interleave(
    { 'one thread': () => alone.density({ power: 2 }), 'two workers': () => together.density({ power: 2 }) },
    rounds,
  );
  for (const [by, seconds] of shared) rows.push({ task: `MLP 670 k, pairs of ${2 * size}`, by, seconds });
  const [expected, found] = [await alone.density({ power: 2 }), await together.density({ power: 2 })];
  const equal = expected.every((value, i) => Object.is(value, found[i]));
  const speedUp = shared.get('one thread')! / shared.get('two workers')!;
  await Promise.all([single, one, two].map((engine) => engine.dispose()));
  const soft = times.get('netkin soft density')! / times.get('forward pass')!;
  model.dispose();
  wide.dispose();
  return {
    rows,
    goals: {
      4: goal(
        '2 workers 1.9 times 1 thread',
        speedUp,
        (value) => value >= 1.9,
        `${rows.at(-1)!.task}, power density`,
      ),
      5: goal(
        'images to matrix 150 times faster than one tf.variableGrads per image',
        looped / times.get('netkin')!,
        (value) => value >= 150,
        `${task}, one logit; the loop: ${LOOPED} images, extrapolated, and one tf.matMul of all rows (${product.toFixed(1)} s); PyTorch is not compared yet`,
      ),
      6: goal(
        'the same bits for any number of workers',
        equal ? 1 : 0,
        (value) => value === 1,
        '1 and 2 threads',
      ),
      8: goal(
        'soft density in the time of 5 forward passes',
        soft,
        (value) => value <= 5,
        `${size} images, MLP 784-128-64-10, one logit; gradient rows are held in memory`,
      ),
    },
  };
}

/** Seconds of tfjs's product of `size` gradient rows with themselves, once: it takes long and gigabytes. */
function matrixProduct(size: number, parameters: number): number {
  const rows = tf.fill([size, parameters], 0.003) as tf.Tensor2D;
  const start = performance.now();
  tf.tidy(() => tf.matMul(rows, tf.transpose(rows)).dataSync());
  const seconds = (performance.now() - start) / 1000;
  rows.dispose();
  return seconds;
}

/** The gradients of one logit, image by image. */
function gradientLoop(model: tf.LayersModel, images: Float32Array): void {
  const variables = model.trainableWeights.map((weight) => weight.read() as tf.Variable);
  for (let i = 0; i < LOOPED; i++) {
    tf.tidy(() => {
      const x = tf.tensor(images.slice(i * 784, (i + 1) * 784), [1, 28, 28, 1]);
      const { grads } = tf.variableGrads(
        () => tf.sum(tf.slice(model.apply(x) as tf.Tensor2D, [0, OUTPUT], [1, 1])) as tf.Scalar,
        variables,
      );
      for (const variable of variables) grads[variable.name]!.dataSync();
    });
  }
}
