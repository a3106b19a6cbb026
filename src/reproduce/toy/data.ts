/** The toy's data: positions α on a circle, its points x, the sinusoid y and its curvature, and noise. */
import { stream, uniform } from '../../random.js';

const TURN = 2 * Math.PI;

/** What the parts of a seed are for. */
export const SEEDS = { positions: 0, start: 1, order: 2, noise: 3 } as const;

/** α uniform in [0, 1), ascending: the same in all runs, so that samples can be compared across them. */
export function positions(size: number, seed: number): Float64Array {
  const key = stream(seed, SEEDS.positions);
  return Float64Array.from({ length: size }, (_, i) => uniform(key, i)).sort();
}

/** (cos 2πα, sin 2πα), n × 2. */
export function circle(positions: Float64Array): Float32Array {
  const points = new Float32Array(2 * positions.length);
  for (const [i, position] of positions.entries()) {
    points[2 * i] = Math.cos(TURN * position);
    points[2 * i + 1] = Math.sin(TURN * position);
  }
  return points;
}

/** sin(2πfα) */
export function sinusoid(positions: Float64Array, frequency: number): Float32Array {
  return Float32Array.from(positions, (position) => Math.sin(TURN * frequency * position));
}

/** log(1 + κ) of the curve y = sin(2πfα) over α: κ = |y″| / (1 + y′²)^{3/2}. */
export function logCurvature(positions: Float64Array, frequency: number): Float64Array {
  const speed = TURN * frequency;
  return positions.map((position) => {
    const slope = speed * Math.cos(speed * position);
    const bend = speed * speed * Math.abs(Math.sin(speed * position));
    return Math.log1p(bend / (1 + slope * slope) ** 1.5);
  });
}

/** Independent normal numbers of mean 0 (Box and Muller). */
export function noise(size: number, deviation: number, seed: number): Float32Array {
  const key = stream(seed, SEEDS.noise);
  return Float32Array.from({ length: size }, (_, i) => {
    const radius = Math.sqrt(-2 * Math.log(1 - uniform(key, 2 * i)));
    return deviation * radius * Math.cos(TURN * uniform(key, 2 * i + 1));
  });
}

/** A permutation of 0 to size − 1 for one epoch: indices sorted by a random number of their own. */
export function shuffled(size: number, key: number): Int32Array {
  const keys = Float64Array.from({ length: size }, (_, i) => uniform(key, i));
  return Int32Array.from({ length: size }, (_, i) => i).sort((a, b) => keys[a] - keys[b] || a - b);
}
