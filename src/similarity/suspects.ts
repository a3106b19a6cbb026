/**
 * Labels to look at: where an input's label and those of its nearest neighbours disagree, the own label left out
 * (method, section 5). With classes the neighbours vote with weight k^C; with regression targets the label is
 * compared with their weighted mean. The score uses neighbours only: k^C(x,x) = 1 says nothing about a label.
 */
import type { Neighbours } from './neighbours.js';

/** The number of neighbours that vote where the set is large enough (the best of those tried in method, section 5). */
export const VOTERS = 100;

export interface Suspect {
  readonly index: number;
  /** The given label: a class id, or a regression target. */
  readonly label: number | readonly number[];
  /** What the neighbours say. */
  readonly suggested: number | readonly number[];
  /**
   * Classes: share of the neighbours' weight against the given label, in [0, 1]. Regression: distance from the
   * neighbours' mean in standard deviations of the labels.
   */
  readonly score: number;
}

/** Scores every input and sorts, worst first; equal scores by the weight of the vote, then by index. `neighbours` must leave out the input itself. */
export function suspectClasses(
  neighbours: Neighbours,
  labels: ArrayLike<number>,
  classes: number,
): Suspect[] {
  const { count, indices, similarities } = neighbours;
  const weights = new Float64Array(labels.length);
  const suspects = Array.from({ length: labels.length }, (_, index): Suspect => {
    const votes = new Float64Array(classes);
    let total = 0;
    for (let rank = 0; rank < count; rank++) {
      const weight = Math.max(0, similarities[index * count + rank]);
      votes[labels[indices[index * count + rank]]] += weight;
      total += weight;
    }
    weights[index] = total;
    const own = labels[index];
    // Without a single positive neighbour nobody speaks: no suspicion either way.
    const score = total > 0 ? 1 - votes[own] / total : 0;
    let suggested = own;
    for (let c = 0; c < classes; c++) if (votes[c] > votes[suggested]) suggested = c;
    return { index, label: own, suggested, score };
  });
  return worstFirst(suspects, weights);
}

/** The same for targets of `width` numbers each, row-major. */
export function suspectTargets(neighbours: Neighbours, targets: ArrayLike<number>, width: number): Suspect[] {
  const { count, indices, similarities } = neighbours;
  const size = targets.length / width;
  const deviation = standardDeviation(targets, width);
  const weights = new Float64Array(size);
  const suspects = Array.from({ length: size }, (_, index): Suspect => {
    const mean = new Float64Array(width);
    let total = 0;
    for (let rank = 0; rank < count; rank++) {
      const weight = Math.max(0, similarities[index * count + rank]);
      const other = indices[index * count + rank];
      for (let c = 0; c < width; c++) mean[c] += weight * targets[other * width + c];
      total += weight;
    }
    const label = Array.from({ length: width }, (_, c) => targets[index * width + c]);
    weights[index] = total;
    const suggested = total > 0 ? Array.from(mean, (sum) => sum / total) : label;
    const squares = label.reduce((sum, value, c) => sum + (value - suggested[c]) * (value - suggested[c]), 0);
    const distance = Math.sqrt(squares);
    return { index, label, suggested, score: deviation > 0 ? distance / deviation : 0 };
  });
  return worstFirst(suspects, weights);
}

function worstFirst(suspects: Suspect[], weights: Float64Array): Suspect[] {
  return suspects.sort(
    (a, b) => b.score - a.score || weights[b.index] - weights[a.index] || a.index - b.index,
  );
}

/** Root mean squared distance of the targets from their mean. */
function standardDeviation(targets: ArrayLike<number>, width: number): number {
  const size = targets.length / width;
  let squares = 0;
  for (let c = 0; c < width; c++) {
    let mean = 0;
    for (let i = 0; i < size; i++) mean += targets[i * width + c] / size;
    for (let i = 0; i < size; i++) {
      const apart = targets[i * width + c] - mean;
      squares += apart * apart;
    }
  }
  return Math.sqrt(squares / size);
}
