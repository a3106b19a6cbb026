/** Under- and overfitting for the report: dots of a scatter, and the inputs whose neighbours differ most. */
import type { FitPoints } from '../report/data.js';
import type { Fit } from '../similarity/fit.js';

/** More dots than these cover each other and make the page large: evenly taken inputs then. */
const DOTS = 3000;
const SHOWN = 8;

export function fitPoints({ density, variance, total, neighbours, undefinedAt }: Fit): FitPoints {
  const known = Array.from(variance.keys()).filter((input) => !Number.isNaN(variance[input]));
  const count = Math.min(DOTS, known.length);
  const chosen = Array.from({ length: count }, (_, i) => known[Math.floor((i * known.length) / count)]);
  const mixed = [...known].sort((a, b) => variance[b] - variance[a] || a - b).slice(0, SHOWN);
  return {
    density: chosen.map((input) => density[input]),
    variance: chosen.map((input) => variance[input]),
    total,
    neighbours,
    left: undefinedAt.length,
    mixed: mixed.map((index) => ({ index, variance: variance[index] })),
  };
}
