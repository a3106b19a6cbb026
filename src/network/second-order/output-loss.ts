/** A loss of the outputs, and its gradient where a walk back starts. */
import { refuse } from '../../errors.js';
import { logSumExp, probabilities } from '../../softmax.js';
import type { Pass } from '../pass.js';
import { floats, tf } from '../tfjs.js';
import type { Seed } from './factors.js';

/**
 * - a function of what the model gives, batch × outputs each, which tfjs differentiates once;
 * - `{ classes }`: cross-entropy of the class of each example, averaged over the batch; a softmax that ends the network is
 *   looked through.
 */
export type OutputLoss = ((...outputs: tf.Tensor[]) => tf.Scalar) | { readonly classes: ArrayLike<number> };

export interface SeededLoss {
  readonly value: number;
  readonly seeds: Seed[];
}

/**
 * The loss of the batch in its own order.
 * @param examples the example at each place of the pass; one that stands at several counts once, at the first
 */
export function lossSeeds(loss: OutputLoss, pass: Pass, examples: readonly number[]): SeededLoss {
  return typeof loss === 'function'
    ? ofFunction(loss, pass, examples)
    : crossEntropy(loss.classes, pass, examples);
}

function ofFunction(
  loss: (...outputs: tf.Tensor[]) => tf.Scalar,
  { results }: Pass,
  examples: readonly number[],
): SeededLoss {
  const batch = Math.max(...examples) + 1;
  const asGiven = batch === examples.length && examples.every((example, place) => example === place);
  const places = Array.from({ length: batch }, (_, example) => examples.indexOf(example));
  const outputs = results.map((result) => (asGiven ? result : tf.gather(result, places)));
  const { value, grads } = tf.valueAndGrads(loss)(outputs);
  const seeds = grads.map((gradient, i) => {
    if (asGiven) return { tensor: results[i], values: gradient };
    const none = tf.zeros([1, ...gradient.shape.slice(1)]);
    const rows = examples.map((example, place) => (places[example] === place ? example : batch));
    return { tensor: results[i], values: tf.gather(tf.concat([gradient, none]), rows) };
  });
  return { value: floats(value)[0], seeds };
}

/** −log p_c, and p − y at the logits. */
function crossEntropy(classes: ArrayLike<number>, { heads }: Pass, examples: readonly number[]): SeededLoss {
  if (heads.length !== 1 || heads[0].size < 2 || heads[0].size !== heads[0].classes)
    refuse('usage', 'Cross-entropy needs a model with one output layer, of one logit for each class.');
  const [{ tensor, size }] = heads;
  const logits = floats(tensor).slice();
  const gradient = new Float32Array(probabilities(logits, size));
  const batch = Math.max(...examples) + 1;
  const seen = new Set<number>();
  let value = 0;
  for (const [place, example] of examples.entries()) {
    const row = gradient.subarray(place * size, (place + 1) * size);
    if (seen.has(example)) {
      row.fill(0);
      continue;
    }
    seen.add(example);
    const own = classes[example];
    if (!Number.isInteger(own) || own < 0 || own >= size)
      refuse('input', `The class of example ${example} is ${own}; classes run from 0 to ${size - 1}.`);
    value += (logSumExp(logits, place * size, size) - logits[place * size + own]) / batch;
    row[own] -= 1;
    for (let c = 0; c < size; c++) row[c] /= batch;
  }
  return { value, seeds: [{ tensor, values: tf.tensor(gradient, tensor.shape) }] };
}
