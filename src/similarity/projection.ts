/**
 * Long factors seen in few directions. For orthonormal rows V, c = V a and ρ = a − Vᵀ c,
 *
 *   a · a' = c · c' + ρ · ρ',   |ρ · ρ'| ≤ ‖ρ‖ ‖ρ'‖:
 *
 * where activities lie near a subspace, as those of images do, comparing c costs a fraction of comparing a and is
 * wrong by the square of a small number. V holds for whatever a comes, so any choice is sound; a good one takes the
 * leading directions of a sample.
 */
import { LANES, panelBytes, TILE_BYTES } from '../kernel/kernel.js';
import { CHAIN } from '../kernel/screen.js';
import type { Work } from '../work.js';
import type { Side } from './blockwise.js';
import { type LinearAlgebra, linearAlgebra } from './linear-algebra.js';
import { activityAddress } from './operand.js';
import type { Site, Variant } from './rows.js';

/** Factors below this length are not projected. */
const LONG = 256;
/** Directions that are kept, a multiple of 16. */
const DIRECTIONS = 64;
/** Inputs of the sample; their Gram matrix is decomposed, some 50 ms. */
const SAMPLE = 192;
/** The mean ‖ρ‖² / ‖a‖² above which directions tell too little. */
const MOST_LEFT = 0.12;

export interface Projection {
  /** Directions kept. */
  readonly length: number;
  /** Address of V, panels of 16 directions. */
  readonly vectors: number;
  /** At least ‖V Vᵀ − 1‖, and beyond it what float32 chains add: |c · V ρ'| ≤ τ ‖a‖ ‖a'‖. */
  readonly tau: number;
}

/** The projection of the activities of each term; undefined where they are compared in full. */
export type Projections = readonly (Projection | undefined)[];

/** Directions for the activities of a set, in the arena of the site. */
export function* projections({ source, kind }: Side): Work<Projections> {
  const { terms, site } = source;
  const found: (Projection | undefined)[] = [];
  for (const [i, term] of terms.entries()) {
    found.push(undefined);
    if (term.positions !== 1 || term.left < LONG || source.size < 2 * SAMPLE) continue;
    const bytes = (DIRECTIONS / LANES) * panelBytes(term.left);
    if (bytes > (site.arena.limit - site.arena.used) / 16) continue;
    const before = site.arena.mark();
    const vectors = site.arena.allocate(bytes);
    const mark = site.arena.mark();
    const rows = yield* source.rows(kind, 0, source.inputBytes === 0 ? source.size : 2 * SAMPLE);
    const sample = sampled(rows, i);
    site.arena.release(mark);
    // Every second input chooses the directions, the others judge them.
    const choosing = sample.filter((_, at) => at % 2 === 0);
    const basis = leading(yield* linearAlgebra(), choosing);
    yield 0;
    if (
      !basis ||
      meanRest(
        basis,
        sample.filter((_, at) => at % 2 === 1),
      ) > MOST_LEFT
    ) {
      site.arena.release(before);
      continue;
    }
    const tau = 1.01 * (CHAIN * Math.sqrt(DIRECTIONS) + store(site, basis, vectors));
    found[i] = { length: DIRECTIONS, vectors, tau };
  }
  return found;
}

/** Activities of 2 · SAMPLE inputs, evenly spread, of length 1; zeros are left out. */
function sampled(rows: Variant, i: number): Float64Array[] {
  const { left } = rows.terms[i];
  const { arena } = rows.site;
  const picked: Float64Array[] = [];
  for (let s = 0; s < 2 * SAMPLE; s++) {
    const input = Math.floor((s * rows.size) / (2 * SAMPLE));
    const panel = arena.floats(activityAddress(rows, i, Math.floor(input / LANES)), left * LANES);
    const row = Float64Array.from({ length: left }, (_, k) => panel[k * LANES + (input % LANES)]);
    const norm = Math.sqrt(dot(row, row));
    if (norm > 0 && norm < Infinity) picked.push(row.map((value) => value / norm));
  }
  return picked;
}

/** Leading directions of some rows, orthonormal; null where there are too few. */
function leading(
  { EigenvalueDecomposition, Matrix }: LinearAlgebra,
  rows: readonly Float64Array[],
): Float64Array[] | null {
  if (rows.length < DIRECTIONS) return null;
  const size = rows.length;
  const gram = new Matrix(size, size);
  for (let i = 0; i < size; i++) {
    for (let j = i; j < size; j++) {
      const value = dot(rows[i], rows[j]);
      gram.set(i, j, value);
      gram.set(j, i, value);
    }
  }
  const { eigenvectorMatrix } = new EigenvalueDecomposition(gram, { assumeSymmetric: true });
  const basis: Float64Array[] = [];
  for (let direction = 0; direction < DIRECTIONS; direction++) {
    const vector = new Float64Array(rows[0].length);
    // Eigenvalues come in ascending order.
    for (let i = 0; i < size; i++) add(vector, eigenvectorMatrix.get(i, size - 1 - direction), rows[i]);
    for (let again = 0; again < 2; again++)
      for (const other of basis) add(vector, -dot(vector, other), other);
    const norm = Math.sqrt(dot(vector, vector));
    basis.push(vector.map((value) => (norm > 1e-9 ? value / norm : 0)));
  }
  return basis;
}

/** The mean share of ‖a‖² that a basis leaves, for rows of length 1. */
function meanRest(basis: readonly Float64Array[], rows: readonly Float64Array[]): number {
  const rests = rows.map((row) => 1 - basis.reduce((sum, vector) => sum + dot(vector, row) ** 2, 0));
  return rests.reduce((sum, rest) => sum + rest, 0) / rows.length;
}

/** Packs a basis; returns at least the norm of V Vᵀ − 1 as stored. A zero direction is one less: c is 0 there. */
function store({ kernel, arena }: Site, basis: readonly Float64Array[], vectors: number): number {
  const length = basis[0].length;
  const rounded = basis.map((vector) => Float32Array.from(vector));
  const mark = arena.mark();
  const source = arena.allocate(LANES * length * 4);
  for (let first = 0; first < rounded.length; first += LANES) {
    const place = arena.floats(source, LANES * length);
    for (let v = 0; v < LANES; v++) place.set(rounded[first + v], v * length);
    kernel.pack(source, LANES, length, length, vectors + (first / LANES) * panelBytes(length));
  }
  arena.release(mark);
  let squares = 0;
  const kept = rounded.filter((vector) => vector.some((value) => value !== 0));
  for (const [i, vector] of kept.entries()) {
    for (const [j, other] of kept.entries()) squares += (dot(vector, other) - (i === j ? 1 : 0)) ** 2;
  }
  return Math.sqrt(squares);
}

/** c = V a for the 16 inputs of a panel, into a panel of as many elements as there are directions. */
export function project(
  { kernel, arena }: Site,
  { length, vectors }: Projection,
  panel: number,
  panelLength: number,
  target: number,
  scratch: number,
): void {
  for (let first = 0; first < length; first += LANES) {
    arena.doubles(scratch, LANES * LANES).fill(0);
    kernel.addGram(panel, vectors + (first / LANES) * panelBytes(panelLength), panelLength, scratch);
    const aside = scratch + TILE_BYTES;
    kernel.storeTile(scratch, 1, aside, LANES, LANES, LANES, target + first * LANES * 4, LANES);
  }
}

function dot(a: Float64Array | Float32Array, b: Float64Array | Float32Array): number {
  let sum = 0;
  for (let k = 0; k < a.length; k++) sum += a[k] * b[k];
  return sum;
}

function add(target: Float64Array, factor: number, row: Float64Array): void {
  for (let k = 0; k < target.length; k++) target[k] += factor * row[k];
}
