/** The estimators of density that the toy experiment compares, in the order of figures and files. */
import type { DensityKind } from '../../similarity/density.js';

export interface Estimator {
  /** As in numbers.json: N_S, N_0.9, N_2+. */
  readonly name: string;
  readonly family: 'soft' | 'hard' | 'power';
  /** τ or α; 0 for soft. */
  readonly parameter: number;
  readonly kind: DensityKind;
}

const THRESHOLDS = [0.5, 0.6, 0.7, 0.8, 0.9, 0.95, 0.99];
const POWERS = [1, 2, 3, 4];

export const ESTIMATORS: readonly Estimator[] = [
  { name: 'N_S', family: 'soft', parameter: 0, kind: 'soft' },
  ...THRESHOLDS.map(
    (hard): Estimator => ({ name: `N_${hard}`, family: 'hard', parameter: hard, kind: { hard } }),
  ),
  ...POWERS.map(
    (power): Estimator => ({ name: `N_${power}+`, family: 'power', parameter: power, kind: { power } }),
  ),
];

/** The place of the soft estimator. */
export const SOFT = 0;
