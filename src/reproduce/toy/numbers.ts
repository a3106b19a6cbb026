/** The numbers of a whole toy experiment, out of those of its pieces. */
import { rankCorrelation } from '../rank-correlation.js';
import { logCurvature, positions, sinusoid } from './data.js';
import { ESTIMATORS, SOFT } from './estimators.js';
import type { DenoisingResult, DensityResult } from './measuring.js';
import type { Standing } from './piece.js';
import { DENOISING, type ToyOptions, type ToyPiece } from './protocol.js';

/** Mean over the samples, by the name of the estimator. */
export type Means = Readonly<Record<string, number>>;

export interface DensityNumbers {
  /** Means of the per-sample medians over the runs. */
  readonly means: Means;
  /** Mean N_S of each run. */
  readonly runs: readonly number[];
  /** The smallest k^C of any pair in any run. */
  readonly smallest: number;
  /** Mean |ŷ − y|, over samples and runs. */
  readonly error: number;
  /** N_S of each sample, the median over the runs, in the order of the positions. */
  readonly samples: readonly number[];
}

export interface FrequencyNumbers extends DensityNumbers {
  readonly frequency: number;
  /** Rank correlation of the samples' N_S with the curvature of the sinusoid; NaN where all are alike. */
  readonly curvature: number;
}

export interface DenoisingNumbers {
  /** Deviation of the noise in the labels. */
  readonly noise: number;
  /** Root mean square of ŷ − y: how far the network is from the truth it never saw. */
  readonly error: number;
  /** Mean φ and mean φ√N. */
  readonly factor: number;
  readonly factorTimesRootN: number;
  /** Root mean square of E_k[ŷ] − E_k[labels], and of E_k[ε]. */
  readonly residual: number;
  readonly averagedNoise: number;
  /** Mean |ŷ − E_k[ŷ]|. */
  readonly shift: number;
  readonly undefinedAt: number;
  readonly negative: number;
  /** Of each sample: its label, and what the network made of it. */
  readonly labels: readonly number[];
  readonly predicted: readonly number[];
}

export interface ToyNumbers {
  readonly options: ToyOptions;
  /** α of each sample, ascending. */
  readonly positions: readonly number[];
  readonly untrained: DensityNumbers;
  readonly trained: readonly FrequencyNumbers[];
  /** d log N_S / d log f between neighbouring frequencies: −1 would be the law 1/f. */
  readonly slopes: readonly number[];
  readonly denoising: DenoisingNumbers | null;
  /** Seconds of work, all pieces together. */
  readonly seconds: number;
}

export function toyNumbers(
  options: ToyOptions,
  placed: readonly { readonly piece: ToyPiece; readonly standing: Standing }[],
): ToyNumbers {
  const results = placed.flatMap(({ piece, standing }) =>
    standing.stage === 'density' ? [{ piece, result: standing.result }] : [],
  );
  const found = (wanted: (piece: ToyPiece) => boolean) =>
    densityNumbers(results.filter(({ piece }) => wanted(piece)).map(({ result }) => result));
  const place = positions(options.size, options.seed);
  const trained = options.frequencies.map((frequency) => {
    const numbers = found((piece) => piece.kind === 'trained' && piece.frequency === frequency);
    const curvature = rankCorrelation(numbers.samples, logCurvature(place, frequency));
    return { frequency, ...numbers, curvature };
  });
  const denoising = placed.find(({ standing }) => standing.stage === 'denoising')?.standing;
  return {
    options,
    positions: Array.from(place),
    untrained: found((piece) => piece.kind === 'untrained'),
    trained,
    slopes: trained.slice(1).map(({ frequency, means }, i) => {
      const { frequency: before, means: meansBefore } = trained[i];
      return Math.log(means.N_S / meansBefore.N_S) / Math.log(frequency / before);
    }),
    denoising: denoising?.stage === 'denoising' ? denoisingNumbers(denoising.result, options) : null,
    seconds: placed.reduce((sum, { standing }) => sum + standing.seconds, 0),
  };
}

function densityNumbers(runs: readonly DensityResult[]): DensityNumbers {
  const size = runs[0].counts.length / ESTIMATORS.length;
  const counts = (run: DensityResult, estimator: number) =>
    run.counts.subarray(estimator * size, (estimator + 1) * size);
  const medians = ESTIMATORS.map((_, estimator) => {
    const columns = runs.map((run) => counts(run, estimator));
    return Array.from({ length: size }, (_, sample) => median(columns.map((column) => column[sample])));
  });
  return {
    means: Object.fromEntries(ESTIMATORS.map(({ name }, i) => [name, mean(medians[i])])),
    runs: runs.map((run) => mean(counts(run, SOFT))),
    smallest: Math.min(...runs.map(({ smallest }) => smallest)),
    error: mean(runs.map(({ error }) => error)),
    samples: medians[SOFT],
  };
}

function denoisingNumbers(result: DenoisingResult, { size, seed }: ToyOptions): DenoisingNumbers {
  const truth = sinusoid(positions(size, seed), DENOISING.frequency);
  const { noisy, predicted, averagedNoise, residual, shift, undefinedAt, negative } = result;
  // φ and averages are NaN where they are not defined; how often is said beside them.
  const factor = mean(result.factor.filter((value) => !Number.isNaN(value)));
  return {
    noise: DENOISING.noise,
    error: rootMeanSquare(predicted.map((value, i) => value - truth[i])),
    factor,
    factorTimesRootN: factor * Math.sqrt(size),
    residual,
    averagedNoise: rootMeanSquare(averagedNoise.filter((value) => !Number.isNaN(value))),
    shift,
    undefinedAt,
    negative,
    labels: Array.from(noisy),
    predicted: Array.from(predicted),
  };
}

/** The middle one, or the mean of the two in the middle. */
export function median(values: readonly number[]): number {
  const sorted = [...values].sort((a, b) => a - b);
  const half = (sorted.length - 1) / 2;
  return (sorted[Math.floor(half)] + sorted[Math.ceil(half)]) / 2;
}

function mean(values: ArrayLike<number>): number {
  return Array.from(values).reduce((sum, value) => sum + value, 0) / values.length;
}

function rootMeanSquare(values: Float32Array): number {
  return Math.sqrt(mean(values.map((value) => value * value)));
}
