/**
 * From the gradients of all examples to the directions U(x) = Σ_x' C_xx' g(x') along which the similarity of sets grows
 * (similarity/enforce.ts), without forming a gradient of a dense layer: with g = a ⊗ b,
 *
 *     aᵀ U = Σ_j C_ij (a_i · a_j) b_j,        U b = Σ_j C_ij (b_i · b_j) a_j
 *
 * in small sets, and in large ones, where C_ij = left_i right_j − own_i [i = j], through M = Σ_j right_j a_j ⊗ b_j:
 *
 *     aᵀ U = left_i aᵀ M − own_i (a_i · a_i) b_i,  U b likewise.
 */
import type { Kernel } from '../../kernel/kernel.js';
import { inverseNorms, linearSimilarity, type PairCount, setSimilarity } from '../../similarity/enforce.js';
import { setSimilarityOfOutputs } from '../../similarity/enforce-outputs.js';
import type { Parameter } from '../parameters.js';
import { address, floats, tf, uninitialisedTensor } from '../tfjs.js';
import type { Factors } from './factors.js';
import type { Order } from './request.js';
import { dot, gramOf, product, row, squaresOf } from './row-products.js';
import type { Direction } from './rules/rule.js';

/** The largest set whose pairs are computed one by one: about where the linear way becomes cheaper. */
export const SMALL_SET = 8;

/** Which examples form a set: `size` of them, one after the other. */
interface Range {
  readonly first: number;
  readonly size: number;
}

/** U of one parameter. */
interface Moved {
  readonly rows?: tf.Tensor;
  readonly forwards?: tf.Tensor;
  readonly backwards?: tf.Tensor;
}

export interface Mixed {
  /** Similarity of each set. */
  readonly values: Float64Array;
  /** Examples whose gradient is zero. */
  readonly zero: Uint8Array;
  readonly direction: Direction;
}

/** Σ_j C_ij g_j of every example, times what the request's term counts. Call it within `tf.tidy`. */
export function mix(
  factors: ReadonlyMap<Parameter, Factors>,
  { sizes, sets, count, outputs, factor }: Order,
  kernels: Kernel,
): Mixed {
  const scale = factor / sets;
  const examples = sizes.reduce((sum, size) => sum + size, 0);
  const moved = new Map<Parameter, Moved>();
  for (const [parameter, own] of factors) {
    if (own.kind === 'rows') moved.set(parameter, { rows: uninitialisedTensor(own.rows.shape) });
    else
      moved.set(parameter, {
        forwards: uninitialisedTensor(own.b.shape),
        backwards: uninitialisedTensor(own.a.shape),
      });
  }
  const zero = new Uint8Array(examples);
  let first = 0;
  const values = Float64Array.from(sizes, (size) => {
    const range = { first, size };
    first += size;
    if (size === 1) {
      rest(moved, range.first);
      return 1;
    }
    const task = { factors, moved, range, count, outputs, scale, kernels, zero };
    return outputs > 1 || size <= SMALL_SET || count === 'distinct' ? mixPairs(task) : mixLinearly(task);
  });
  return {
    values,
    zero,
    direction: {
      rows: (parameter) => parameter && moved.get(parameter)?.rows,
      forwards: (parameter) => moved.get(parameter)?.forwards,
      backwards: (parameter) => moved.get(parameter)?.backwards,
    },
  };
}

/** An example that belongs to no set moves nothing. */
function rest(moved: ReadonlyMap<Parameter, Moved>, example: number): void {
  for (const tensors of moved.values()) {
    for (const tensor of Object.values(tensors) as tf.Tensor[]) {
      const width = tensor.size / tensor.shape[0];
      floats(tensor).fill(0, example * width, (example + 1) * width);
    }
  }
}

/** One set: whose C g goes to its places in `moved`. */
interface Task {
  readonly factors: ReadonlyMap<Parameter, Factors>;
  readonly moved: ReadonlyMap<Parameter, Moved>;
  readonly range: Range;
  readonly count: PairCount;
  readonly outputs: number;
  readonly scale: number;
  readonly kernels: Kernel;
  readonly zero: Uint8Array;
}

/** Pair by pair; returns the similarity of the set. */
function mixPairs({ factors, moved, range, count, outputs, scale, kernels, zero }: Task): number {
  const { first, size } = range;
  const gram = new Float64Array(size * size);
  const grams = new Map<Parameter, { a: Float64Array; b: Float64Array }>();
  for (const [parameter, own] of factors) {
    if (own.kind === 'rows') {
      const products = gramOf(own.rows, first, size);
      for (let i = 0; i < gram.length; i++) gram[i] += products[i];
    } else {
      const pair = { a: gramOf(own.a, first, size), b: gramOf(own.b, first, size) };
      for (let i = 0; i < gram.length; i++) gram[i] += pair.a[i] * pair.b[i];
      grams.set(parameter, pair);
    }
  }
  for (let i = 0; i < size; i++) zero[first + i] = gram[i * size + i] > 0 ? 0 : 1;
  const { value, mixing } =
    outputs > 1 ? setSimilarityOfOutputs(gram, outputs, count) : setSimilarity(gram, count);
  for (const [parameter, own] of factors) {
    const target = moved.get(parameter)!;
    if (own.kind === 'rows') {
      combine(mixing, 1, own.rows, target.rows!);
    } else {
      const { a, b } = grams.get(parameter)!;
      combine(mixing, a, own.b, target.forwards!);
      combine(mixing, b, own.a, target.backwards!);
    }
  }
  return value;

  /** Rows of the set in `to` = scale (C ∘ factor) rows in `from`. */
  function combine(c: Float64Array, factor: Float64Array | 1, from: tf.Tensor, to: tf.Tensor): void {
    const weights = Float32Array.from(c, (value, i) => scale * value * (factor === 1 ? 1 : factor[i]));
    const matrix = tf.tensor1d(weights);
    const width = from.size / from.shape[0];
    // C and C ∘ AAᵀ are symmetric, so outerSum's transposition does not matter.
    kernels.outerSum(address(matrix), row(from, first), size, size, width, row(to, first));
    matrix.dispose();
  }
}

/** In linear time, all pairs of one output. */
function mixLinearly({ factors, moved, range, scale, kernels, zero }: Task): number {
  const { first, size } = range;
  const squares = new Float64Array(size);
  const lengths = new Map<Parameter, { a: Float64Array; b: Float64Array }>();
  for (const [parameter, own] of factors) {
    if (own.kind === 'rows') {
      for (const [i, square] of squaresOf(own.rows, first, size).entries()) squares[i] += square;
    } else {
      const pair = { a: squaresOf(own.a, first, size), b: squaresOf(own.b, first, size) };
      for (let i = 0; i < size; i++) squares[i] += pair.a[i] * pair.b[i];
      lengths.set(parameter, pair);
    }
  }
  const inverse = inverseNorms(squares);
  for (let i = 0; i < size; i++) zero[first + i] = inverse[i] > 0 ? 0 : 1;

  // Σ ĝ of each parameter, and its product with each g.
  const products = new Float64Array(size);
  const sums = new Map<Parameter, { whole: tf.Tensor; forwards?: tf.Tensor; backwards?: tf.Tensor }>();
  const normal = tf.tensor2d(Float32Array.from(inverse), [size, 1]);
  for (const [parameter, own] of factors) {
    if (own.kind === 'rows') {
      const width = own.rows.size / own.rows.shape[0];
      const whole = uninitialisedTensor([1, width]);
      kernels.outerSum(address(normal), row(own.rows, first), size, 1, width, address(whole));
      sums.set(parameter, { whole });
      const [values, sum] = [floats(own.rows), floats(whole)];
      for (let i = 0; i < size; i++) products[i] += dot(values, (first + i) * width, sum, 0, width);
    } else {
      const [a, b] = [own.a, own.b].map((factor) => tf.slice(factor, [first, 0], [size, -1]) as tf.Tensor2D);
      const whole = uninitialisedTensor([a.shape[1], b.shape[1]]) as tf.Tensor2D;
      const scaled = tf.mul(a, normal);
      kernels.outerSum(address(scaled), address(b), size, a.shape[1], b.shape[1], address(whole));
      const forwards = tf.matMul(a, whole);
      const backwards = tf.matMul(b, tf.transpose(whole) as tf.Tensor2D);
      sums.set(parameter, { whole, forwards, backwards });
      const [image, values] = [floats(forwards), floats(b)];
      const width = b.shape[1];
      for (let i = 0; i < size; i++) products[i] += dot(image, i * width, values, i * width, width);
    }
  }

  const { value, mixing } = linearSimilarity(inverse, products);
  for (const [parameter, own] of factors) {
    const target = moved.get(parameter)!;
    const sum = sums.get(parameter)!;
    if (own.kind === 'rows') {
      shift(target.rows!, sum.whole, true, own.rows, mixing.own);
    } else {
      const { a, b } = lengths.get(parameter)!;
      shift(target.forwards!, sum.forwards!, false, own.b, product(mixing.own, a));
      shift(target.backwards!, sum.backwards!, false, own.a, product(mixing.own, b));
    }
  }
  return value;

  /** Rows of the set in `to` = scale (left_i sum − own_i rows in `from`). */
  function shift(to: tf.Tensor, sum: tf.Tensor, shared: boolean, from: tf.Tensor, own: Float64Array): void {
    const width = from.size / from.shape[0];
    const [target, sums, rows] = [floats(to), floats(sum), floats(from)];
    for (let i = 0; i < size; i++) {
      const at = (first + i) * width;
      const base = shared ? 0 : i * width;
      const [add, take] = [scale * mixing.left[i], scale * own[i]];
      for (let k = 0; k < width; k++) target[at + k] = add * sums[base + k] - take * rows[at + k];
    }
  }
}
