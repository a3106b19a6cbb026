/**
 * Sketches: m numbers for each output of a term, whose inner products estimate those of the gradients without bias.
 *
 *     s_r = (1/√m) Σ_t (p_r · a_t) (q_r · b_t),    p_r = row i(r) of H D,    q_r = row j(r) of H' D',    r < m
 *
 * for a gradient Σ_t a_t b_tᵀ; H is the ±1 Hadamard matrix of the next power of two n, vectors being filled up with
 * zeros, and D a diagonal of random signs. A row without activities is the case a = (1). Each p_r and q_r alone is a
 * vector of independent signs, hence E s_r s'_r = <G, G'> / m. Compared with new signs for each r
 * - a fast transform takes n log n additions instead of n m products, and that of a serves all outputs;
 * - i(r) and j(r) run through random permutations of the rows. Σ_i (H D a)_i (H D a')_i is exactly n a · a', so what
 *   depends on i alone or on j alone leaves no error over a whole permutation: for vectors of length 1 with the cosines
 *   ρ = a · a' and σ = b · b' the variance of <s, s'> falls from ((1 + 2ρ²)(1 + 2σ²) − ρ²σ²) / m to
 *   (1 + ρ²)(1 + σ²) / m, less where few elements hold most of a vector. precision.ts says what that means for k^C.
 *
 * All that is random depends on the key of the term only: sets that are compared, batches, workers and runtimes agree.
 */
import type { Arena } from '../kernel/arena.js';
import { type Kernel, LANES, panelBytes } from '../kernel/kernel.js';
import type { Views } from '../kernel/views.js';
import type { Term } from '../plan.js';
import { transformLength } from '../precision.js';
import { stream, uniform } from '../random.js';

/** Addresses of what the sketch of a term needs besides the factors. */
export interface SketchPlace {
  /** D of the activities and D' / √m of the values, float32. */
  readonly signs: readonly [number, number];
  /** i(r) and j(r), int32 [m][2]. */
  readonly rows: number;
  /** Panels for the transforms of a and b. */
  readonly panels: readonly [number, number];
}

/** Room for a sketched term, its random numbers drawn. */
export function reserveSketch({ sketch, right: m }: Term, arena: Arena): SketchPlace | null {
  if (!sketch) return null;
  const { source, key } = sketch;
  const lengths = [Math.max(1, source.left), source.right] as const;
  const sizes = [transformLength(lengths[0]), transformLength(lengths[1])] as const;
  const place: SketchPlace = {
    signs: [arena.allocate(lengths[0] * 4), arena.allocate(lengths[1] * 4)],
    rows: arena.allocate(m * 8),
    panels: [arena.allocate(panelBytes(sizes[0])), arena.allocate(panelBytes(sizes[1]))],
  };
  for (const [side, pointer] of place.signs.entries()) {
    const signs = arena.floats(pointer, lengths[side]);
    const own = stream(key, side);
    const scale = side === 0 ? 1 : Math.fround(1 / Math.sqrt(m));
    for (let k = 0; k < signs.length; k++) signs[k] = uniform(own, k) < 0.5 ? scale : -scale;
    const rows = arena.integers(place.rows, 2 * m);
    shuffled(m, sizes[side], stream(key, 2 + side)).forEach((row, r) => {
      rows[2 * r + side] = row;
    });
  }
  return place;
}

/** Kernel memory that {@link reserveSketch} takes. */
export function sketchBytes({ sketch, right: m }: Term): number {
  if (!sketch) return 0;
  const lengths = [Math.max(1, sketch.source.left), sketch.source.right];
  const transforms = lengths.reduce(
    (sum, length) => sum + 4 * length + panelBytes(transformLength(length)),
    0,
  );
  return transforms + 8 * m + 5 * 64;
}

/** `count` numbers below `size`: random permutations of all of them, one after the other. */
function shuffled(count: number, size: number, key: number): Int32Array {
  const result = new Int32Array(count);
  const numbers = Int32Array.from({ length: size }, (_, number) => number);
  for (let r = 0; r < count; r++) {
    const at = r % size;
    const other = at + Math.floor(uniform(key, r) * (size - at));
    result[r] = numbers[other];
    numbers[other] = numbers[at];
    numbers[at] = result[r];
  }
  return result;
}

/**
 * Sketches 16 inputs, staged row by row, into a panel [outputs][m][16].
 * @param staged addresses of activities [16][positions][left] and values [16][outputs][positions][right]
 * @param lanes how many of the inputs exist
 */
export function sketchPanel(
  kernel: Kernel,
  views: Views,
  { sketch, right: m }: Term,
  outputs: number,
  { signs, rows, panels }: SketchPlace,
  staged: { readonly left: number; readonly right: number },
  lanes: number,
  target: number,
): void {
  const { positions, left, right } = sketch!.source;
  views.floats(target, outputs * m * LANES).fill(0);
  if (left === 0) views.floats(panels[0], LANES).fill(1);
  for (let t = 0; t < positions; t++) {
    if (left > 0) {
      kernel.pack(staged.left + t * left * 4, lanes, left, positions * left, panels[0]);
      kernel.transformLanes(panels[0], left, transformLength(left), signs[0]);
    }
    for (let c = 0; c < outputs; c++) {
      const from = staged.right + (c * positions + t) * right * 4;
      kernel.pack(from, lanes, right, outputs * positions * right, panels[1]);
      kernel.transformLanes(panels[1], right, transformLength(right), signs[1]);
      kernel.addSampledProducts(panels[0], panels[1], rows, m, target + c * panelBytes(m));
    }
  }
}
