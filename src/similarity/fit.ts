/**
 * Under- and overfitting, input by input (method, section 3): how many neighbours an input has and how much their labels
 * differ. With w_j = max(0, k^C(x_i,x_j)) over the nearest others j of input i and labels y (classes as one-hot rows)
 *     mean_i = sum_j w_j y_j / sum_j w_j,   variance_i = sum_j w_j |y_j − mean_i|² / sum_j w_j,
 * which for classes of shares p is 1 − sum_c p_c².
 */
import type { Neighbours } from './neighbours.js';

/**
 * How to read it. A large variance among many neighbours: the network holds inputs to be alike whose labels differ, so
 * it underfits there, or the labels are noise. Few neighbours: the input is isolated and could be learnt by heart, more
 * so where the error is small all the same. A small variance among many neighbours: what is learnt here is shared.
 */
export interface Fit {
  /** Soft density N_S = Σ k^C over the set, the input itself included; n numbers, at most n. */
  readonly density: Float32Array;
  /** Mean label of the nearest others, n × outputs; of classes their shares. NaN where listed in `undefinedAt`. */
  readonly mean: Float64Array;
  /**
   * Variance of these labels, summed over the outputs; of classes 1 − Σ p², in [0, 1). n numbers, in squared units of
   * the labels. NaN where listed in `undefinedAt`.
   */
  readonly variance: Float64Array;
  /** Euclidean distance of the network's prediction from the label, n numbers; of a classifier probabilities from one-hot. */
  readonly error: Float64Array;
  /** Variance of all labels of the set, summed over the outputs: what `variance` is where neighbours say nothing. */
  readonly total: number;
  /** How many of the nearest others were looked at. */
  readonly neighbours: number;
  /** Inputs without a neighbour of positive similarity: nobody's labels can be looked at. */
  readonly undefinedAt: readonly number[];
}

/**
 * @param others of each input, itself left out
 * @param labels n × width, as are `predictions`
 */
export function fitOf(
  others: Neighbours,
  density: Float32Array,
  labels: Float64Array,
  predictions: Float64Array,
  width: number,
): Fit {
  const size = labels.length / width;
  const { count } = others;
  const mean = new Float64Array(labels.length);
  const variance = new Float64Array(size);
  const error = new Float64Array(size);
  const undefinedAt: number[] = [];
  for (let input = 0; input < size; input++) {
    const indices = others.indices.subarray(input * count, (input + 1) * count);
    const weights = Float64Array.from(others.similarities.subarray(input * count, (input + 1) * count), (k) =>
      Math.max(0, k),
    );
    const own = mean.subarray(input * width, (input + 1) * width);
    variance[input] = spread(labels, indices, weights, own);
    if (Number.isNaN(variance[input])) undefinedAt.push(input);
    let squares = 0;
    for (let at = input * width; at < (input + 1) * width; at++) {
      const apart = predictions[at] - labels[at];
      squares += apart * apart;
    }
    error[input] = Math.sqrt(squares);
  }
  const every = Int32Array.from({ length: size }, (_, input) => input);
  const total = spread(labels, every, new Float64Array(size).fill(1), new Float64Array(width));
  return { density, mean, variance, error, total, neighbours: count, undefinedAt };
}

/** Weighted variance of chosen rows, whose mean it writes; NaN both without any weight. */
function spread(rows: Float64Array, chosen: Int32Array, weights: Float64Array, mean: Float64Array): number {
  const width = mean.length;
  const weight = weights.reduce((sum, value) => sum + value, 0);
  if (weight === 0) {
    mean.fill(NaN);
    return NaN;
  }
  chosen.forEach((row, j) => {
    for (let c = 0; c < width; c++) mean[c] += weights[j] * rows[row * width + c];
  });
  for (let c = 0; c < width; c++) mean[c] /= weight;
  let squares = 0;
  chosen.forEach((row, j) => {
    for (let c = 0; c < width; c++) {
      const apart = rows[row * width + c] - mean[c];
      squares += weights[j] * (apart * apart);
    }
  });
  return squares / weight;
}
