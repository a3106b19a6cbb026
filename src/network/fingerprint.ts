/**
 * By what a network is known again: a digest of its topology and of all its weights. It is the same for a live model,
 * the model as saved, and the one loaded from that; another as soon as a weight, a shape, an activation or the name of
 * a layer changes. What matters to training only (initializers, regularizers, constraints) and what tfjs makes up on
 * loading (names of weights, the name of the model, versions) is left out.
 */
import { refuse } from '../errors.js';
import { digested, hexadecimal } from '../format/digest.js';
import type { Work } from '../work.js';
import type { tf } from './tfjs.js';

/** @returns 64 hexadecimal digits */
export function* fingerprint(model: tf.LayersModel): Work<string> {
  const parts = [yield* digested(new TextEncoder().encode(topologyOf(model)))];
  for (const layer of model.layers) {
    for (const weight of layer.weights) {
      const value = weight.read();
      const data = value.dataSync();
      const bytes = new Uint8Array(data.buffer, data.byteOffset, data.byteLength);
      const kind = new TextEncoder().encode(`${layer.name} ${value.dtype} ${value.shape.join(' ')}`);
      parts.push(yield* digested(kind), yield* digested(bytes));
    }
  }
  const whole = new Uint8Array(parts.length * parts[0].length);
  for (const [i, digest] of parts.entries()) whole.set(digest, i * digest.length);
  return hexadecimal(yield* digested(whole));
}

function topologyOf(model: tf.LayersModel): string {
  try {
    const { class_name, config } = model.toJSON(null, false) as Record<string, unknown>;
    const { name: _, ...rest } = config as Record<string, unknown>;
    return JSON.stringify([class_name, canonical(rest)]);
  } catch (cause) {
    return refuse(
      'unsupported',
      `The model cannot be described (${(cause as Error).message}), so no index could know it again: its own layers need getConfig.`,
      cause,
    );
  }
}

const training = /_(?:initializer|regularizer|constraint)$|^trainable$/;
/** Layers whose seed matters to training only, and initializers; a layer of somebody's own may compute from its seed. */
const seeded =
  /^(?:(?:Alpha|Gaussian|Spatial)?Dropout(?:[123]D)?|GaussianNoise|(?:Random|Truncated)Normal|RandomUniform|VarianceScaling|(?:Glorot|He|LeCun)(?:Normal|Uniform)|Orthogonal)$/;

/**
 * Keys in order, and without those that do not matter here; no value (undefined) is the same as none (null).
 * @param owner the class whose configuration this is
 */
function canonical(value: unknown, owner = ''): unknown {
  if (Array.isArray(value)) return value.map((item) => canonical(item));
  if (typeof value !== 'object' || value === null) return value ?? null;
  const { class_name } = value as { class_name?: unknown };
  const kept = Object.entries(value)
    .filter(([key, item]) => !training.test(key) && (item ?? null) !== null)
    .filter(([key]) => key !== 'seed' || !seeded.test(owner))
    .sort(([a], [b]) => (a < b ? -1 : 1));
  return Object.fromEntries(
    kept.map(([key, item]) => [key, canonical(item, key === 'config' ? String(class_name) : '')]),
  );
}
