/**
 * How each weight enters the Gram matrix, and what that costs.
 *
 * A weight used at T positions of an example has the gradient G_c = sum_t a_t b_{c,t}^T for output c (method,
 * section 2). Two inputs are compared either through the factors,
 *     <G, G'> = sum_{t,t'} (a_t . a'_t') (b_t . b'_t'),        d T² (A + B) multiply-adds,
 * or through the products themselves, d·A·B. Everything else (biases, scales, slopes) is a plain row.
 */
export interface Term {
  readonly layer: string;
  /** Names of the parameters that this term covers. */
  readonly parameters: readonly string[];
  readonly rule: string;
  readonly kind: 'factored' | 'materialised';
  /** Uses of the weight per example; 1 in a materialised term, which sums over them first. */
  readonly positions: number;
  /** Activities per position, with the bias's constant 1; 0 in a materialised term. */
  readonly left: number;
  /** Values per output and position: backpropagated b, or the whole row of a materialised term. */
  readonly right: number;
  /** How many parameters the term covers. */
  readonly size: number;
}

/**
 * Multiply-adds that one pair of inputs costs in this term, for the trace over `outputs` outputs. With one position
 * the activities are compared once for all outputs; with several, once for each.
 */
export function pairCost(term: Term, outputs: number): number {
  if (term.kind === 'materialised') return outputs * term.right;
  if (term.positions === 1) return term.left + outputs * term.right;
  return outputs * term.positions ** 2 * (term.left + term.right);
}

/** Float32 values that one input keeps for this term. */
export function inputValues(term: Term, outputs: number): number {
  return term.positions * (term.left + outputs * term.right);
}

/** Chooses the cheaper form of a weight of `left` × `right` used at `positions` positions; a tie goes to the factors. */
export function cheaperKind(positions: number, left: number, right: number, outputs: number): Term['kind'] {
  const factored = positions === 1 ? left + outputs * right : outputs * positions ** 2 * (left + right);
  return factored <= outputs * left * right ? 'factored' : 'materialised';
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
