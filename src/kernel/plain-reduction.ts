/**
 * The reductions of blocks as plain loops in float64. Formulas stand in kernel.ts.
 */
import { LANES, type Pointer, type ReductionKernel } from './kernel.js';
import { Views } from './views.js';

/** True when (value, index) stands before (other, otherIndex): larger values first, then smaller indices. */
function precedes(value: number, index: number, other: number, otherIndex: number): boolean {
  return value > other || (value === other && index < otherIndex);
}

export function plainReduction(memory: WebAssembly.Memory): ReductionKernel {
  const views = new Views(memory);

  /** target_r += Σ_c term(values_rc) */
  function addRows(
    values: Pointer,
    rows: number,
    columns: number,
    stride: number,
    target: Pointer,
    term: (value: number) => number,
  ): void {
    const sums = views.doubles(target, rows);
    for (let r = 0; r < rows; r++) {
      let sum = 0;
      for (const value of views.floats(values + r * stride * 4, columns)) sum += term(value);
      sums[r]! += sum;
    }
  }

  return {
    addRowSums(values, rows, columns, stride, sums) {
      addRows(values, rows, columns, stride, sums, (value) => value);
    },

    countAtLeast(values, rows, columns, stride, threshold, counts) {
      addRows(values, rows, columns, stride, counts, (value) => (value >= threshold ? 1 : 0));
    },

    addPowerSums(values, rows, columns, stride, exponent, sums) {
      addRows(values, rows, columns, stride, sums, (value) => (value > 0 ? value ** exponent : 0));
    },

    keepTop(values, rows, columns, stride, firstColumn, k, topValues, topIndices, topCounts, ownFirst) {
      const counts = views.integers(topCounts, rows);
      for (let r = 0; r < rows; r++) {
        const row = views.floats(values + r * stride * 4, columns);
        const bestValues = views.floats(topValues + r * k * 4, k);
        const bestIndices = views.integers(topIndices + r * k * 4, k);
        let count = counts[r]!;
        for (let c = 0; c < columns; c++) {
          const value = row[c]!;
          const index = firstColumn + c;
          if (Number.isNaN(value) || (ownFirst >= 0 && index === ownFirst + r)) continue;
          let place = count;
          while (place > 0 && precedes(value, index, bestValues[place - 1]!, bestIndices[place - 1]!))
            place--;
          if (place >= k) continue;
          bestValues.copyWithin(place + 1, place, k - 1);
          bestIndices.copyWithin(place + 1, place, k - 1);
          bestValues[place] = value;
          bestIndices[place] = index;
          count = Math.min(count + 1, k);
        }
        counts[r] = count;
      }
    },

    addBlockMoments(tiles, outputs, labels, sets, sum, square, weighted) {
      const d = outputs;
      const tile = LANES * LANES;
      const kernel = views.doubles(tiles, d * d * tile);
      const label = views.doubles(labels, sets * LANES * d);
      const sums = views.doubles(sum, LANES * d * d);
      const squares = views.doubles(square, LANES * d * d);
      const means = views.doubles(weighted, LANES * sets * d);
      for (let i = 0; i < LANES; i++) {
        for (let j = 0; j < LANES; j++) {
          const entry = (c: number, other: number) => kernel[(c * d + other) * tile + i * LANES + j]!;
          for (let c = 0; c < d; c++) {
            for (let other = 0; other < d; other++) {
              sums[(i * d + c) * d + other]! += entry(c, other);
              for (let e = 0; e < d; e++) squares[(i * d + c) * d + e]! += entry(c, other) * entry(e, other);
              for (let set = 0; set < sets; set++) {
                means[(i * sets + set) * d + c]! += entry(c, other) * label[(set * d + other) * LANES + j]!;
              }
            }
          }
        }
      }
    },

    addTileProduct(left, right, target) {
      const [a, b] = [views.doubles(left, LANES ** 2), views.doubles(right, LANES ** 2)];
      const sums = views.doubles(target, LANES ** 2);
      for (let pair = 0; pair < sums.length; pair++) sums[pair]! += a[pair]! * b[pair]!;
    },

    transposeBlocks(tiles, outputs, target) {
      const tile = LANES * LANES;
      const source = views.doubles(tiles, outputs ** 2 * tile);
      const turned = views.doubles(target, outputs ** 2 * tile);
      for (let c = 0; c < outputs; c++) {
        for (let e = 0; e < outputs; e++) {
          for (let pair = 0; pair < tile; pair++) {
            const mirrored = (pair % LANES) * LANES + Math.floor(pair / LANES);
            turned[(e * outputs + c) * tile + mirrored] = source[(c * outputs + e) * tile + pair]!;
          }
        }
      }
    },
  };
}
