/**
 * Finite differences before a training run starts: the slope of the similarity along one direction in the weights of each
 * layer, measured and claimed. The direction is the claimed gradient plus a random one of equal length: the first makes
 * the slope large against float32 rounding, the second sees components that were missed.
 */
import { refuse } from '../../errors.js';
import { uniform } from '../../random.js';
import { perturbed } from '../check.js';
import type { Parameter } from '../parameters.js';

/** What the check asks of a loss. */
export interface Sloped {
  readonly parameters: readonly Parameter[];
  value(): number;
  /** In the order of the parameters. */
  gradient(): Float32Array[];
  /** The ops of a layer that the loss differentiates twice. */
  ops(layer: string): string[];
}

/** Changes of the similarity that the steps aim at. */
const CHANGES = [1e-3, 2e-4, 5e-3, 4e-5];
/** Wide enough for the curvature of a step. */
const TOLERANCE = 5e-3;
/** Error of a similarity in float32. */
const ROUNDING = 4e-7;
/** Slopes below would need steps that change the network: nothing can be said, and nothing is enforced. */
const FLAT = 1e-6;

/** @throws NetkinError 'check' naming the layer, and its ops, whose slope is claimed most wrongly */
export function checkDirection(loss: Sloped): void {
  const gradient = loss.gradient();
  const length = norm(gradient);
  if (length < FLAT) return;
  const layers = [...new Set(loss.parameters.map(({ layer }) => layer))];
  const wrong = layers
    .map((layer) => ({ layer, ...slopeOf(loss, gradient, length, layer) }))
    .filter(({ error }) => error > 0);
  // A kernel that bends wrongly spoils its own layer and those before it.
  const last = wrong.at(-1);
  if (!last) return;
  refuse(
    'check',
    `The gradient of the similarity is not confirmed: along the weights of layer '${last.layer}' (${loss.ops(last.layer).join(', ')}) its slope is ${last.claimed.toPrecision(4)}, the finite difference ${last.measured.toPrecision(4)}. Nothing was trained.`,
  );
}

interface Finding {
  /** By how much the difference exceeds what is tolerated, relative; not positive where the slope is confirmed. */
  readonly error: number;
  readonly claimed: number;
  readonly measured: number;
}

/** Compares slopes along the weights of one layer. */
function slopeOf(loss: Sloped, gradient: readonly Float32Array[], whole: number, layer: string): Finding {
  const parameters = loss.parameters.filter((parameter) => parameter.layer === layer);
  const pieces = gradient.filter((_, i) => loss.parameters[i].layer === layer);
  const length = norm(pieces);
  const size = pieces.reduce((sum, piece) => sum + piece.length, 0);
  let counter = 0;
  const direction = pieces.map((piece) =>
    piece.map((value) => {
      const random = (2 * uniform(1, counter++) - 1) * Math.sqrt(3 / size);
      return (length > 0 ? value / length : 0) + random;
    }),
  );
  const claimed = pieces.reduce((sum, piece, i) => sum + dot(piece, direction[i]), 0);
  const scale = (length + 1e-2 * whole) * norm(direction);
  const centre = loss.value();
  let best: Finding = { error: Infinity, claimed, measured: NaN };
  for (const change of CHANGES) {
    const step = change / scale;
    const [above, below] = [step, -step].map((signed) =>
      perturbed(parameters, direction, signed, () => loss.value()),
    );
    for (const [difference, width] of [
      [above - below, 2 * step],
      [above - centre, step],
      [centre - below, step],
    ]) {
      const measured = difference / width;
      const error = (Math.abs(measured - claimed) - ROUNDING / width) / scale - TOLERANCE;
      if (error < best.error) best = { error, claimed, measured };
    }
    if (best.error <= 0) break;
  }
  return best;
}

function norm(pieces: readonly Float32Array[]): number {
  return Math.sqrt(pieces.reduce((sum, piece) => sum + dot(piece, piece), 0));
}

function dot(a: Float32Array, b: Float32Array): number {
  let sum = 0;
  for (let i = 0; i < a.length; i++) sum += a[i] * b[i];
  return sum;
}
