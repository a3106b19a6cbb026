/** What one sweep over all pairs collects for the report, beside the nearest others. */

import type { SimilarityHistogram } from '../report/data.js';
import type { PairStrip } from '../similarity/comparison.js';

const BINS = 80;

/** Counts the pairs of different inputs by k^C, both directions; `labels` splits them into same and different. */
export function histogramOfPairs(labels: ArrayLike<number> | null): {
  visit(strip: PairStrip): void;
  result(): SimilarityHistogram;
} {
  const same = new Float64Array(BINS);
  const different = new Float64Array(BINS);
  return {
    visit({ row, column, rows, columns, values, stride }) {
      for (let r = 0; r < rows; r++) {
        for (let c = 0; c < columns; c++) {
          if (row + r >= column + c) continue; // each pair once
          const bin = Math.min(BINS - 1, Math.floor(((values[r * stride + c] + 1) / 2) * BINS));
          if (labels && labels[row + r] === labels[column + c]) same[bin] += 1;
          else different[bin] += 1;
        }
      }
    },
    result() {
      const counts = same.map((count, bin) => count + different[bin]);
      return { counts, byLabel: labels ? { same, different } : undefined };
    },
  };
}

/** Picks the similarities among some inputs, m × m in their order. */
export function pickPairs(
  inputs: readonly number[],
  size: number,
): { visit(strip: PairStrip): void; values: Float32Array } {
  const place = new Int32Array(size).fill(-1);
  inputs.forEach((input, position) => {
    place[input] = position;
  });
  const values = new Float32Array(inputs.length ** 2);
  return {
    values,
    visit({ row, column, rows, columns, values: strip, stride }) {
      for (let r = 0; r < rows; r++) {
        const to = place[row + r];
        if (to < 0) continue;
        for (let c = 0; c < columns; c++) {
          const position = place[column + c];
          if (position >= 0) values[to * inputs.length + position] = strip[r * stride + c];
        }
      }
    },
  };
}
