/** The soft density for the report: bins with an example each, the most isolated and the most crowded. */
import type { Density } from '../report/data.js';
import { orderBy } from './detection.js';

const DENSITY_BINS = 24;

export function densityOf(counts: Float32Array): Density {
  const order = orderBy(counts).reverse();
  const low = counts[order[0]];
  const step = (counts[order[order.length - 1]] - low) / DENSITY_BINS || 1;
  const members: number[][] = Array.from({ length: DENSITY_BINS }, () => []);
  for (const input of order)
    members[Math.min(DENSITY_BINS - 1, Math.floor((counts[input] - low) / step))].push(input);
  const entry = (index: number) => ({ index, count: counts[index] });
  return {
    counts,
    bins: members.map((inside, bin) => ({
      from: low + bin * step,
      to: low + (bin + 1) * step,
      count: inside.length,
      example: inside.length > 0 ? inside[Math.floor(inside.length / 2)] : null,
    })),
    isolated: order.slice(0, 3).map(entry),
    crowded: order.slice(-3).reverse().map(entry),
  };
}
