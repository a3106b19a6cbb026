/** The trainable parameters of a layers model, by layer and name. */
import { elements } from '../array.js';
import { refuse } from '../errors.js';
import type { LayerTrail } from './recorder.js';
import type { tf } from './tfjs.js';

export interface Parameter {
  /** `layer/weight`, as in `conv2d_1/kernel`. */
  readonly name: string;
  readonly layer: string;
  readonly shape: readonly number[];
  readonly size: number;
  readonly variable: tf.Tensor;
}

/** Chooses parameters: `(name, shape) => boolean`. */
export type ParameterFilter = (name: string, shape: readonly number[]) => boolean;

/** Lists the trainable parameters that `chosen` lets through; refuses a network without any. */
export function listParameters(model: tf.LayersModel, chosen: ParameterFilter = () => true): Parameter[] {
  const parameters: Parameter[] = [];
  const seen = new Set<number>();
  if (model.trainable) {
    for (const layer of model.layers) {
      for (const weight of layer.trainableWeights) {
        const variable = weight.read();
        if (seen.has(variable.id)) continue;
        seen.add(variable.id);
        const own = weight.originalName.startsWith(`${layer.name}/`);
        const name = own ? weight.originalName : `${layer.name}/${weight.originalName}`;
        const shape = variable.shape;
        parameters.push({ name, layer: layer.name, shape, size: elements(shape), variable });
      }
    }
  }
  if (parameters.length === 0) {
    refuse(
      'model',
      'The model has no trainable parameter: similarity is defined by parameter gradients. Unfreeze a layer.',
    );
  }
  const kept = parameters.filter((parameter) => chosen(parameter.name, parameter.shape));
  if (kept.length === 0) {
    const names = parameters.map((parameter) => parameter.name).join(', ');
    refuse('usage', `No trainable parameter matches the chosen pattern; there are: ${names}.`);
  }
  return kept;
}

/** Refuses a model that was disposed of, or has NaN or infinite weights, naming the first. */
export function assertUsable(model: tf.LayersModel): void {
  for (const weight of model.weights) {
    if (weight.read().isDisposed) refuse('model', 'The model was disposed of; load it again.');
    const values = weight.read().dataSync();
    for (let i = 0; i < values.length; i++) {
      if (!Number.isFinite(values[i])) {
        refuse(
          'model',
          `Weight '${weight.originalName}' holds ${values[i]} at position ${i}: every similarity would be NaN.`,
        );
      }
    }
  }
}

/**
 * Lets `trail.current` name the layer being called while `body` runs. Own `call` properties shadow the
 * prototype's meanwhile, so a live model of the caller's is left as it was.
 */
export function nameLayers<Value>(model: tf.LayersModel, trail: LayerTrail, body: () => Value): Value {
  const layers = new Set(model.layers);
  const own = new Map(
    [...layers].filter((layer) => Object.hasOwn(layer, 'call')).map((layer) => [layer, layer.call]),
  );
  for (const layer of layers) {
    const call = layer.call;
    layer.call = (inputs, options) => {
      const outer = trail.current;
      trail.current = layer.name;
      try {
        return call.call(layer, inputs, options);
      } finally {
        trail.current = outer;
      }
    };
  }
  try {
    return body();
  } finally {
    for (const layer of layers) Reflect.deleteProperty(layer, 'call');
    for (const [layer, call] of own) layer.call = call;
  }
}
