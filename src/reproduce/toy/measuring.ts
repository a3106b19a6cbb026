/** What the engine says of a network of the toy experiment: densities by every estimator, or self-denoising. */
import type { Engine } from '../../engine.js';
import type { Watch } from '../../watch.js';
import { ESTIMATORS } from './estimators.js';

/** Numbers of one network. */
export interface DensityResult {
  /** Neighbours of each sample by each of {@link ESTIMATORS}: estimators × N. */
  readonly counts: Float32Array;
  /** The smallest k^C of all pairs. */
  readonly smallest: number;
  /** Mean |ŷ − y| over the samples. */
  readonly error: number;
}

export interface DenoisingResult {
  /** Labels with their noise ε, ŷ, E_k[labels], E_k[ε] and φ: N numbers each. */
  readonly noisy: Float32Array;
  readonly predicted: Float32Array;
  readonly averaged: Float32Array;
  readonly averagedNoise: Float32Array;
  readonly factor: Float32Array;
  /** Root mean square of E_k[ŷ] − E_k[labels]. */
  readonly residual: number;
  /** Mean of |ŷ − E_k[ŷ]| over the samples where an average is defined. */
  readonly shift: number;
  /** Samples where no average is defined, and where some weight is negative. */
  readonly undefinedAt: number;
  readonly negative: number;
}

/** @param inputs N × 2 @param targets N */
export async function measureDensity(
  engine: Engine,
  inputs: Float32Array,
  targets: Float32Array,
  watch: Watch,
): Promise<DensityResult> {
  const size = targets.length;
  using seen = await engine.perspective({ shape: [size, 2], data: inputs }, quiet(watch));
  const counts = new Float32Array(ESTIMATORS.length * size);
  for (const [i, { kind }] of ESTIMATORS.entries()) {
    counts.set(await seen.density(kind, quiet(watch)), i * size);
    watch.progress?.({ stage: 'densities', done: (i + 1) / (ESTIMATORS.length + 1) });
  }
  let smallest = Infinity;
  for await (const { values } of seen.tiles(quiet(watch))) {
    for (const value of values) smallest = Math.min(smallest, value);
  }
  const errors = seen.logits.map((value, i) => Math.abs(value - targets[i]));
  return { counts, smallest, error: errors.reduce((sum, error) => sum + error, 0) / size };
}

/** @param noise that the targets hold */
export async function measureDenoising(
  engine: Engine,
  inputs: Float32Array,
  targets: Float32Array,
  noise: Float32Array,
  watch: Watch,
): Promise<DenoisingResult> {
  const size = targets.length;
  using seen = await engine.perspective({ shape: [size, 2], data: inputs }, quiet(watch));
  const column = (data: Float32Array) => ({ shape: [size, 1], data: Float64Array.from(data) });
  const found = await seen.denoise(column(targets), watch);
  const alone = await seen.denoise(column(noise), watch);
  const { labels, factor, shift, residual, undefinedAt, negative } = found;
  const defined = size - undefinedAt.length;
  return {
    noisy: targets,
    predicted: seen.logits.slice(),
    averaged: Float32Array.from(labels),
    averagedNoise: Float32Array.from(alone.labels),
    factor: Float32Array.from(factor),
    residual,
    shift: shift.reduce((sum, distance) => sum + (Number.isNaN(distance) ? 0 : distance), 0) / defined,
    undefinedAt: undefinedAt.length,
    negative: negative.length,
  };
}

/** The same signal, without the progress of a part. */
function quiet({ signal }: Watch): { readonly signal?: AbortSignal } {
  return signal ? { signal } : {};
}
