/**
 * Similarity as a function of the gradients themselves (method, section 6). For a set of n inputs with ĝ = g / ‖g‖ and
 * k_ij = ĝ_i · ĝ_j,
 *
 *     S = ‖(1/n) Σ ĝ_i‖² = (1/n²) Σ_ij k_ij                          'all': own pairs count, and linear time is enough
 *     S = 1 / (n (n − 1)) Σ_{i≠j} k_ij                               'distinct': of two inputs, their k^C
 *
 * and with c = 1/n² or 1 / (n (n − 1)), the direction in which S grows fastest with the gradient of input i is
 *
 *     ∂S/∂g_i = 2c / ‖g_i‖ Σ_j (ĝ_j − k_ij ĝ_i) = Σ_j C_ij g_j       j ≠ i adds the same as all j: k_ii = 1
 *
 * A gradient of zero is similar to nothing (k = 0, its own pair included) and has no direction.
 */

/** Which pairs of a set count. */
export type PairCount = 'all' | 'distinct';

/** What one set says, with the C_ij of its inputs. */
export interface SetSimilarity {
  /** S of the set. */
  readonly value: number;
  /** C, n × n row-major; symmetric. */
  readonly mixing: Float64Array;
}

function share(size: number, count: PairCount): number {
  return count === 'all' ? 1 / size ** 2 : 1 / (size * (size - 1));
}

/** S and C of a set from K_ij = g_i · g_j, n × n row-major. Quadratic in n. */
export function setSimilarity(gram: Float64Array, count: PairCount): SetSimilarity {
  const size = Math.sqrt(gram.length);
  const c = share(size, count);
  const inverse = Float64Array.from({ length: size }, (_, i) => inverseRoot(gram[i * size + i]));
  const mixing = new Float64Array(gram.length);
  let value = 0;
  for (let i = 0; i < size; i++) {
    let others = 0;
    for (let j = 0; j < size; j++) {
      if (j === i) continue;
      const scale = inverse[i] * inverse[j];
      const cosine = gram[i * size + j] * scale;
      others += cosine;
      mixing[i * size + j] = 2 * c * scale;
    }
    mixing[i * size + i] = -2 * c * others * inverse[i] ** 2;
    value += c * (others + (count === 'all' && inverse[i] > 0 ? 1 : 0));
  }
  return { value, mixing };
}

/** C of a set in linear form: C_ij = left_i right_j − own_i [i = j]. */
export interface LinearMixing {
  readonly left: Float64Array;
  readonly right: Float64Array;
  readonly own: Float64Array;
}

/** 1 / ‖g‖ of each squared norm; 0 for a gradient of zero. */
export function inverseNorms(squares: Float64Array): Float64Array {
  return squares.map(inverseRoot);
}

/**
 * S ('all') and C of a set in linear time.
 * @param inverse 1 / ‖g_i‖, 0 for a gradient of zero
 * @param products g_i · Σ_j ĝ_j
 */
export function linearSimilarity(
  inverse: Float64Array,
  products: Float64Array,
): { readonly value: number; readonly mixing: LinearMixing } {
  const c = share(inverse.length, 'all');
  const neighbours = products.map((product, i) => product * inverse[i]);
  return {
    value: c * neighbours.reduce((sum, own) => sum + own, 0),
    mixing: {
      left: inverse.map((one) => 2 * c * one),
      right: inverse,
      own: neighbours.map((own, i) => 2 * c * own * inverse[i] ** 2),
    },
  };
}

function inverseRoot(square: number): number {
  return square > 0 ? 1 / Math.sqrt(square) : 0;
}
