/** Seeded noise, and models whose weights, statistics and slopes are all drawn from it. */
import * as tf from '@tensorflow/tfjs';
import '@tensorflow/tfjs-backend-wasm';
import type { NdArray } from 'netkin';

/** Uniform numbers in [-1, 1), the same for the same seed (mulberry32). */
export function noise(seed: number): () => number {
  let state = seed | 0;
  return () => {
    state = (state + 0x6d2b79f5) | 0;
    let t = Math.imul(state ^ (state >>> 15), 1 | state);
    t = (t + Math.imul(t ^ (t >>> 7), 61 | t)) ^ t;
    return ((t ^ (t >>> 14)) >>> 0) / 2 ** 31 - 1;
  };
}

/** n examples of a shape, uniform in [-scale, scale). */
export function randomInputs(seed: number, shape: readonly number[], scale = 1): NdArray<Float32Array> {
  const next = noise(seed);
  const length = shape.reduce((product, extent) => product * extent, 1);
  return { shape, data: Float32Array.from({ length }, () => scale * next()) };
}

/** Starts tfjs on wasm, as the tests that build models need. */
export async function startWasm(): Promise<void> {
  await tf.setBackend('wasm');
  await tf.ready();
}

/** Draws every weight anew: kernels by fan-in, statistics and slopes where they matter, biases away from zero. */
export function randomise(model: tf.LayersModel, seed: number): tf.LayersModel {
  const next = noise(seed);
  for (const layer of model.layers) {
    for (const weight of layer.weights) {
      const { shape } = weight.read();
      const name = weight.originalName.split('/').pop()!;
      const length = shape.reduce((product: number, extent: number | null) => product * (extent ?? 1), 1);
      const fanIn = shape
        .slice(0, -1)
        .reduce((product: number, extent: number | null) => product * (extent ?? 1), 1);
      const draw: Record<string, () => number> = {
        kernel: () => next() * Math.sqrt(3 / fanIn),
        bias: () => next() * 0.5,
        gamma: () => 1 + 0.5 * next(),
        beta: () => 0.5 * next(),
        moving_mean: () => 0.5 * next(),
        moving_variance: () => 1 + 0.8 * next(),
        alpha: () => 0.25 + 0.2 * next(),
      };
      const one = draw[name] ?? (() => next());
      const values = tf.tensor(Float32Array.from({ length }, one), shape as number[]);
      weight.write(values);
      values.dispose();
    }
  }
  return model;
}
