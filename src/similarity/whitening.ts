/**
 * K(x,x) of every input and its symmetric roots (method, section 1): k^C compares G(x) K(x,x)^-½, k^N divides by
 * K(x,x). Eigenvalues that float32 gradients cannot tell from zero are left out (pseudo-inverse) and reported.
 */
import { refuse } from '../errors.js';
import { LANES } from '../kernel/kernel.js';
import type { Work } from '../work.js';
import { type LinearAlgebra, linearAlgebra } from './linear-algebra.js';
import { activityAddress, panelCount, panelLanes, valueAddress } from './operand.js';
import type { Variant } from './rows.js';

/**
 * Below this share of the largest eigenvalue an eigenvalue of K counts as zero. K is summed in float64, but gradients
 * carry relative errors of some 1e-7: a singular value below 1e-5 of the largest (1e-10 of K) is mostly noise.
 */
const SINGULAR = 1e-10;
/** Below this share the inverse root amplifies float32 errors a thousandfold: reported as nearly singular. */
const NEARLY_SINGULAR = 1e-6;

export interface SelfKernels {
  /** K(x,x) of each input, n × d × d, float64. */
  readonly blocks: Float64Array;
  /** Rank of each K(x,x); 0 where the gradient is zero. */
  readonly rank: Int32Array;
  /** Inputs whose gradient is zero: similar to nothing, themselves included. */
  readonly zero: readonly number[];
  /** Inputs whose K(x,x) is singular (0 < rank < d): a pseudo-inverse was used. */
  readonly singular: readonly number[];
  /** Inputs whose K(x,x) is nearly singular: their whitened rows are less exact. */
  readonly nearlySingular: readonly number[];
  /** K(x,x)^-½, n × d × d. */
  readonly inverseRoots: Float64Array;
}

/**
 * K(x,x) of each input of raw rows, n × d × d, in float64 from the float32 factors.
 * @param other as many rows, of another variant or of other inputs, both sides of them in place: then G(x)ᵀ G'(x'), lane by
 * lane
 * @param numbers of the inputs, for the refusal; default: they follow one another
 */
export function* selfBlocks(
  rows: Variant,
  other = rows,
  numbers: readonly number[] | null = null,
): Work<Float64Array> {
  const { arena } = rows.site;
  const { outputs: d } = rows;
  const blocks = new Float64Array(rows.size * d * d);
  const mark = arena.mark();
  try {
    const out = arena.allocate(LANES * 8);
    for (let panel = 0; panel < panelCount(rows.size); panel++) {
      rows.terms.forEach(({ layer }, i) => {
        addTerm(rows, other, i, panel, out, blocks);
        const from = panel * LANES * d * d;
        const wrong = blocks
          .subarray(from, from + LANES * d * d)
          .findIndex((value) => !Number.isFinite(value));
        if (wrong < 0) return;
        const place = Math.floor((from + wrong) / (d * d));
        const input = numbers ? numbers[place] : rows.first + place;
        refuse('input', `Layer '${layer}': the gradient of input ${input} overflows.`);
      });
      yield (panel + 1) / panelCount(rows.size);
    }
  } finally {
    arena.release(mark);
  }
  return blocks;
}

/** Adds one term of one panel: the activities of each pair of positions are compared once for all outputs. */
function addTerm(
  rows: Variant,
  other: Variant,
  i: number,
  panel: number,
  out: number,
  blocks: Float64Array,
): void {
  const { kernel, arena } = rows.site;
  const { outputs: d } = rows;
  const term = rows.terms[i];
  const dots = (left: number, right: number, length: number): Float64Array => {
    arena.doubles(out, LANES).fill(0);
    kernel.laneDots(left, right, length, out);
    return arena.doubles(out, LANES);
  };
  const [left, otherLeft] = [activityAddress(rows, i, panel), activityAddress(other, i, panel)];
  const [right, otherRight] = [valueAddress(rows, i, panel), valueAddress(other, i, panel)];
  const step = term.left * LANES * 4;
  const width = term.right * LANES * 4;
  for (let t = 0; t < term.positions; t++) {
    for (let u = 0; u < term.positions; u++) {
      const activities =
        term.left > 0 ? dots(left + t * step, otherLeft + u * step, term.left).slice() : null;
      for (let c = 0; c < d; c++) {
        for (let e = 0; e < d; e++) {
          const at = [c * term.positions + t, e * term.positions + u];
          const values = dots(right + at[0] * width, otherRight + at[1] * width, term.right);
          for (let lane = 0; lane < panelLanes(rows.size, panel); lane++) {
            const share = activities ? activities[lane] * values[lane] : values[lane];
            blocks[((panel * LANES + lane) * d + c) * d + e] += share;
          }
        }
      }
    }
  }
}

/** Inputs that are decomposed without a look at the signal. */
const STRETCH = 100;

/** Decomposes every K(x,x). */
export function* decompose(blocks: Float64Array, d: number): Work<SelfKernels> {
  const size = blocks.length / (d * d);
  const rank = new Int32Array(size);
  const inverseRoots = new Float64Array(blocks.length);
  const zero: number[] = [];
  const singular: number[] = [];
  const nearlySingular: number[] = [];
  const eigen = d === 1 ? itself : eigenOf(yield* linearAlgebra(), d);
  for (let input = 0; input < size; input++) {
    if (input % STRETCH === 0) yield input / size;
    const from = input * d * d;
    const block = blocks.subarray(from, from + d * d);
    const { values, vectors } = eigen(block);
    const largest = Math.max(...values);
    const kept = values.map((value) => largest > 0 && value > SINGULAR * largest);
    rank[input] = kept.filter(Boolean).length;
    if (rank[input] === 0) zero.push(input);
    else if (rank[input] < d) singular.push(input);
    else if (values.some((value) => value < NEARLY_SINGULAR * largest)) nearlySingular.push(input);
    for (let c = 0; c < d; c++) {
      for (let e = 0; e < d; e++) {
        let root = 0;
        for (let v = 0; v < d; v++) {
          if (!kept[v]) continue;
          root += (vectors[c * d + v] * vectors[e * d + v]) / Math.sqrt(values[v]);
        }
        inverseRoots[from + c * d + e] = root;
      }
    }
  }
  return { blocks, rank, zero, singular, nearlySingular, inverseRoots };
}

/** Eigenvalues and, in columns, eigenvectors of a symmetric d × d matrix. */
type Eigen = (block: Float64Array) => { readonly values: number[]; readonly vectors: Float64Array };

const itself: Eigen = ([value]) => ({ values: [value], vectors: Float64Array.of(1) });

function eigenOf({ EigenvalueDecomposition, Matrix }: LinearAlgebra, d: number): Eigen {
  return (block) => {
    const decomposition = new EigenvalueDecomposition(Matrix.from1DArray(d, d, block), {
      assumeSymmetric: true,
    });
    return {
      values: decomposition.realEigenvalues,
      vectors: Float64Array.from(decomposition.eigenvectorMatrix.to1DArray()),
    };
  };
}

/** K(x,x)^-1 of some inputs, the square of the roots; n × d × d. */
export function inverses(inverseRoots: Float64Array, d: number): Float64Array {
  const result = new Float64Array(inverseRoots.length);
  for (let from = 0; from < result.length; from += d * d) {
    for (let c = 0; c < d; c++) {
      for (let e = 0; e < d; e++) {
        let sum = 0;
        for (let v = 0; v < d; v++) sum += inverseRoots[from + c * d + v] * inverseRoots[from + v * d + e];
        result[from + c * d + e] = sum;
      }
    }
  }
  return result;
}

/** Stands for self kernels that are not known yet. */
export const unknownSelf: SelfKernels = {
  blocks: new Float64Array(0),
  rank: new Int32Array(0),
  zero: [],
  singular: [],
  nearlySingular: [],
  inverseRoots: new Float64Array(0),
};
