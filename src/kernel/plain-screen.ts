/**
 * Screening as plain loops. Formulas stand in screen.ts and assembly/screen.ts; exact values come from the
 * plain Gram kernels, so here the bounds are wider than need be.
 */
import { type GramKernel, LANES, type Pointer, TILE_BYTES } from './kernel.js';
import { dot } from './plain-gram.js';
import { CHAIN, SCREEN_BLOCK, type ScreenKernel } from './screen.js';
import { Views } from './views.js';

const LEVELS = 2047;
const TINY = 1e-30;
const UNDERFLOW = 1e-20;
const SQUARE = LANES * LANES;
/** Bytes before the first block: norms and errors. */
const HEAD = 2 * LANES * 8;

/** Blocks of a quantised panel: their steps, and where scales and numbers stand. */
function* blocks(
  length: number,
): Generator<{ first: number; count: number; scales: number; values: number }> {
  let scales = HEAD;
  for (let first = 0; first < length; first += SCREEN_BLOCK) {
    const count = Math.min(SCREEN_BLOCK, length - first);
    yield { first, count, scales, values: scales + LANES * 4 };
    scales += LANES * 4 * (1 + Math.ceil(count / 2));
  }
}

function partOf(pair: number): number {
  return 2 * (pair >> 6) + ((pair >> 3) & 1);
}

export function plainScreen(memory: WebAssembly.Memory, exact: GramKernel): ScreenKernel {
  const views = new Views(memory);
  const shorts = (pointer: Pointer, length: number) => new Int16Array(memory.buffer, pointer, length);

  /** Lists the pairs for which `open` is true. */
  function openPairs(pairs: Pointer, open: (pair: number) => boolean): number {
    const list = views.integers(pairs, SQUARE);
    let count = 0;
    for (let pair = 0; pair < SQUARE; pair++) if (open(pair)) list[count++] = pair;
    return count;
  }

  /** sums_m += value(i, j) for the pairs of a list. */
  function addPairs(
    pairs: Pointer,
    count: number,
    sums: Pointer,
    value: (i: number, j: number) => number,
  ): void {
    const target = views.doubles(sums, count);
    views.integers(pairs, count).forEach((pair, m) => {
      target[m]! += value(pair >> 4, pair & 15);
    });
  }

  /** (i, j) ↦ Σ_k a_ki b_kj */
  function product(a: Pointer, b: Pointer, length: number): (i: number, j: number) => number {
    const [left, right] = [views.floats(a, length * LANES), views.floats(b, length * LANES)];
    return (i, j) => dot(left, i, right, j, length);
  }

  /** Keeps what `add` does to the parts of a tile, and undoes the rest. */
  function onParts(tile: Pointer, parts: number, add: () => void): void {
    const values = views.doubles(tile, SQUARE);
    const before = values.slice();
    add();
    for (let pair = 0; pair < SQUARE; pair++)
      if (!((parts >> partOf(pair)) & 1)) values[pair] = before[pair]!;
  }

  function addScreenedGram(a: Pointer, b: Pointer, length: number, tile: Pointer, bounds: Pointer): void {
    const [left, right] = [views.doubles(a, 2 * LANES), views.doubles(b, 2 * LANES)];
    const [sums, limits] = [views.doubles(tile, SQUARE), views.doubles(bounds, SQUARE)];
    for (let i = 0; bounds !== 0 && i < LANES; i++) {
      for (let j = 0; j < LANES; j++) {
        const [norm, error] = [left[i]!, left[LANES + i]!];
        limits[i * LANES + j]! += (error + CHAIN * norm) * right[j]! + (norm + error) * right[LANES + j]!;
      }
    }
    for (const { count, scales, values } of blocks(length)) {
      const size = Math.ceil(count / 2) * 2;
      const [q, other] = [shorts(a + values, size * LANES), shorts(b + values, size * LANES)];
      const [scale, otherScale] = [views.floats(a + scales, LANES), views.floats(b + scales, LANES)];
      for (let i = 0; i < LANES; i++) {
        for (let j = 0; j < LANES; j++) {
          let sum = 0;
          for (let k = 0; k < size; k++) {
            const at = (k >> 1) * LANES * 2 + (k & 1);
            sum += q[at + i * 2]! * other[at + j * 2]!;
          }
          sums[i * LANES + j]! += sum * (scale[i]! * otherScale[j]!);
        }
      }
    }
  }

  return {
    addScreenedGram,

    quantize(panel, length, target) {
      const from = views.floats(panel, length * LANES);
      const head = views.doubles(target, 2 * LANES);
      head.fill(0);
      for (const { first, count, scales, values } of blocks(length)) {
        const scale = views.floats(target + scales, LANES);
        const q = shorts(target + values, Math.ceil(count / 2) * 2 * LANES);
        q.fill(0);
        for (let lane = 0; lane < LANES; lane++) {
          const row = Array.from({ length: count }, (_, k) => from[(first + k) * LANES + lane]!);
          const most = row.reduce((largest, x) => Math.max(largest, Math.abs(x)), 0);
          const inverse = most >= TINY ? LEVELS / most : 0;
          scale[lane] = most / LEVELS;
          row.forEach((x, k) => {
            const level = Math.max(-LEVELS, Math.min(LEVELS, Math.round(x * inverse))) || 0;
            q[((k >> 1) * LANES + lane) * 2 + (k & 1)] = level;
            head[lane]! += x * x;
            head[LANES + lane]! += (x - scale[lane]! * level) ** 2;
          });
        }
      }
      for (let at = 0; at < 2 * LANES; at++) head[at] = Math.sqrt(head[at]!);
      for (let lane = 0; lane < LANES; lane++) head[lane]! += UNDERFLOW * Math.sqrt(length);
    },

    addScreenedOuterGram(leftA, rightA, aLength, leftB, rightB, bLength, scratch, tile, bounds) {
      views.doubles(scratch, 4 * SQUARE).fill(0);
      addScreenedGram(leftA, rightA, aLength, scratch, bounds && scratch + 2 * TILE_BYTES);
      addScreenedGram(leftB, rightB, bLength, scratch + TILE_BYTES, bounds && scratch + 3 * TILE_BYTES);
      const [p, q, pBound, qBound] = [0, 1, 2, 3].map((at) =>
        views.doubles(scratch + at * TILE_BYTES, SQUARE),
      );
      const [sums, limits] = [views.doubles(tile, SQUARE), views.doubles(bounds, SQUARE)];
      for (let at = 0; at < SQUARE; at++) {
        sums[at]! += p![at]! * q![at]!;
        if (bounds === 0) continue;
        limits[at]! += (Math.abs(p![at]!) + pBound![at]!) * qBound![at]! + pBound![at]! * Math.abs(q![at]!);
      }
    },

    reachingPairs(tile, bounds, scale, limits, columnLimits, pairs) {
      const [values, gaps] = [views.doubles(tile, SQUARE), views.doubles(bounds, SQUARE)];
      const rows = views.doubles(limits, LANES);
      const columns = columnLimits === 0 ? undefined : views.doubles(columnLimits, LANES);
      return openPairs(pairs, (pair) => {
        const most = Math.fround((values[pair]! + gaps[pair]!) * scale);
        const below = most < rows[pair >> 4]! && (columns === undefined || most < columns[pair & 15]!);
        return !below;
      });
    },

    undecidedPairs(tile, bounds, scale, limit, pairs) {
      const [values, gaps] = [views.doubles(tile, SQUARE), views.doubles(bounds, SQUARE)];
      return openPairs(pairs, (pair) => {
        const below = Math.fround((values[pair]! + gaps[pair]!) * scale) < limit;
        const above = Math.fround((values[pair]! - gaps[pair]!) * scale) >= limit;
        return !below && !above;
      });
    },

    addGramPairs(a, b, length, pairs, count, sums) {
      addPairs(pairs, count, sums, product(a, b, length));
    },

    addOuterGramPairs(leftA, rightA, aLength, leftB, rightB, bLength, pairs, count, _scratch, sums) {
      const [p, q] = [product(leftA, rightA, aLength), product(leftB, rightB, bLength)];
      addPairs(pairs, count, sums, (i, j) => p(i, j) * q(i, j));
    },

    addGramParts(a, b, length, tile, parts) {
      onParts(tile, parts, () => exact.addGram(a, b, length, tile));
    },

    addOuterGramParts(leftA, rightA, aLength, leftB, rightB, bLength, positions, scratch, tile, parts) {
      onParts(tile, parts, () =>
        exact.addOuterGram(leftA, rightA, aLength, leftB, rightB, bLength, positions, scratch, tile),
      );
    },
  };
}
