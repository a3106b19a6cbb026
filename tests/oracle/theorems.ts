/** What the theorems of the method (section 8) speak of, from Jacobians in float64. */
import type * as tf from '@tensorflow/tfjs';
import { Matrix } from 'ml-matrix';
import { kernelBlock, matrixInverse, symmetricPower } from './kernels.js';
import { type Jacobians, readWeights } from './network.js';

/** weights · rows: one row made of several. */
function mixed(rows: readonly Float64Array[], weights: ArrayLike<number>): Float64Array {
  const sum = new Float64Array(rows[0].length);
  rows.forEach((row, c) => {
    for (let p = 0; p < sum.length; p++) sum[p] += weights[c] * row[p];
  });
  return sum;
}

/** G(x) K(x,x)^-1 v: the smallest step of the parameters that moves f(x) by v, to first order. */
export function smallestStep(rows: readonly Float64Array[], v: readonly number[]): Float64Array {
  const inverse = matrixInverse(kernelBlock(rows, rows));
  return mixed(rows, inverse.mmul(Matrix.columnVector([...v])).to1DArray());
}

/** K(x',x) K(x,x)^-1 v: how far that step moves f(x'), to first order (Theorem 3). */
export function predictedMove(
  other: readonly Float64Array[],
  rows: readonly Float64Array[],
  v: readonly number[],
): number[] {
  const influence = kernelBlock(other, rows).mmul(matrixInverse(kernelBlock(rows, rows)));
  return influence.mmul(Matrix.columnVector([...v])).to1DArray();
}

/** The model's weights, its parameters moved by scale · step. */
export function movedWeights(
  model: tf.LayersModel,
  step: ArrayLike<number>,
  scale: number,
): ReturnType<typeof readWeights>['weights'] {
  const { weights, parameters } = readWeights(model);
  const offsets = new Map(parameters.map(({ name, offset }) => [name, offset]));
  return weights.map((weight) => {
    const offset = offsets.get(weight.name);
    if (offset === undefined) return weight;
    return { ...weight, data: weight.data.map((value, i) => value + scale * step[offset + i]) };
  });
}

/** The set with whitened gradients Ĝ(x) = G(x) K(x,x)^-½ in place of G(x). */
export function whitened(set: Jacobians): Jacobians {
  const rows = set.rows.map((outputs) => {
    const root = symmetricPower(kernelBlock(outputs, outputs), -0.5);
    return outputs.map((_, c) => mixed(outputs, root.getColumn(c)));
  });
  return { ...set, rows };
}

/** Cosine of the Jacobians as long vectors: what k^C of several outputs is not. */
export function flattenedCosine(one: readonly Float64Array[], other: readonly Float64Array[]): number {
  const inner = (a: readonly Float64Array[], b: readonly Float64Array[]) => kernelBlock(a, b).trace();
  return inner(one, other) / Math.sqrt(inner(one, one) * inner(other, other));
}
