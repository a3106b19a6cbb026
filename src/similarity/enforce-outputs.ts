/**
 * The similarity of a set over d outputs (method, sections 1 and 6): with W = K(x,x)^-½ = V λ^-½ Vᵀ and Ĝ = G W,
 *
 *     S = c Σ_ij ⟨Ĝ_i, Ĝ_j⟩ / d,           c = 1/n² over all pairs, 1 / (n (n − 1)) over i ≠ j.
 *
 * Where G_i moves, so does W_i. With A_i = ∂S/∂Ĝ_i = (2c / d) Σ_j Ĝ_j and B = G_iᵀ A_i,
 *
 *     ∂S/∂G_i = A_i W_i − 2 G_i Q,   Q = V [ (Vᵀ W B W V)_ab / (√λ_a + √λ_b) ] Vᵀ, symmetrised.
 */
import { EigenvalueDecomposition, Matrix } from 'ml-matrix';
import { refuse } from '../errors.js';
import type { PairCount, SetSimilarity } from './enforce.js';

/** Below this share of the largest eigenvalue, the slope of K^-½ is float32 noise. */
const SINGULAR = 1e-6;

/** W of one input, and what is needed for its slope. Null where the gradient is zero. */
interface Whitener {
  readonly vectors: Matrix;
  /** √λ. */
  readonly roots: readonly number[];
  readonly whitening: Matrix;
}

/**
 * S and C of a set from K_ic,jc' = g_ic · g_jc', (n·d) × (n·d) row-major, the outputs of one input side by side: u_ic =
 * Σ C_ic,jc' g_jc'.
 * @throws NetkinError 'input' where the outputs of an input are linearly dependent: their K^-½ has no slope
 */
export function setSimilarityOfOutputs(gram: Float64Array, d: number, count: PairCount): SetSimilarity {
  const width = Math.sqrt(gram.length);
  const size = width / d;
  const c = count === 'all' ? 1 / size ** 2 : 1 / (size * (size - 1));
  const block = (i: number, j: number) => {
    const rows = Array.from({ length: d }, (_, a) => {
      const start = (i * d + a) * width + j * d;
      return gram.subarray(start, start + d);
    });
    return new Matrix(rows);
  };
  const whiteners = Array.from({ length: size }, (_, i) => whitener(block(i, i)));
  const mixing = new Float64Array(gram.length);
  let value = 0;
  whiteners.forEach((own, i) => {
    if (!own) return;
    let products = Matrix.zeros(d, d);
    whiteners.forEach((other, j) => {
      if (!other || (j === i && count === 'distinct')) return;
      const reach = block(i, j).mmul(other.whitening);
      products = products.add(reach);
      value += (c / d) * own.whitening.mmul(reach).trace();
      // The coefficients of G_j in U_i, output of i by output of j.
      put(i, j, own.whitening.mmul(other.whitening).mul((2 * c) / d));
    });
    put(i, i, bend(own, products.mul((2 * c) / d)));
  });
  return { value, mixing };

  function put(i: number, j: number, coefficients: Matrix): void {
    for (let a = 0; a < d; a++) {
      for (let b = 0; b < d; b++) mixing[(i * d + a) * width + j * d + b] += coefficients.get(a, b);
    }
  }
}

/** −2 Q of the input's own G, from B. */
function bend({ vectors, roots, whitening }: Whitener, b: Matrix): Matrix {
  const inner = vectors.transpose().mmul(whitening).mmul(b).mmul(whitening).mmul(vectors);
  const q = Matrix.zeros(roots.length, roots.length);
  for (let row = 0; row < roots.length; row++) {
    for (let column = 0; column < roots.length; column++)
      q.set(row, column, -inner.get(row, column) / (roots[row] + roots[column]));
  }
  const whole = vectors.mmul(q).mmul(vectors.transpose());
  return Matrix.add(whole, whole.transpose());
}

function whitener(own: Matrix): Whitener | null {
  const { eigenvectorMatrix: vectors, realEigenvalues } = new EigenvalueDecomposition(own, {
    assumeSymmetric: true,
  });
  const largest = Math.max(...realEigenvalues);
  if (!(largest > 0)) return null;
  if (Math.min(...realEigenvalues) < SINGULAR * largest)
    refuse(
      'input',
      'The outputs of an example depend on each other linearly, so that their similarity has no slope: name one output, or a contrast.',
    );
  const roots = realEigenvalues.map(Math.sqrt);
  const whitening = vectors.mmul(Matrix.diag(roots.map((root) => 1 / root))).mmul(vectors.transpose());
  return { vectors, roots, whitening };
}
