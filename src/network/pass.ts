/** One recorded forward pass of a layers model, with its trace and its heads. */
import { findHead, type Head } from './head.js';
import { nameLayers, type Parameter } from './parameters.js';
import { type Recording, record } from './recorder.js';
import { tf } from './tfjs.js';
import { type Trace, traceOf } from './trace.js';

/** Runs the model in inference mode; one tensor for each of its outputs. */
export function applyModel(model: tf.LayersModel, inputs: tf.Tensor[]): tf.Tensor[] {
  return [model.apply(inputs, { training: false })].flat() as tf.Tensor[];
}

export interface Pass {
  readonly trace: Trace;
  /** Where gradients are taken, one for each output of the model. */
  readonly heads: readonly Head[];
  /** What the model gives, behind the heads. */
  readonly results: readonly tf.Tensor[];
}

/**
 * Runs the model in inference mode on `given`, the caller's; the pass lives as long as `use`.
 * @param around runs the model, and may change what its kernels compute
 */
export function withPass<Value>(
  model: tf.LayersModel,
  parameters: readonly Parameter[],
  given: tf.Tensor[],
  use: (pass: Pass) => Value,
  around: <Result>(body: () => Result) => Result = (body) => body(),
): Value {
  const trail = { current: '' };
  let results: tf.Tensor[] = [];
  let recording: Recording | undefined;
  try {
    recording = record(() => {
      tf.tidy(() => {
        results = nameLayers(model, trail, () => around(() => applyModel(model, given)));
      });
    }, trail);
    const { nodes, recorded } = recording;
    const trace = traceOf(nodes, given, parameters);
    const found = results.map(recorded);
    return use({ trace, results: found, heads: found.map((result) => findHead(result, trace.producers)) });
  } finally {
    recording?.release();
  }
}
