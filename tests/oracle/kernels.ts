/** Similarities by their definitions (method, sections 1 to 4) from Jacobians in float64. */
import { determinant, EigenvalueDecomposition, Matrix, SingularValueDecomposition } from 'ml-matrix';
import type { Jacobians } from './network.js';

function dot(a: Float64Array, b: Float64Array, from = 0, to = a.length): number {
  let sum = 0;
  for (let p = from; p < to; p++) sum += a[p] * b[p];
  return sum;
}

/** K(x, x') = G(x)^T G(x'), d × d. */
export function kernelBlock(
  left: readonly Float64Array[],
  right: readonly Float64Array[],
  from?: number,
  to?: number,
): Matrix {
  return new Matrix(left.map((a) => right.map((b) => dot(a, b, from, to))));
}

/** K^power for a symmetric positive matrix; eigenvalues below 1e-10 of the largest count as zero. */
export function symmetricPower(matrix: Matrix, power: number): Matrix {
  const { realEigenvalues, eigenvectorMatrix: vectors } = new EigenvalueDecomposition(matrix, {
    assumeSymmetric: true,
  });
  const largest = Math.max(...realEigenvalues);
  const scaled = realEigenvalues.map((value) =>
    largest > 0 && value > 1e-10 * largest ? value ** power : 0,
  );
  return vectors.mmul(Matrix.diag(scaled)).mmul(vectors.transpose());
}

export interface Exact {
  readonly size: number;
  readonly outputs: number;
  /** K(x_i, x_j). */
  readonly inner: Matrix[][];
  /** K^C(x_i, x_j). */
  readonly correlation: Matrix[][];
  /** K^N(x_j, x_i) = K(x_j, x_i) K(x_i, x_i)^-1 at [i][j]. */
  readonly influence: Matrix[][];
}

/** All blocks of one set against another (or itself). */
export function exact(one: Jacobians, other: Jacobians = one): Exact {
  const roots = (set: Jacobians) => set.rows.map((row) => symmetricPower(kernelBlock(row, row), -0.5));
  const [leftRoots, rightRoots] = [roots(one), roots(other)];
  const inverses = one.rows.map((row) => symmetricPower(kernelBlock(row, row), -1));
  const inner = one.rows.map((a) => other.rows.map((b) => kernelBlock(a, b)));
  return {
    size: one.size,
    outputs: one.outputs,
    inner,
    correlation: inner.map((row, i) => row.map((block, j) => leftRoots[i].mmul(block).mmul(rightRoots[j]))),
    influence: inner.map((row, i) => row.map((block) => block.transpose().mmul(inverses[i]))),
  };
}

/** Tr block / d for all pairs, n × m. */
export function traces(blocks: readonly (readonly Matrix[])[]): number[][] {
  return blocks.map((row) => row.map((block) => block.trace() / block.rows));
}

/** max over R in SO(d) of Tr(block R) / d: all singular values, the smallest taken off where det < 0. */
export function rotation(block: Matrix): number {
  const values = new SingularValueDecomposition(block).diagonal;
  const sum = values.reduce((total, value) => total + value, 0);
  return (determinant(block) < 0 ? sum - 2 * Math.min(...values) : sum) / block.rows;
}

/** max over R in O(d) of Tr(block R) / d: the nuclear norm. */
export function orthogonal(block: Matrix): number {
  const values = new SingularValueDecomposition(block).diagonal;
  return values.reduce((total, value) => total + value, 0) / block.rows;
}

/** Cosines of the gradients of each output by itself, n × m × d; 0 where one of them is zero. */
export function perOutput(one: Jacobians, other: Jacobians = one): number[][][] {
  const cosine = (a: Float64Array, b: Float64Array) => {
    const norms = Math.sqrt(dot(a, a) * dot(b, b));
    return norms === 0 ? 0 : dot(a, b) / norms;
  };
  return one.rows.map((a) => other.rows.map((b) => a.map((gradient, c) => cosine(gradient, b[c]))));
}

/** The Jacobians of linear combinations of the outputs: row r of `weights(x)` mixes the gradients at input x into one. */
export function mixed(set: Jacobians, weights: (x: number) => readonly (readonly number[])[]): Jacobians {
  const rows = set.rows.map((outputs, x) =>
    weights(x).map((mix) =>
      outputs[0].map((_, p) => mix.reduce((sum, weight, c) => sum + weight * outputs[c][p], 0)),
    ),
  );
  return { ...set, rows, outputs: rows[0].length };
}

/** z_of − z_against as weights of the outputs; without an adversary, z_of − the mean of all others. */
export function contrast(outputs: number, of: number, against?: number): number[] {
  const other = (c: number) => (against === undefined ? -1 / (outputs - 1) : c === against ? -1 : 0);
  return Array.from({ length: outputs }, (_, c) => (c === of ? 1 : other(c)));
}

/** The Jacobians of log-softmax of the outputs: ∇ log p_c = ∇z_c − Σ_k p_k ∇z_k. */
export function logProbabilities(set: Jacobians): Jacobians {
  return mixed(set, (x) => {
    const largest = Math.max(...set.values[x]);
    const total = set.values[x].reduce((sum, z) => sum + Math.exp(z - largest), 0);
    const p = Array.from(set.values[x], (z) => Math.exp(z - largest) / total);
    return p.map((_, c) => p.map((share, k) => (k === c ? 1 : 0) - share));
  });
}

/** What each layer adds to k^C of inputs i and j. */
export function shares(set: Jacobians, i: number, j: number): Map<string, number> {
  const root = (input: number) => symmetricPower(kernelBlock(set.rows[input], set.rows[input]), -0.5);
  const result = new Map<string, number>();
  for (const { layer, offset, size } of set.parameters) {
    const block = root(i)
      .mmul(kernelBlock(set.rows[i], set.rows[j], offset, offset + size))
      .mmul(root(j));
    result.set(layer, (result.get(layer) ?? 0) + block.trace() / set.outputs);
  }
  return result;
}

/** k^C of inputs i and j by the parameters of each layer alone. */
export function layerSimilarities(set: Jacobians, i: number, j: number): Map<string, number> {
  const ofLayer = (layer: string) => {
    const own = set.parameters.filter((parameter) => parameter.layer === layer);
    const only = (input: number) =>
      set.rows[input].map((row) =>
        Float64Array.from(own.flatMap(({ offset, size }) => [...row.subarray(offset, offset + size)])),
      );
    const [a, b] = [only(i), only(j)];
    const roots = [a, b].map((rows) => symmetricPower(kernelBlock(rows, rows), -0.5));
    return roots[0].mmul(kernelBlock(a, b)).mmul(roots[1]).trace() / set.outputs;
  };
  return new Map(set.parameters.map(({ layer }) => [layer, ofLayer(layer)]));
}

/** What each row of each kernel, and each other parameter as a whole, adds to k^C of inputs i and j. */
export function activityShares(set: Jacobians, i: number, j: number): Map<string, number[]> {
  const [a, b] = [i, j].map((input) => whitened(set.rows[input]));
  return new Map(
    set.parameters.map(({ name, shape, offset, size }) => {
      const width = name.endsWith('/kernel') ? (shape.at(-1) ?? 1) : size;
      const rows = Array.from({ length: size / width }, (_, row) => {
        const from = offset + row * width;
        const sum = a.reduce((total, gradient, c) => total + dot(gradient, b[c], from, from + width), 0);
        return sum / set.outputs;
      });
      return [name, rows];
    }),
  );
}

/** Ĝ(x) = G(x) K(x, x)^-½, one row for each output. */
export function whitened(rows: readonly Float64Array[]): Float64Array[] {
  const root = symmetricPower(kernelBlock(rows, rows), -0.5);
  return rows.map((_, c) =>
    Float64Array.from(rows[0], (_, p) => rows.reduce((sum, row, e) => sum + root.get(e, c) * row[p], 0)),
  );
}

export const soft = (k: readonly number[][]) => k.map((row) => row.reduce((sum, value) => sum + value, 0));
export const hard = (k: readonly number[][], threshold: number) =>
  k.map((row) => row.filter((value) => value >= threshold).length);
export const power = (k: readonly number[][], exponent: number) =>
  k.map((row) => row.reduce((sum, value) => sum + (value > 0 ? value ** exponent : 0), 0));

/** 1 / sum_x' k^N(x, x') with k^N = Tr K^N / d. */
export function uncertainty({ influence }: Exact): number[] {
  return traces(influence).map((row) => 1 / row.reduce((sum, value) => sum + value, 0));
}

export interface ExactDenoised {
  readonly labels: number[][];
  readonly predictions: number[][];
  /** Σ_j W_ij W_ijᵀ. */
  readonly covariance: Matrix[];
  readonly factor: number[];
  readonly shift: number[];
  readonly residual: number;
}

/** W_ij = (sum_m K_im)^-1 K_ij; E_k[a] = sum_j W_ij a_j; φ = sqrt(Tr sum_j W_ij W_ij^T / d). */
export function denoise(
  { inner, outputs: d }: Exact,
  labels: readonly number[][],
  predictions: readonly number[][],
): ExactDenoised {
  const labelsOut: number[][] = [];
  const predictionsOut: number[][] = [];
  const covariance: Matrix[] = [];
  const factor: number[] = [];
  const shift: number[] = [];
  let squares = 0;
  inner.forEach((row, i) => {
    const total = row.reduce((sum, block) => Matrix.add(sum, block), Matrix.zeros(d, d));
    const weights = row.map((block) => matrixInverse(total).mmul(block));
    const average = (values: readonly number[][]) =>
      weights
        .reduce(
          (sum, weight, j) => Matrix.add(sum, weight.mmul(Matrix.columnVector(values[j] as number[]))),
          Matrix.zeros(d, 1),
        )
        .to1DArray();
    const own = average(labels);
    const predicted = average(predictions);
    labelsOut.push(own);
    predictionsOut.push(predicted);
    covariance.push(
      weights.reduce((sum, weight) => Matrix.add(sum, weight.mmul(weight.transpose())), Matrix.zeros(d, d)),
    );
    factor.push(Math.sqrt(covariance[i].trace() / d));
    shift.push(Math.hypot(...predicted.map((value, c) => predictions[i][c] - value)));
    squares += predicted.reduce((sum, value, c) => sum + (value - own[c]) ** 2, 0);
  });
  return {
    labels: labelsOut,
    predictions: predictionsOut,
    covariance,
    factor,
    shift,
    residual: Math.sqrt(squares / (inner.length * d)),
  };
}

/**
 * Mean and variance (over all outputs) of the labels of the `count` nearest others, weights max(0, k): the variance by
 * pairs, ½ Σ p_a p_b |y_a − y_b|².
 */
export function neighbourhoodLabels(
  k: readonly number[][],
  labels: readonly number[][],
  count: number,
): { mean: number[]; variance: number }[] {
  return k.map((row, i) => {
    const nearest = [...row.keys()]
      .filter((j) => j !== i)
      .sort((a, b) => row[b] - row[a] || a - b)
      .slice(0, count);
    const weight = nearest.reduce((sum, j) => sum + Math.max(0, row[j]), 0);
    const p = (j: number) => Math.max(0, row[j]) / weight;
    const apart = (a: number, b: number) =>
      labels[a].reduce((sum, value, c) => sum + (value - labels[b][c]) ** 2, 0);
    return {
      mean: labels[i].map((_, c) => nearest.reduce((sum, j) => sum + p(j) * labels[j][c], 0)),
      variance:
        nearest.reduce(
          (sum, a) => sum + nearest.reduce((part, b) => part + p(a) * p(b) * apart(a, b), 0),
          0,
        ) / 2,
    };
  });
}

/** Inverse by Gauss-Jordan with row exchange, so that not even this is shared with the engine's solver. */
export function matrixInverse(matrix: Matrix): Matrix {
  const n = matrix.rows;
  const rows = matrix
    .to2DArray()
    .map((row, i) => [...row, ...Array.from({ length: n }, (_, j) => (i === j ? 1 : 0))]);
  for (let column = 0; column < n; column++) {
    let best = column;
    for (let r = column; r < n; r++) if (Math.abs(rows[r][column]) > Math.abs(rows[best][column])) best = r;
    [rows[column], rows[best]] = [rows[best], rows[column]];
    const pivot = rows[column][column];
    rows[column] = rows[column].map((value) => value / pivot);
    for (let r = 0; r < n; r++) {
      if (r === column) continue;
      const scale = rows[r][column];
      rows[r] = rows[r].map((value, c) => value - scale * rows[column][c]);
    }
  }
  return new Matrix(rows.map((row) => row.slice(n)));
}
