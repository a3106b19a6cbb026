import { isClassifier, type OutputSpec, outputWidth } from './ending.js';
import { predictedClasses } from './softmax.js';

/** Below this share of agreement class ids hardly mean the network's outputs of the same numbers. */
export const LEAST_AGREEMENT = 0.5;

/**
 * The share of examples whose label is what a classifier predicts, 0 to 1: near 0 where classes are numbered in another
 * order than the network's outputs, as the sorted names of folders may be. Null where there are no class ids.
 * @param labels n class ids; null without
 * @param logits n × outputs
 */
export function agreement(
  labels: ArrayLike<number> | null,
  logits: Float32Array,
  heads: readonly OutputSpec[],
): number | null {
  const width = outputWidth(heads);
  const size = logits.length / width;
  if (!labels || labels.length !== size || !isClassifier(heads)) return null;
  const predicted = predictedClasses(logits, width);
  return predicted.filter((id, input) => id === labels[input]).length / size;
}
