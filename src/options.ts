/** What a caller may choose when opening a network. */
import { refuse } from './errors.js';
import type { ParameterFilter } from './network/parameters.js';
import type { OutputChoice } from './network/selection.js';

export interface OpenOptions {
  /** What is compared; default 'logits': every output, a final softmax looked through. */
  readonly output?: OutputChoice;
  /**
   * 'output' (default), or 'loss': the gradient of the loss of labels, which `perspective` then needs: cross-entropy where
   * a softmax was looked through, half the squared error otherwise. One output layer only.
   */
  readonly of?: 'output' | 'loss';
  /** Restricts the parameters; default: all trainable ones. Names are `layer/weight`. */
  readonly parameters?: ParameterFilter;
  /** Only 'exact' so far. */
  readonly precision?: 'exact';
  /** Bytes of kernel memory (gradient rows and scratch); default 1 GiB, at most 4 GiB. */
  readonly memory?: number;
  /** Inputs per forward pass; default: chosen by size. Results do not depend on it. */
  readonly batch?: number;
  /** Whether captured gradients are checked before anything is computed; default true. */
  readonly check?: boolean;
}

/** Refuses values that mean nothing. */
export function assertOptions({ precision, memory, batch, output }: OpenOptions): void {
  if (precision !== undefined && precision !== 'exact') {
    refuse('usage', `precision is ${precision}: only 'exact' is supported so far.`);
  }
  if (memory !== undefined && !(memory > 0 && memory <= 2 ** 32)) {
    refuse('usage', `memory is ${memory}; give bytes above 0, at most 4 GiB.`);
  }
  if (batch !== undefined && !(Number.isInteger(batch) && batch > 0)) {
    refuse('usage', `batch is ${batch}; give a whole number above 0.`);
  }
  const known = ['logits', 'all', 'contrast'];
  if (typeof output === 'string' && !known.includes(output)) {
    refuse('usage', `output is '${output}'; choose ${known.join(', ')} or output indices.`);
  }
}
