/**
 * How each weight enters the Gram matrix, and what that costs.
 *
 * A weight used at T positions of an example has the gradient G_c = sum_t a_t b_{c,t}^T for output c (method,
 * section 2). Two inputs are compared through the factors,
 *     <G, G'> = sum_{t,t'} (a_t . a'_t') (b_t . b'_t'),        d T² (A + B) multiply-adds,
 * through the products themselves, d·A·B, or, where `precision` is a number m, through m random projections of them,
 * d·m (see precision.ts). Everything else (biases, scales, slopes) is a plain row.
 */

/** How the numbers of one input lie in a term: `positions` × (`left` + outputs × `right`). */
export interface Layout {
  /** Uses of the weight per example; 1 in a row, which sums over them first. */
  readonly positions: number;
  /** Activities per position, with the bias's constant 1; 0 in a row. */
  readonly left: number;
  /** Values per output and position: backpropagated b, or the whole row. */
  readonly right: number;
}

/** A term of the Gram matrix. Its own layout is that of the rows that are kept and compared. */
export interface Term extends Layout {
  readonly layer: string;
  /** Names of the parameters that this term covers. */
  readonly parameters: readonly string[];
  readonly rule: string;
  readonly kind: 'factored' | 'materialised' | 'sketched';
  /** How many parameters the term covers. */
  readonly size: number;
  /** The factors of a weight, used or not; absent where there is nothing but a row. */
  readonly factors?: Layout;
  /** In a sketched term: the layout that is captured, and the key of its random numbers. */
  readonly sketch?: { readonly source: Layout; readonly key: number };
}

/**
 * Multiply-adds that one pair of inputs costs in this layout, for the trace over `outputs` outputs. With one position
 * the activities are compared once for all outputs; with several, once for each.
 */
export function pairCost({ positions, left, right }: Layout, outputs: number): number {
  if (left === 0) return outputs * right;
  if (positions === 1) return left + outputs * right;
  return outputs * positions ** 2 * (left + right);
}

/** Float32 values that one input takes in this layout. */
export function inputValues({ positions, left, right }: Layout, outputs: number): number {
  return positions * (left + outputs * right);
}

/** The layout in which a term is captured; that of its rows unless it is sketched. */
export function capturedLayout(term: Term): Layout {
  return term.sketch?.source ?? term;
}

/** Chooses the cheaper exact form of a weight; a tie goes to the factors. */
export function cheaperKind(factors: Layout, outputs: number): 'factored' | 'materialised' {
  return pairCost(factors, outputs) <= outputs * factors.left * factors.right ? 'factored' : 'materialised';
}

/** The factors of a run of inputs, term by term, row-major float32. */
export interface FactorBatch {
  readonly inputs: number;
  readonly terms: readonly {
    /** inputs × positions × left; empty in a materialised term. */
    readonly left: Float32Array;
    /** One array per output, inputs × positions × right each. */
    readonly right: readonly Float32Array[];
  }[];
}
