import type { NdArray } from './array.js';
import type { NetworkDescription } from './description.js';
import type { Inputs } from './inputs.js';
import type { Labels } from './labels.js';
import type { InputSpec } from './network/network.js';
import type { Perspective } from './perspective.js';
import type { Prediction } from './prediction.js';
import type { Neighbours } from './similarity/neighbours.js';
import type { Watch } from './watch.js';

/**
 * A network opened for comparison: it captures data sets as perspectives. It computes in the thread that opened it
 * (`src/local/`) or in a worker (`src/remote/`); calls and results are the same.
 */
export interface Engine extends AsyncDisposable {
  /**
   * The network, its parameters and plan.
   * @throws NetkinError 'usage' while a model with inputs of open extent has seen no inputs
   */
  readonly network: NetworkDescription;
  /** What the model takes; known even where the network is not yet described. */
  readonly inputs: readonly InputSpec[];
  /** Whether 256-bit kernels are in use; known from the first perspective on. */
  readonly wide: boolean;

  /**
   * Sees a data set through the network: one forward pass and d backward passes for each batch.
   * @param inputs n × input shape, taken as they are (no scaling)
   * @param options.labels for `of: 'loss'`
   * @throws NetkinError 'input' for wrong shapes, NaN, no examples; 'memory' where not even 512 inputs fit `memory`
   */
  perspective(inputs: Inputs, options?: { readonly labels?: Labels } & Watch): Promise<Perspective>;

  /**
   * Opens what `perspective.save` wrote, without capturing anything. The engine must have the same network and the
   * options under which the rows were captured.
   * @param bytes kept where the rows do not fit into memory or are int8: leave them unchanged
   * @throws NetkinError 'input' for a file that is damaged, of another version or another network; 'usage' for other
   * options, with those to open the model with; 'memory' as {@link Engine.perspective}
   */
  reopen(bytes: Uint8Array, watch?: Watch): Promise<Perspective>;

  /** Runs the network forward only: n × outputs, logits where a final softmax is looked through. */
  outputs(inputs: Inputs, watch?: Watch): Promise<NdArray<Float32Array>>;

  /**
   * What these inputs will cost: bytes, multiply-adds, and seconds after a short calibration (some 0.1 s). Nothing is
   * kept.
   */
  plan(inputs: Inputs, options?: { readonly labels?: Labels }): Promise<Prediction>;

  /**
   * The baseline: the k nearest others of every input by the cosine of its raw values, without the network; of several
   * model inputs the first counts.
   * @param k from 1 to the number of inputs less one
   * @throws NetkinError 'usage' for another k, 'input' for wrong shapes
   */
  rawNearestOthers(inputs: Inputs, k: number, watch?: Watch): Promise<Neighbours>;

  /** Frees the model's weights if the engine loaded it, and ends its workers; a live model stays the caller's. */
  dispose(): Promise<void>;
}
