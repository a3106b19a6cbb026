/** Captured gradients of small networks, multiplied out and compared with the oracle's. */
import { readFileSync } from 'node:fs';
import type * as tf from '@tensorflow/tfjs';
import type { NdArray } from 'netkin';
import { expect } from 'vitest';
import { Network } from '../../src/network/network.js';
import { type Jacobians, jacobians } from '../oracle/network.js';
import { randomInputs, randomise } from '../oracle/random.js';

const kernel = new WebAssembly.Module(readFileSync(new URL('../../dist/kernel.wasm', import.meta.url)));

/** gradients[x][c] by parameter name. */
export type Gradients = ReadonlyMap<string, Float64Array>[][];

/** Captures all outputs at once and multiplies factors out: sum over positions of a b^T. */
export function captured(model: tf.LayersModel, inputs: readonly NdArray<Float32Array>[]): Gradients {
  const network = new Network(model, kernel);
  const { terms } = network.describe(inputs, 'logits', 'output');
  const { batch } = network.capture(inputs, 'logits', 'output', 0);
  const sizes = new Map(network.parameters.map(({ name, size }) => [name, size]));
  return Array.from({ length: batch.inputs }, (_, x) =>
    batch.terms[0].right.map((_, c) => {
      const gradients = new Map<string, Float64Array>();
      terms.forEach((term, t) => {
        const { left, right } = batch.terms[t];
        const whole = new Float64Array(term.size);
        for (let position = 0; position < term.positions; position++) {
          const place = x * term.positions + position;
          for (let k = 0; k < Math.max(term.left, 1); k++) {
            const a = term.left > 0 ? left[place * term.left + k] : 1;
            for (let m = 0; m < term.right; m++)
              whole[k * term.right + m] += a * right[c][place * term.right + m];
          }
        }
        let offset = 0;
        for (const name of term.parameters) {
          gradients.set(name.split('/').slice(-2).join('/'), whole.slice(offset, offset + sizes.get(name)!));
          offset += sizes.get(name)!;
        }
      });
      return gradients;
    }),
  );
}

/** Largest error of any captured gradient, relative to the largest element of its parameter's gradients. */
export function gradientError(
  model: tf.LayersModel,
  inputs: readonly NdArray<Float32Array>[],
  set?: Jacobians,
): number {
  const found = captured(model, inputs);
  const wanted = set ?? jacobians(model, inputs);
  expect(found.length).toBe(wanted.size);
  let worst = 0;
  for (const { name, offset, size } of wanted.parameters) {
    let largest = 0;
    let error = 0;
    wanted.rows.forEach((outputs, x) => {
      outputs.forEach((row, c) => {
        const gradient = found[x][c].get(name) ?? new Float64Array(size);
        expect(gradient.length, name).toBe(size);
        gradient.forEach((value, p) => {
          largest = Math.max(largest, Math.abs(row[offset + p]));
          error = Math.max(error, Number.isNaN(value) ? Infinity : Math.abs(value - row[offset + p]));
        });
      });
    });
    worst = Math.max(worst, largest > 0 ? error / largest : error);
  }
  return worst;
}

/** Randomises a model's weights, audits it on `size` random examples, and frees it. */
export function auditError(model: tf.LayersModel, seed: number, size = 7, scale = 1): number {
  randomise(model, seed);
  const inputs = model.inputs.map((input, i) =>
    randomInputs(seed + 1000 + i, [size, ...(input.shape.slice(1) as number[])], scale),
  );
  try {
    return gradientError(model, inputs);
  } finally {
    model.dispose();
  }
}
