/** The gradient of a similarity, compared with finite differences of the float64 oracle. */
import { readFileSync } from 'node:fs';
import * as tf from '@tensorflow/tfjs';
import type { SimilarityRequest } from '../../src/network/second-order/request.js';
import { SimilarityLoss } from '../../src/network/second-order/similarity-loss.js';
import { similarityOfSets, slopesOf } from '../oracle/enforce.js';
import { randomInputs, randomise } from '../oracle/random.js';

export const kernel = new WebAssembly.Module(
  readFileSync(new URL('../../dist/kernel.wasm', import.meta.url)),
);

/** Weights of the outputs that a request asks for, by its definition. */
export function seedOf(output: SimilarityRequest['output']) {
  return (example: number, outputs: Float64Array): number[] => {
    const width = outputs.length;
    if (Array.isArray(output)) return Array.from(outputs, (_, c) => (c === output[0] ? 1 : 0));
    const own =
      typeof output === 'object' && 'contrast' in output ? output : { contrast: 'predicted' as const };
    const of = (ids: number | ArrayLike<number>) => (typeof ids === 'number' ? ids : ids[example]!);
    const target = own.contrast === 'predicted' ? outputs.indexOf(Math.max(...outputs)) : of(own.contrast);
    const { adversary } = own as { adversary?: number | ArrayLike<number> };
    if (adversary !== undefined)
      return Array.from(outputs, (_, c) => Number(c === target) - Number(c === of(adversary)));
    return Array.from(outputs, (_, c) => (c === target ? 1 : -1 / (width - 1)));
  };
}

/** Gradients by `layer/weight`. */
export function byName(model: tf.LayersModel, gradients: tf.NamedTensorMap): Map<string, Float32Array> {
  return new Map(
    model.layers.flatMap((layer) =>
      layer.trainableWeights.map((weight) => [
        `${layer.name}/${weight.originalName.split('/').pop()}`,
        gradients[(weight.read() as tf.Variable).name].dataSync() as Float32Array,
      ]),
    ),
  );
}

/** ‖found − wanted‖ / ‖wanted‖ over all parameters together, and the worst of any parameter by the whole's share. */
export function relativeError(
  found: ReadonlyMap<string, ArrayLike<number>>,
  wanted: ReadonlyMap<string, ArrayLike<number>>,
): number {
  let error = 0;
  let length = 0;
  for (const [name, truth] of wanted) {
    const own = found.get(name)!;
    for (let p = 0; p < truth.length; p++) {
      error += (own[p] - truth[p]) ** 2;
      length += truth[p] ** 2;
    }
  }
  return Math.sqrt(error / length);
}

export function exampleTensors(inputs: readonly { shape: readonly number[]; data: Float32Array }[]) {
  return inputs.map(({ shape, data }) => tf.tensor(data, [...shape]));
}

/** Randomises a model and audits the gradient of a request's similarity; the relative error of value and gradient. */
export function secondOrderError(
  model: tf.LayersModel,
  seed: number,
  request: Partial<SimilarityRequest> = {},
  scale = 1,
): number {
  randomise(model, seed);
  const whole: SimilarityRequest = {
    output: [0],
    mode: 'repel',
    weight: 1,
    ...(request.pairs ? {} : { sets: [[0, 1, 2]] }),
    ...request,
  };
  const inputs = model.inputs.map((input, i) =>
    randomInputs(seed + 1000 + i, [4, ...(input.shape.slice(1) as number[])], scale),
  );
  const tensors = exampleTensors(inputs);
  try {
    const { similarity, gradients } = new SimilarityLoss(kernel, model).gradient(tensors, whole);
    const question = {
      inputs,
      sets: whole.pairs ?? whole.sets!,
      own: !whole.pairs,
      seed: seedOf(whole.output),
    };
    const truth = slopesOf(model, (weights, parameters) =>
      similarityOfSets(model, weights, parameters, question),
    );
    const error = relativeError(byName(model, gradients), truth.gradient);
    tf.dispose(gradients);
    return Math.max(error, Math.abs(similarity - truth.value));
  } finally {
    tf.dispose(tensors);
    model.dispose();
  }
}
