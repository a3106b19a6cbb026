/**
 * Records one forward pass as the list of kernels that tfjs ran, with their inputs, attributes and outputs.
 *
 * tfjs's own tape hides attributes behind closures and computes dW eagerly; the recorder wraps the single
 * function that every operation passes through instead. Two counters of the engine are raised meanwhile:
 * `gradientDepth`, so that operations with a non-linear activation come apart into kernels that have a rule, and
 * `kernelDepth`, so that tfjs itself tapes nothing.
 */
import { runForward } from './forward.js';
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
  /** The recorded tensor that stands for one that `forward` saw. */
  recorded(tensor: tf.Tensor): tf.Tensor;
  release(): void;
}

/** The layer being called, kept by {@link nameLayers}. */
export interface LayerTrail {
  current: string;
}

/**
 * Runs `forward` and records it. Models dispose of intermediate values while they run, so the recording holds a
 * second handle on each: the values stay until the recording is released.
 */
export function record(forward: () => void, trail: LayerTrail): Recording {
  const { state } = tfjsEngine();
  const nodes: RecordedNode[] = [];
  const handles = new Map<number, tf.Tensor>();
  const before = latestTensorId();
  const release = () => {
    for (const handle of handles.values()) handle.dispose();
  };
  state.gradientDepth += 1;
  state.kernelDepth += 1;
  try {
    interceptKernels(
      (run) => (kernel, inputs, attributes) => {
        // Constants are made without a kernel and first show up here; what is older than the pass needs no handle.
        const handle = <T extends tf.Tensor | null | undefined>(tensor: T): T | tf.Tensor => {
          if (!tensor || tensor.id <= before) return tensor;
          // Reshape shares the values; Identity would copy them on wasm.
          const known =
            handles.get(tensor.id) ?? (run('Reshape', { x: tensor }, { shape: tensor.shape }) as tf.Tensor);
          known.kept = true;
          handles.set(tensor.id, known);
          return known;
        };
        const own = Object.fromEntries(
          Object.entries(inputs).map(([name, tensor]) => [name, handle(tensor)]),
        );
        const result = runForward(run, trail.current, kernel, inputs, attributes);
        const outputs = [result].flat().map(handle);
        nodes.push({ kernel, layer: trail.current, inputs: own, attributes: { ...attributes }, outputs });
        return result;
      },
      forward,
    );
  } catch (error) {
    release();
    throw error;
  } finally {
    state.gradientDepth -= 1;
    state.kernelDepth -= 1;
  }
  return { nodes, recorded: (tensor) => handles.get(tensor.id) ?? tensor, release };
}

/** Tensor ids grow: whatever is made from now on has a larger one. */
function latestTensorId(): number {
  const probe = tf.scalar(0);
  probe.dispose();
  return probe.id;
}
