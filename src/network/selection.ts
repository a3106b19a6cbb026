/**
 * Which functions of the network are compared. Each is a linear combination of its outputs, given by a seed: the
 * gradient dy that starts a backward pass.
 */
import { refuse } from '../errors.js';
import { probabilities } from '../softmax.js';
import {
  assertClasses,
  type Contrast,
  contrastSeed,
  type SettledContrast,
  settledContrast,
} from './contrast.js';
import type { Head } from './head.js';

/**
 * - `'logits'`: every output, a final softmax looked through (default);
 * - `'all'`: every output as the model gives it; refused where a softmax ends the network;
 * - indices: these outputs only;
 * - `{ contrast, adversary }`: one class against the others, or against one of them; `'contrast'` stands for
 *   `{ contrast: 'predicted' }`.
 */
export type OutputChoice = 'logits' | 'all' | 'contrast' | readonly number[] | Contrast;

/** A choice that no caller can change any more; plain data. */
export type SettledChoice = 'logits' | 'all' | readonly number[] | SettledContrast;

/** @param seed of what is drawn */
export function settledChoice(choice: OutputChoice, seed: number): SettledChoice {
  if (choice === 'contrast') return settledContrast({ contrast: 'predicted' }, seed);
  if (choice === 'logits' || choice === 'all') return choice;
  return isContrast(choice) ? settledContrast(choice, seed) : [...choice];
}

export function isContrast<Choice extends OutputChoice | SettledChoice>(
  choice: Choice,
): choice is Extract<Choice, Contrast | SettledContrast> {
  return typeof choice === 'object' && 'contrast' in choice;
}

/** What the gradient is taken of: the output itself, or the loss of a label (n class ids, or n × outputs). */
export type Objective = 'output' | { readonly lossOf: NdLabels };

/** Labels: n class ids, or n × width regression targets, row-major. */
export interface NdLabels {
  readonly width: number;
  readonly data: ArrayLike<number>;
  readonly classes: boolean;
}

/** The number d of functions compared. */
export function functionCount(choice: SettledChoice, objective: Objective, outputs: number): number {
  if (objective !== 'output') return 1;
  if (choice === 'logits' || choice === 'all') return outputs;
  return Array.isArray(choice) ? choice.length : 1;
}

/** Refuses a choice that has no meaning for these heads. */
export function assertChoice(choice: SettledChoice, heads: readonly Head[]): void {
  const outputs = heads.reduce((sum, head) => sum + head.size, 0);
  const ending = heads.find((head) => head.lookedThrough)?.lookedThrough;
  if (choice === 'all' && ending) {
    refuse(
      'usage',
      `Layer '${ending.layer}' ends the network with ${ending.kind}: gradients of probabilities that sum to 1 are linearly dependent. Use output: 'logits'.`,
    );
  }
  if (Array.isArray(choice)) {
    if (choice.length === 0) refuse('usage', 'No output index was given; name at least one, as in 0,3.');
    for (const index of choice) {
      if (!Number.isInteger(index) || index < 0 || index >= outputs) {
        refuse('usage', `Output ${index} does not exist: the model has outputs 0 to ${outputs - 1}.`);
      }
    }
    if (new Set(choice).size < choice.length)
      refuse('usage', `Output indices repeat in ${choice.join(',')}.`);
  }
  if (!isContrast(choice)) return;
  if (heads.length !== 1 || outputs < 2) {
    refuse(
      'usage',
      'A contrast compares one logit with the others: the model needs one output layer with at least 2 outputs.',
    );
  }
  assertClasses(choice, outputs);
}

/**
 * The seeds of `examples` inputs starting at input `first` of the set: one array per function, examples × outputs.
 * `outputs` are the values of the heads side by side.
 */
export function seeds(
  choice: SettledChoice,
  objective: Objective,
  heads: readonly Head[],
  outputs: Float32Array,
  first: number,
): Float32Array[] {
  const width = heads.reduce((sum, head) => sum + head.size, 0);
  const examples = outputs.length / width;
  if (objective !== 'output') return [lossSeed(objective.lossOf, heads, outputs, first)];
  if (isContrast(choice)) return [contrastSeed(choice, outputs, width, first)];
  const chosen = Array.isArray(choice) ? choice : [...Array(width).keys()];
  return chosen.map((output) => {
    const seed = new Float32Array(examples * width);
    for (let example = 0; example < examples; example++) seed[example * width + output] = 1;
    return seed;
  });
}

/** d loss / d output: p − y under a looked-through softmax (cross-entropy), output − y otherwise (half squared error). */
function lossSeed(
  labels: NdLabels,
  heads: readonly Head[],
  outputs: Float32Array,
  first: number,
): Float32Array {
  if (heads.length !== 1) refuse('usage', "of: 'loss' needs a model with one output layer.");
  const [head] = heads;
  const width = head.size;
  const seed = Float32Array.from(head.lookedThrough ? probabilities(outputs, head.classes) : outputs);
  for (let example = 0; example < seed.length / width; example++) {
    if (labels.classes && width > 1) seed[example * width + labels.data[first + example]] -= 1;
    else
      for (let i = 0; i < width; i++) seed[example * width + i] -= labels.data[(first + example) * width + i];
  }
  return seed;
}
