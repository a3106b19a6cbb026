/**
 * A small registration problem (method, section 7, map alignment): pictures of random blobs, an annotation of each that
 * lies beside its blobs, and a network that says by how much. The annotations to learn from are displaced themselves.
 */
import { readFileSync } from 'node:fs';
import * as tf from '@tensorflow/tfjs';
import { wasmKernel } from '../../src/kernel/kernel.js';
import { Regression } from '../../src/network/regression.js';
import { installRepairs } from '../../src/network/repairs.js';
import { tfjsMemory } from '../../src/network/tfjs.js';
import { noise } from '../oracle/random.js';
import { stack } from './networks.js';

/** Pixels of a picture's side. */
const SIDE = 16;
/** Largest random displacement of an annotation along each axis, in pixels. */
const REACH = 3;

export type Shift = readonly [number, number];

interface Blob {
  readonly row: number;
  readonly column: number;
  readonly radius: number;
  readonly brightness: number;
}

export interface Scene {
  readonly blobs: readonly Blob[];
  /** What the camera saw, 16 × 16. */
  readonly picture: Float32Array;
}

/** Discs with a soft edge one pixel wide, moved by a shift. */
function draw(blobs: readonly Blob[], [down, right]: Shift, height: (blob: Blob) => number): Float32Array {
  return Float32Array.from({ length: SIDE ** 2 }, (_, i) => {
    const [row, column] = [Math.floor(i / SIDE), i % SIDE];
    return blobs.reduce((most, blob) => {
      const [below, beside] = [row - blob.row - down, column - blob.column - right];
      const distance = Math.sqrt(below * below + beside * beside);
      return Math.max(most, height(blob) * Math.min(1, Math.max(0, blob.radius + 0.5 - distance)));
    }, 0);
  });
}

/** One to three blobs each, of different brightness, and noise. */
export function scenes(count: number, seed: number): Scene[] {
  const next = noise(seed);
  const between = (low: number, high: number) => low + ((next() + 1) / 2) * (high - low);
  return Array.from({ length: count }, () => {
    const blobs = Array.from({ length: Math.floor(between(1, 4)) }, () => ({
      row: between(4, 11),
      column: between(4, 11),
      radius: between(1.2, 2.5),
      brightness: between(0.5, 1),
    }));
    const clean = draw(blobs, [0, 0], ({ brightness }) => brightness);
    return { blobs, picture: clean.map((value) => value + 0.1 * next()) };
  });
}

export function randomShifts(count: number, seed: number, reach = REACH): Shift[] {
  const next = noise(seed);
  return Array.from({ length: count }, () => [reach * next(), reach * next()]);
}

export const add = (a: Shift, b: Shift): Shift => [a[0] + b[0], a[1] + b[1]];

/** Pictures and annotations as the network takes them, n × 16 × 16 × 2. */
export function examples(
  of: readonly Scene[],
  shifts: readonly Shift[],
): { shape: number[]; data: Float32Array } {
  const data = new Float32Array(of.length * SIDE ** 2 * 2);
  of.forEach(({ blobs, picture }, n) => {
    const annotation = draw(blobs, shifts[n], () => 1);
    picture.forEach((value, i) => {
      data[(n * SIDE ** 2 + i) * 2] = value;
      data[(n * SIDE ** 2 + i) * 2 + 1] = annotation[i];
    });
  });
  return { shape: [of.length, SIDE, SIDE, 2], data };
}

export function registrar(seed: number): tf.LayersModel {
  const { layers } = tf;
  const convolution = { kernelSize: 3, strides: 2, activation: 'relu', padding: 'same' } as const;
  return stack(
    [SIDE, SIDE, 2],
    seed,
    layers.conv2d({ ...convolution, filters: 8 }),
    layers.conv2d({ ...convolution, filters: 16 }),
    layers.flatten(),
    layers.dense({ units: 32, activation: 'relu' }),
    layers.dense({ units: 2 }),
  );
}

const module = new WebAssembly.Module(readFileSync(new URL('../../dist/kernel.wasm', import.meta.url)));

/** Steps of Adam, examples in each, and the rate at the start. */
const STEPS = 400;
const BATCH = 32;
const RATE = 4e-3;

/**
 * Trains by Adam and squared error: an annotation that lies at `annotated` (unknown to the network) is moved by a random
 * u, and the network is to say −u, the way back to where it lay.
 */
export function train(
  model: tf.LayersModel,
  of: readonly Scene[],
  annotated: readonly Shift[],
  seed: number,
): void {
  const next = noise(seed);
  const undo = installRepairs(wasmKernel(module, tfjsMemory()));
  const regression = new Regression(module, model, 'squared');
  try {
    for (let step = 0; step < STEPS; step++) {
      // The rate falls to nothing along half a cosine.
      const rate = (RATE / 2) * (1 + Math.cos((Math.PI * step) / STEPS));
      const chosen = Array.from({ length: BATCH }, () => Math.floor(((next() + 1) / 2) * of.length));
      const moves = chosen.map((): Shift => [REACH * next(), REACH * next()]);
      const { data } = examples(
        chosen.map((i) => of[i]),
        chosen.map((i, k) => add(annotated[i], moves[k])),
      );
      regression.step(data, Float32Array.from(moves.flatMap(([a, b]) => [-a, -b])), rate);
    }
  } finally {
    undo();
  }
}

/** By how much the network would move each annotation. */
export function predicted(model: tf.LayersModel, of: readonly Scene[], shifts: readonly Shift[]): Shift[] {
  const { shape, data } = examples(of, shifts);
  const moves = tf.tidy(() =>
    (model.apply(tf.tensor(data, shape as [number, number, number, number])) as tf.Tensor).dataSync(),
  );
  return of.map((_, n) => [moves[2 * n], moves[2 * n + 1]]);
}

/** Mean length. */
export const meanLength = (shifts: readonly Shift[]) =>
  shifts.reduce((sum, shift) => sum + Math.hypot(...shift), 0) / shifts.length;
