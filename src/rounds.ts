/** Labels corrected in rounds that train in between: the paper's self-denoising over several rounds (method, section 4). */
import type { NdArray } from './array.js';
import { predictions } from './ending.js';
import type { Engine } from './engine.js';
import { NetkinError, refuse } from './errors.js';
import type { Inputs } from './inputs.js';
import type { ModelSource } from './network/model.js';
import type { Watch } from './watch.js';

/** n × d labels. */
export type LabelRows = NdArray<Float32Array>;

export interface RoundsOptions extends Watch {
  /** netkin's `open`, or a function that calls it with options of your own. */
  readonly open: (model: ModelSource) => Promise<Engine>;
  /** What the labels are of, as `engine.perspective` takes it. */
  readonly inputs: Inputs;
  /** The given labels, n × d for the d outputs of the network; class ids as one-hot rows. */
  readonly labels: NdArray;
  /** A whole number above 0. */
  readonly rounds: number;
  /**
   * Trains on the labels of a round and returns the network: for independent rounds a fresh one each time. A live model
   * stays the caller's.
   * @param labels n × d, a copy
   * @param round from 1
   */
  readonly train: (labels: LabelRows, round: number) => ModelSource | Promise<ModelSource>;
}

/**
 * Trains on labels, replaces them by what the network then predicts (probabilities where a softmax ends it), and trains
 * again. What makes this work is that a network cannot follow noise at one input alone; what it cannot learn of the
 * truth is lost as well, round by round: watch an error that does not come from these labels.
 * @returns the labels after each round, the predictions of its network
 * @throws NetkinError 'usage' for rounds that are no whole number above 0; 'input' for labels that are not n × d numbers,
 * finite in float32; what `train` throws
 */
export async function correctInRounds({
  open,
  inputs,
  labels,
  rounds,
  train,
  ...watch
}: RoundsOptions): Promise<LabelRows[]> {
  if (!Number.isInteger(rounds) || rounds < 1)
    refuse('usage', `${rounds} is no number of rounds: give 1 or more.`);
  const shape = [...labels.shape];
  const { length } = labels.data;
  if (shape.length !== 2 || shape[0] * shape[1] !== length || !labels.data.every(isFiniteSingle))
    refuse(
      'input',
      'The labels are not n × d numbers that are finite in float32; give class ids as one-hot rows.',
    );
  const data = Float32Array.from(labels.data);
  const found: LabelRows[] = [];
  for (let round = 1; round <= rounds; round++) {
    if (watch.signal?.aborted) throw new NetkinError('aborted', `Stopped before round ${round}.`);
    const last = found.at(-1)?.data ?? data;
    const model = await train({ shape: [...shape], data: last.slice() }, round);
    // Compiled, `await using` would bring more along than all of this.
    const engine = await open(model);
    try {
      const values = await engine.outputs(inputs, watch);
      if (values.shape.join() !== shape.join()) {
        refuse(
          'input',
          `The labels have the shape [${shape}], the network of round ${round} gives [${values.shape}].`,
        );
      }
      found.push({
        shape: [...shape],
        data: Float32Array.from(predictions(values.data, engine.network.outputs)),
      });
    } finally {
      await engine.dispose();
    }
  }
  return found;
}

/** Labels are trained on in float32, where what float64 holds may be infinite. */
function isFiniteSingle(value: number): boolean {
  return Number.isFinite(value) && Number.isFinite(Math.fround(value));
}
