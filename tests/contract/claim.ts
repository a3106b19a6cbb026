/**
 * What netkin promises, written once and run in every runtime. Claims know the package by its types only; a runtime
 * hands over its `open`. Models are live tfjs models whose numbers can be checked by hand. An engine may live in a
 * worker, with a copy of the model: no claim relies on it seeing later changes of the model.
 */
import type * as tfjs from '@tensorflow/tfjs';
import type { Engine, NdArray, OpenOptions } from 'netkin';

/** What a runtime gives. */
export interface Environment {
  open(model: tfjs.LayersModel, options?: OpenOptions): Promise<Engine>;
  /** tfjs as a user there imports it, on any backend. */
  readonly tf: typeof tfjs;
}

/** An environment with one engine that most claims share: opening is the slow part. */
export interface Stage extends Environment {
  /** y = 3 a - b. */
  readonly model: tfjs.LayersModel;
  readonly engine: Engine;
}

export interface Claim {
  readonly name: string;
  /** Rejects where the promise is not kept. */
  run(stage: Stage): Promise<void>;
}

/** y = w x + b with weights row-major input × output; b is 0. */
export function linear(
  { tf }: Environment,
  inputs: number,
  outputs: number,
  weights: number[],
): tfjs.LayersModel {
  const model = tf.sequential({
    layers: [tf.layers.dense({ inputShape: [inputs], units: outputs, name: 'line' })],
  });
  const values = [tf.tensor2d(weights, [inputs, outputs]), tf.zeros([outputs])];
  model.setWeights(values);
  tf.dispose(values);
  return model;
}

/** A classifier of two numbers. */
export function classifier({ tf }: Environment, classes: number): tfjs.LayersModel {
  const odds = tf.layers.dense({ inputShape: [2], units: classes, activation: 'softmax', name: 'odds' });
  return tf.sequential({ layers: [odds] });
}

/** Sets the stage, and clears it after `body`. */
export async function onStage(
  environment: Environment,
  body: (stage: Stage) => Promise<void>,
): Promise<void> {
  const model = linear(environment, 2, 1, [3, -1]);
  await using engine = await environment.open(model);
  await body({ ...environment, model, engine });
  model.dispose();
}

export const points: NdArray<Float32Array> = {
  shape: [4, 2],
  data: Float32Array.of(1, 0, 0, 1, 1, 1, -2, 0),
};

/** k^C of a linear model of one output, or a classifier's logits: the cosine of (x, 1) and (x', 1), the 1 being the bias. */
export function cosine(i: number, j: number): number {
  const at = (k: number) => [points.data[2 * k], points.data[2 * k + 1], 1];
  const dot = (a: number[], b: number[]) => a.reduce((sum, value, c) => sum + value * b[c], 0);
  return dot(at(i), at(j)) / Math.sqrt(dot(at(i), at(i)) * dot(at(j), at(j)));
}

/** n points on a wave, no two alike. */
export function wave(size: number): NdArray<Float32Array> {
  return {
    shape: [size, 2],
    data: Float32Array.from({ length: 2 * size }, (_, i) => (i % 97) / 16 - 3 + i / size),
  };
}
