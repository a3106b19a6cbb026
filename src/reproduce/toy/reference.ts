/**
 * What an independent implementation of the paper's protocol measured (method, sections 4 and 7): means over 2048 samples
 * of the median over 5 runs, by frequency.
 */
import type { ToyOptions } from './protocol.js';

/** By estimator, then by frequency. */
export type Reference = Readonly<Record<string, Readonly<Record<number, number>>>>;

const SIZE = 2048;

const byEpochs: Readonly<Record<number, Reference>> = {
  100: { N_S: { 1: 1484, 2: 1298, 4: 923, 8: 742 } },
  5000: {
    N_S: { 1: 1249, 2: 1156, 4: 820, 8: 632, 16: 558 },
    'N_2+': { 1: 921, 2: 743, 4: 436, 8: 309, 16: 274 },
    'N_0.9': { 1: 368, 2: 198, 4: 142, 8: 101, 16: 64 },
  },
};

/** Epochs that have a reference, for those who chose others. */
export const REFERENCE_EPOCHS: readonly number[] = Object.keys(byEpochs).map(Number);

/** Null for other epochs or another number of samples. */
export function densityReference({ epochs, size }: ToyOptions): Reference | null {
  return size === SIZE ? (byEpochs[epochs] ?? null) : null;
}

/** An untrained network counts at least so many of 2048. */
export const UNTRAINED = { measured: 2030, accepted: 2000 } as const;

export interface DenoisingReference {
  readonly error: number;
  readonly factor: number;
  readonly factorTimesRootN: number;
  readonly residual: number;
  readonly averagedNoise: number;
  /** σφ */
  readonly spread: number;
}

/** 4000 steps, N = 2048; null for others. */
export function denoisingReference({ size, denoisingSteps }: ToyOptions): DenoisingReference | null {
  if (size !== SIZE || denoisingSteps !== 4000) return null;
  return {
    error: 0.033,
    factor: 0.0253,
    factorTimesRootN: 1.14,
    residual: 0.00046,
    averagedNoise: 0.0022,
    spread: 0.2 * 0.0253,
  };
}
