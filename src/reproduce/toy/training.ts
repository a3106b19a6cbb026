/**
 * One network of the toy experiment and its training, step by step. Everything random depends on seed, run, frequency and
 * epoch only, so a training that was interrupted goes on with the same bits.
 */

import { perceptron } from '../../network/perceptron.js';
import { Regression, type RegressionState } from '../../network/regression.js';
import type { tf } from '../../network/tfjs.js';
import { stream } from '../../random.js';
import type { Work } from '../../work.js';
import { circle, noise, positions, SEEDS, shuffled, sinusoid } from './data.js';
import {
  BATCH,
  DENOISING,
  LEARNING_RATE,
  pieceSteps,
  type ToyOptions,
  type ToyPiece,
  WIDTHS,
} from './protocol.js';

interface Lesson {
  readonly inputs: Float32Array;
  readonly targets: Float32Array;
  readonly learningRate: number;
}

export class ToyTraining implements Disposable {
  /** N × 2. */
  readonly inputs: Float32Array;
  /** What is to be learned; of the denoising experiment with its noise. */
  readonly targets: Float32Array;
  /** The noise in the targets; null without. */
  readonly noise: Float32Array | null;
  readonly model: tf.LayersModel;
  readonly #piece: ToyPiece;
  readonly #steps: number;
  readonly #seed: number;
  readonly #regression: Regression;
  #order: Int32Array = new Int32Array(0);
  #orderOf = -1;

  /** tfjs has to be running. */
  constructor(kernel: WebAssembly.Module, piece: ToyPiece, options: ToyOptions) {
    const { size, seed } = options;
    const place = positions(size, seed);
    const denoises = piece.kind === 'denoising';
    this.#piece = piece;
    this.#seed = seed;
    this.#steps = pieceSteps(piece, options);
    this.inputs = circle(place);
    this.targets = sinusoid(place, piece.kind === 'trained' ? piece.frequency : DENOISING.frequency);
    this.noise = denoises ? noise(size, DENOISING.noise, seed) : null;
    if (this.noise) for (const [i, error] of this.noise.entries()) this.targets[i] += error;
    this.model = perceptron(WIDTHS, stream(seed, SEEDS.start, denoises ? 1 : piece.run));
    this.#regression = new Regression(kernel, this.model, denoises ? 'squared' : 'absolute');
  }

  get state(): RegressionState {
    return this.#regression.state;
  }

  /** @throws NetkinError 'input' for the state of another network */
  restore(state: RegressionState): void {
    this.#regression.restore(state);
  }

  /** Takes the steps that are left; yields the share done after each. */
  *train(): Work<void> {
    for (let step = this.#regression.steps; step < this.#steps; step++) {
      const { inputs, targets, learningRate } = this.#lesson(step);
      this.#regression.step(inputs, targets, learningRate);
      yield (step + 1) / this.#steps;
    }
  }

  #lesson(step: number): Lesson {
    const { inputs, targets } = this;
    if (this.#piece.kind === 'denoising') {
      const learningRate = (DENOISING.learningRate * (1 + Math.cos((Math.PI * step) / this.#steps))) / 2;
      return { inputs, targets, learningRate };
    }
    const perEpoch = Math.ceil(targets.length / BATCH);
    const first = (step % perEpoch) * BATCH;
    const chosen = this.#orderIn(Math.floor(step / perEpoch)).subarray(first, first + BATCH);
    return {
      inputs: Float32Array.from(
        { length: 2 * chosen.length },
        (_, i) => inputs[2 * chosen[i >> 1] + (i & 1)],
      ),
      targets: Float32Array.from(chosen, (sample) => targets[sample]),
      learningRate: LEARNING_RATE,
    };
  }

  #orderIn(epoch: number): Int32Array {
    if (epoch !== this.#orderOf && this.#piece.kind === 'trained') {
      const { frequency, run } = this.#piece;
      this.#order = shuffled(this.targets.length, stream(this.#seed, SEEDS.order, frequency, run, epoch));
      this.#orderOf = epoch;
    }
    return this.#order;
  }

  [Symbol.dispose](): void {
    this.model.dispose();
  }
}
