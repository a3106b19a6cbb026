/**
 * Records one forward pass as the list of kernels that tfjs ran, with their inputs, attributes and outputs.
 *
 * tfjs's own tape hides attributes behind closures and computes dW eagerly; the recorder wraps the single
 * function that every operation passes through instead. Two counters of the engine are raised meanwhile:
 * `gradientDepth`, so that operations with a non-linear activation come apart into kernels that have a rule, and
 * `kernelDepth`, so that tfjs itself tapes nothing.
 */
import { interceptKernels, tf, tfjsEngine } from './tfjs.js';

/** One kernel that ran. */
export interface RecordedNode {
  readonly kernel: string;
  /** The layer that was being called, or '' outside any layer. */
  readonly layer: string;
  readonly inputs: Readonly<Record<string, tf.Tensor | null>>;
  readonly attributes: Readonly<Record<string, unknown>>;
  readonly outputs: readonly tf.Tensor[];
}

/** A recorded pass. Its tensors live until `release`. */
export interface Recording {
  readonly nodes: readonly RecordedNode[];
  release(): void;
}

/** The layer being called, kept by {@link nameLayers}. */
export interface LayerTrail {
  current: string;
}

/**
 * Runs `forward` and records it. Every tensor it makes is kept alive until the recording is released: a layer's own
 * tidy would otherwise take values that the backward walk needs.
 */
export function record(forward: () => void, trail: LayerTrail): Recording {
  const { state } = tfjsEngine();
  const nodes: RecordedNode[] = [];
  const made: tf.Tensor[] = [];
  const before = latestTensorId();
  // Constants are made without a kernel and show up as inputs only. What is older, or kept by its maker, is not ours.
  const keep = (tensor: tf.Tensor | null | undefined) => {
    if (!tensor || tensor.id <= before || tensor.kept) return;
    tensor.kept = true;
    made.push(tensor);
  };
  state.gradientDepth += 1;
  state.kernelDepth += 1;
  try {
    interceptKernels(
      (run) => (kernel, inputs, attributes) => {
        const result = run(kernel, inputs, attributes);
        const outputs = Array.isArray(result) ? result : [result];
        for (const tensor of [...Object.values(inputs), ...outputs]) keep(tensor);
        nodes.push({ kernel, layer: trail.current, inputs: { ...inputs }, attributes: { ...attributes }, outputs });
        return result;
      },
      forward,
    );
  } catch (error) {
    for (const tensor of made) if (!tensor.isDisposed) tensor.dispose();
    throw error;
  } finally {
    state.gradientDepth -= 1;
    state.kernelDepth -= 1;
  }
  return {
    nodes,
    release: () => {
      for (const tensor of made) if (!tensor.isDisposed) tensor.dispose();
    },
  };
}

/** Tensor ids grow: whatever is made from now on has a larger one. */
function latestTensorId(): number {
  const probe = tf.scalar(0);
  probe.dispose();
  return probe.id;
}
