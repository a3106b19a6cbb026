/** Colour scales that stay readable with any kind of colour vision. */

/**
 * Diverging scale for similarities: blue is -1, near white 0, brown-red 1. The stops are Crameri's `vik`,
 * perceptually even; blue against red-brown is told apart in every common colour vision deficiency.
 */
const DIVERGING = [
  '#001261',
  '#033e7d',
  '#1e6f9d',
  '#71a8c4',
  '#c9dde7',
  '#f0ebe7',
  '#eacebd',
  '#d39774',
  '#be6533',
  '#8b2706',
  '#590008',
] as const;

/** Sequential scale for depth, from the first layer to the last: viridis without its darkest end. */
const SEQUENTIAL = ['#4c4f9c', '#2f6c8e', '#22908c', '#35b779', '#90d743', '#f2e03a'] as const;

export type Rgb = readonly [number, number, number];

function channels(hex: string): Rgb {
  const value = Number.parseInt(hex.slice(1), 16);
  return [value >> 16, (value >> 8) & 255, value & 255];
}

function interpolate(stops: readonly string[], share: number): Rgb {
  const position = Math.min(1, Math.max(0, share)) * (stops.length - 1);
  const i = Math.min(stops.length - 2, Math.floor(position));
  const low = channels(stops[i]!);
  const high = channels(stops[i + 1]!);
  const mix = (c: 0 | 1 | 2) => Math.round(low[c] + (high[c] - low[c]) * (position - i));
  return [mix(0), mix(1), mix(2)];
}

/** Colour of a similarity in [-1, 1]. */
export function similarityColour(similarity: number): Rgb {
  return interpolate(DIVERGING, (similarity + 1) / 2);
}

/** CSS gradient of the whole similarity scale, left to right. */
export const SIMILARITY_GRADIENT = `linear-gradient(to right,${DIVERGING.join(',')})`;

/** CSS colour of layer `i` out of `count`. */
export function depthColour(i: number, count: number): string {
  return `rgb(${interpolate(SEQUENTIAL, count > 1 ? i / (count - 1) : 0.3).join(' ')})`;
}
