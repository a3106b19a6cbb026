/** Two accounts of the same gradient for the self-check: our factors multiplied out, and tfjs's own. */
import type { NdArray } from '../array.js';
import { NetkinError } from '../errors.js';
import type { Kernel } from '../kernel/kernel.js';
import { runForward } from './forward.js';
import { nameLayers, type Parameter } from './parameters.js';
import { applyModel } from './pass.js';
import type { LayerTrail } from './recorder.js';
import { installRepairs } from './repairs.js';
import type { TracedTerm } from './terms.js';
import { abandonTape, interceptKernels, tf } from './tfjs.js';

/** Writes the gradient of one example for each parameter of a term: a^T b, the bias being the last row. */
export function multiplyOut(
  term: TracedTerm,
  left: Float32Array,
  right: Float32Array,
  example: number,
  gradients: Map<string, Float32Array>,
): void {
  if (term.kind === 'materialised') {
    gradients.set(term.parameter.name, right.slice(example * term.right, (example + 1) * term.right));
    return;
  }
  const whole = new Float64Array(term.left * term.right);
  for (let position = 0; position < term.positions; position++) {
    const place = example * term.positions + position;
    for (let k = 0; k < term.left; k++) {
      const activity = left[place * term.left + k];
      for (let m = 0; m < term.right; m++)
        whole[k * term.right + m] += activity * right[place * term.right + m];
    }
  }
  gradients.set(term.parameter.name, Float32Array.from(whole.subarray(0, term.parameter.size)));
  if (term.bias) gradients.set(term.bias.name, Float32Array.from(whole.subarray(term.parameter.size)));
}

/**
 * tfjs's gradient of sum_o seed_o z_o at one input, with the kernels that it lacks or has wrong repaired.
 * @param finalSoftmaxes which of the pass's softmax kernels are looked through, counted from 0
 * @returns the reason, as a string, where tfjs-wasm has no gradient for the model
 */
export function stockGradient(
  model: tf.LayersModel,
  parameters: readonly Parameter[],
  finalSoftmaxes: ReadonlySet<number>,
  kernels: Kernel,
  inputs: readonly NdArray<Float32Array>[],
  seed: Float32Array,
): Map<string, Float32Array> | string {
  const undo = installRepairs(kernels);
  const variables = parameters.map(({ variable }) => variable as tf.Variable);
  const gradients = new Map<string, Float32Array>();
  try {
    tf.tidy(() => {
      const given = inputs.map((input) => tf.tensor(input.data, [...input.shape]));
      const trail = { current: '' };
      const { grads } = lookingThroughSoftmax(trail, finalSoftmaxes, () =>
        tf.variableGrads(() => {
          const results = nameLayers(model, trail, () => applyModel(model, given));
          const flat = tf.concat(results.map((result) => tf.reshape(result, [-1])));
          return tf.sum(tf.mul(flat, tf.tensor1d(seed))) as tf.Scalar;
        }, variables),
      );
      for (const { name, variable } of parameters) {
        const gradient = grads[(variable as tf.Variable).name];
        if (gradient) gradients.set(name, gradient.dataSync() as Float32Array);
      }
    });
    return gradients;
  } catch (error) {
    abandonTape();
    // Kernels that tfjs-wasm has no gradient for: the finite difference is then the only witness.
    if (error instanceof NetkinError) throw error;
    return (error as Error).message.split('\n')[0];
  } finally {
    undo();
  }
}

/** Lets the final softmaxes hand on their logits while `body` runs: tfjs then differentiates what we do. */
function lookingThroughSoftmax<Value>(
  trail: LayerTrail,
  finalSoftmaxes: ReadonlySet<number>,
  body: () => Value,
): Value {
  let softmaxes = 0;
  return interceptKernels(
    (run) => (kernel, inputs, attributes) => {
      if (kernel === 'Softmax' && finalSoftmaxes.has(softmaxes++))
        return run('Identity', { x: inputs.logits });
      // tfjs cannot differentiate a normalisation without scale: it saves the scale unasked.
      const scale = kernel === 'FusedBatchNorm' && !inputs.scale ? { scale: tf.onesLike(inputs.mean) } : {};
      return runForward(run, trail.current, kernel, { ...inputs, ...scale }, attributes);
    },
    body,
  );
}
