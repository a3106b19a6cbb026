/** Small models that between them hold every class that tfjs-layers can load, saved as an edge function receives them. */
import * as tf from '@tensorflow/tfjs';
import { modelFiles } from '../model-files.js';
import { noise, randomise } from '../oracle/random.js';
import type { Trial } from './inside/trying.js';

const { layers } = tf;
type Layer = { apply(x: tf.SymbolicTensor): unknown };

/** One layer after another. */
function chain(shape: number[], ...all: Layer[]): tf.LayersModel {
  const x = tf.input({ shape });
  const y = all.reduce((value, layer) => layer.apply(value) as tf.SymbolicTensor, x);
  return tf.model({ inputs: x, outputs: y });
}

/** A layer of two inputs, each behind a dense layer. */
function merged(layer: Layer, shape = [4]): tf.LayersModel {
  const inputs = [tf.input({ shape }), tf.input({ shape })];
  const both = inputs.map((x) => layers.dense({ units: 3 }).apply(x));
  return tf.model({ inputs, outputs: layer.apply(both as never) as tf.SymbolicTensor });
}

/** softmax(Q Kᵀ) V, as it can be written with layers. */
function attention(): tf.LayersModel {
  const x = tf.input({ shape: [4, 6] });
  const [q, k, v] = [1, 2, 3].map(() => layers.dense({ units: 6 }).apply(x) as tf.SymbolicTensor);
  const scores = layers.dot({ axes: [2, 2] }).apply([q, k]) as tf.SymbolicTensor;
  const shares = layers.softmax({ axis: 2 }).apply(scores) as tf.SymbolicTensor;
  const mixed = layers.dot({ axes: [2, 1] }).apply([shares, v]) as tf.SymbolicTensor;
  const sum = layers.add().apply([x, mixed]) as tf.SymbolicTensor;
  return tf.model({ inputs: x, outputs: layers.layerNormalization().apply(sum) as tf.SymbolicTensor });
}

const [line, image, volume, series] = [[5], [6, 6, 2], [4, 4, 4, 2], [5, 3]];
const conv = { filters: 3, kernelSize: 2 };
const cells = () => [
  layers.lstmCell({ units: 2 }),
  layers.gruCell({ units: 3 }),
  layers.simpleRNNCell({ units: 2 }),
];
const dense = () => layers.dense({ units: 4, activation: 'tanh' });
const sequence = { units: 3, returnSequences: true };
const film = { filters: 2, kernelSize: 2 };
const first = (...shape: number[]) => ({ batchInputShape: [null, ...shape] });

const makers: Readonly<Record<string, () => tf.LayersModel>> = {
  'dense, with dropout and noise': () =>
    chain(
      line,
      dense(),
      layers.dropout({ rate: 0.5 }),
      layers.gaussianNoise({ stddev: 1 }),
      layers.gaussianDropout({ rate: 0.3 }),
      layers.alphaDropout({ rate: 0.3 }),
      dense(),
    ),
  'a sequential inside another': () =>
    tf.sequential({
      layers: [tf.sequential({ layers: [layers.dense({ units: 3, inputShape: line })] }), dense()],
    }),
  'a model inside another, used twice': () => {
    const inner = chain(line, dense());
    const inputs = [tf.input({ shape: line }), tf.input({ shape: line })];
    const both = inputs.map((x) => inner.apply(x) as tf.SymbolicTensor);
    return tf.model({ inputs, outputs: [...both, layers.add().apply(both) as tf.SymbolicTensor] });
  },
  constraints: () =>
    chain(
      line,
      layers.dense({
        units: 2,
        kernelConstraint: 'maxNorm',
        biasConstraint: 'nonNeg',
        kernelRegularizer: 'l1l2',
      }),
      layers.dense({ units: 2, kernelConstraint: 'unitNorm', biasConstraint: 'minMaxNorm' }),
    ),
  'convolution 1-D': () =>
    chain(series, layers.conv1d({ ...conv, padding: 'same' }), layers.conv1d({ ...conv, strides: 2 })),
  'convolution 1-D, dilated': () => chain(series, dense(), layers.conv1d({ ...conv, dilationRate: 2 })),
  'convolution 2-D': () =>
    chain(
      image,
      layers.conv2d({ ...conv, padding: 'same', activation: 'relu' }),
      layers.conv2d({ ...conv, strides: 2 }),
    ),
  'convolution 2-D, dilated': () => chain(image, dense(), layers.conv2d({ ...conv, dilationRate: 2 })),
  'convolution 2-D, channels first': () =>
    chain(image, layers.conv2d({ ...conv, dataFormat: 'channelsFirst' })),
  'convolution 3-D': () =>
    chain(volume, layers.conv3d({ ...conv, padding: 'same' }), layers.conv3d({ ...conv, strides: 2 })),
  'transposed convolution 2-D': () =>
    chain(image, dense(), layers.conv2dTranspose({ ...conv, strides: 2, padding: 'same' })),
  'transposed convolution 3-D': () => chain(volume, dense(), layers.conv3dTranspose({ ...conv, strides: 2 })),
  'separable convolution': () => chain(image, dense(), layers.separableConv2d({ ...conv, padding: 'same' })),
  'depthwise convolution': () =>
    chain(image, dense(), layers.depthwiseConv2d({ kernelSize: 3, depthMultiplier: 2, activation: 'relu6' })),
  'cropping, padding and up-sampling': () =>
    chain(
      image,
      dense(),
      layers.zeroPadding2d({
        padding: [
          [1, 0],
          [2, 1],
        ] as never,
      }),
      layers.upSampling2d({ size: [2, 2] }),
      layers.cropping2D({
        cropping: [
          [1, 2],
          [0, 1],
        ],
      }),
      layers.upSampling2d({ size: [1, 2], interpolation: 'bilinear' }),
    ),
  'pooling 1-D': () =>
    chain(
      series,
      dense(),
      layers.maxPooling1d({ poolSize: 2, strides: 1 }),
      layers.averagePooling1d({ poolSize: 2 }),
    ),
  'pooling 2-D': () =>
    chain(
      image,
      dense(),
      layers.maxPooling2d({ poolSize: 2, strides: 1, padding: 'same' }),
      layers.averagePooling2d({ poolSize: 2 }),
    ),
  'pooling 3-D': () =>
    chain(
      volume,
      dense(),
      layers.maxPooling3d({ poolSize: 2, strides: 1 }),
      layers.averagePooling3d({ poolSize: 2 }),
    ),
  'global pooling 1-D': () => chain(series, dense(), layers.globalMaxPooling1d({})),
  'global average 1-D': () => chain(series, dense(), layers.globalAveragePooling1d({})),
  'global pooling 2-D': () => chain(image, dense(), layers.globalMaxPooling2d({})),
  'global average 2-D': () => chain(image, dense(), layers.globalAveragePooling2d({})),
  'batch normalisation': () => chain(image, dense(), layers.batchNormalization({})),
  'batch normalisation of another axis': () => chain(image, dense(), layers.batchNormalization({ axis: 1 })),
  'layer normalisation': () => chain(series, dense(), layers.layerNormalization({ axis: [1, 2] })),
  slopes: () =>
    chain(
      image,
      layers.prelu({ sharedAxes: [1, 2] }),
      layers.leakyReLU({}),
      layers.elu({}),
      layers.reLU({ maxValue: 2 }),
      layers.prelu({}),
    ),
  threshold: () => chain(image, dense(), layers.thresholdedReLU({ theta: 0.1 })),
  'reshaping and permuting': () =>
    chain(
      image,
      dense(),
      layers.permute({ dims: [3, 1, 2] }),
      layers.reshape({ targetShape: [12, 12] }),
      layers.flatten(),
      layers.repeatVector({ n: 2 }),
      layers.spatialDropout1d({ rate: 0.3 } as never),
    ),
  attention,
  'sum of two': () => merged(layers.add()),
  'product of two': () => merged(layers.multiply()),
  'mean of two': () => merged(layers.average()),
  'maximum of two': () => merged(layers.maximum()),
  'minimum of two': () => merged(layers.minimum()),
  'two in a row': () => merged(layers.concatenate(), [2, 4]),
  'cosine of two': () => merged(layers.dot({ axes: -1, normalize: true })),
  'simple recurrence': () =>
    chain(series, layers.simpleRNN(sequence), layers.simpleRNN({ units: 2, goBackwards: true })),
  LSTM: () => chain(series, layers.lstm(sequence), layers.lstm({ units: 2, implementation: 2 })),
  GRU: () => chain(series, layers.gru(sequence), layers.gru({ units: 2, implementation: 2 })),
  'stacked cells': () =>
    chain(series, layers.rnn({ cell: layers.stackedRNNCells({ cells: cells() }) as never })),
  'a sequence with its states': () => chain(series, layers.rnn({ cell: cells()[0] as never, unroll: true })),
  'both directions': () =>
    chain(
      series,
      layers.bidirectional({ layer: layers.lstm(sequence) as never, mergeMode: 'concat' }),
      layers.bidirectional({ layer: layers.gru({ units: 2 }) as never, mergeMode: 'sum' }),
    ),
  'masked embedding': () =>
    chain(line, layers.embedding({ inputDim: 4, outputDim: 3, maskZero: true }), layers.lstm({ units: 2 })),
  embedding: () => chain(line, layers.embedding({ inputDim: 4, outputDim: 3 }), layers.flatten()),
  masking: () => chain(series, layers.masking({ maskValue: 0 }), layers.simpleRNN({ units: 2 })),
  'convolutional LSTM': () =>
    chain([3, 4, 4, 2], layers.convLstm2d({ ...film, returnSequences: true }), layers.convLstm2d(film)),
  'over time': () =>
    chain(
      [3, 6, 6, 2],
      layers.timeDistributed({ layer: layers.conv2d(conv) }),
      layers.timeDistributed({ layer: dense() }),
    ),
  rescaling: () => chain(image, layers.rescaling({ scale: 1 / 3, offset: 0.5, ...first(...image) }), dense()),
  resizing: () => chain(image, layers.resizing({ height: 3, width: 4 }), dense()),
  'resizing to the nearest': () =>
    chain(image, layers.resizing({ height: 9, width: 4, interpolation: 'nearest' }), dense()),
  'a crop from the middle': () => chain(image, layers.centerCrop({ height: 4, width: 4 }), dense()),
  'a random width': () => chain(image, layers.randomWidth({ factor: [0.2, 0.4], seed: 3 })),
  categories: () => chain(line, layers.categoryEncoding({ numTokens: 4, outputMode: 'multiHot' }), dense()),
  counts: () => chain(line, layers.categoryEncoding({ numTokens: 4, outputMode: 'count' }), dense()),
};

/** Every class that tfjs can load by name. */
const registered = tf.serialization.SerializationMap.getMap().classNameMap;
const initializer = Object.getPrototypeOf(registered.Zeros[0]);
const names = Object.keys(registered).filter(
  (name) => !(registered[name][0].prototype instanceof tf.Optimizer),
);
const initializers = names.filter((name) => registered[name][0].prototype instanceof initializer);
/** Activations are classes with a small letter. */
const activations = names.filter((name) => /^[a-z]/.test(name)) as 'relu'[];

const activated = (activation: 'relu') =>
  chain(line, layers.dense({ units: 4, activation }), layers.activation({ activation }));

/** A model whose file calls it as Keras does now. */
async function functional(): Promise<Trial> {
  const trial = await trialOf(chain(line, dense()), 1);
  return { ...trial, model: trial.model.replace('"class_name":"Model"', '"class_name":"Functional"') };
}

/** A model whose file names an initialiser as Keras does; tfjs would name what it stands for. */
async function initialised(name: string): Promise<Trial> {
  const trial = await trialOf(activated('relu'), 1);
  const config = name === 'Constant' ? { value: 2 } : {};
  const named = JSON.stringify({ class_name: name, config });
  return { ...trial, model: trial.model.replace(/(?<="kernel_initializer":)\{[^{}]*\{[^{}]*\}\}/, named) };
}

async function trialOf(model: tf.LayersModel, seed: number): Promise<Trial> {
  const files = await modelFiles(randomise(model, seed));
  const next = noise(seed);
  const inputs = model.inputs.map((input) => {
    const shape = [2, ...(input.shape.slice(1) as number[])];
    const length = shape.reduce((product, extent) => product * extent, 1);
    // From 0 to 3, for words and categories; not all whole, for everything else.
    const whole = model.layers.some((layer) => /Embedding|Category/.test(layer.getClassName()));
    const value = () => (whole ? Math.floor(2 + 2 * next()) : 2 * next());
    return { shape, data: Array.from({ length }, value).map(Math.fround) };
  });
  const weights = Buffer.from(files.get('weights.bin')!).toString('base64');
  model.dispose();
  return { model: new TextDecoder().decode(files.get('model.json')), weights, inputs };
}

/** All of them, by what they show. */
export async function zoo(): Promise<Record<string, Trial>> {
  const trials: Record<string, Trial> = { 'a functional model': await functional() };
  for (const [i, [name, make]] of Object.entries(makers).entries())
    trials[name] = await trialOf(make(), i + 1);
  for (const name of activations) trials[`activation ${name}`] = await trialOf(activated(name), 1);
  for (const name of initializers) trials[`initialiser ${name}`] = await initialised(name);
  return trials;
}

/** Registered classes that none of the models names. */
export function absent(trials: Iterable<Trial>): string[] {
  const named = new Set<string>();
  for (const { model } of trials) {
    for (const [, name] of model.matchAll(/"(?:class_name|activation)":"(\w+)"/g)) {
      named.add(name);
      named.add(name.replace(/_(\w)/g, (_, letter: string) => letter.toUpperCase()));
    }
  }
  return names.filter((name) => !named.has(name));
}
