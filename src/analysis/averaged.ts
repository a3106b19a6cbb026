/** Self-denoising for the report: φ over a part of the inputs, and the rows with the largest shift. */
import type { Labels, LabelTable } from '../labels.js';
import type { Perspective } from '../perspective.js';
import type { Denoising } from '../report/data.js';
import type { Watch } from '../watch.js';

/** Sets up to this size are averaged as a whole, which compares each pair once. */
const WHOLE = 3000;
/** Inputs of a larger set, each against all: enough for the mean. */
const PART = 1000;
const SHOWN = 12;

/** How many labels of a set are averaged. */
export function denoisedCount(size: number): number {
  return size <= WHOLE ? size : PART;
}

/** The section's numbers; all outputs of the network must be compared. */
export async function averagedLabels(
  seen: Perspective,
  labels: Labels,
  table: LabelTable,
  watch: Watch,
): Promise<Denoising> {
  const count = denoisedCount(seen.size);
  const inputs = Array.from({ length: count }, (_, i) => Math.floor((i * seen.size) / count));
  const result = await seen.denoise(labels, { inputs, ...watch });
  const defined = Array.from(result.factor).filter((factor) => Number.isFinite(factor));
  const rows = Array.from(result.inputs, (index, row) => ({
    index,
    given: Array.from({ length: seen.outputs }, (_, c) =>
      table.classes ? Number(table.data[index] === c) : table.data[index * table.width + c],
    ),
    averaged: result.labels.slice(row * seen.outputs, (row + 1) * seen.outputs),
    factor: result.factor[row],
    shift: result.shift[row],
    flag: result.cancelling.includes(index) ? 'weights nearly cancel' : undefined,
  }));
  const finite = rows.filter(({ factor }) => Number.isFinite(factor));
  return {
    meanFactor: defined.reduce((sum, factor) => sum + factor, 0) / Math.max(1, defined.length),
    residual: result.residual,
    rows: finite.sort((a, b) => b.shift - a.shift).slice(0, SHOWN),
  };
}
