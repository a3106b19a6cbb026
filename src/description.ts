/** A network in words and numbers: what `inspect` shows and what the planner knows. */

import type { OutputSpec } from './ending.js';
import type { CheckReport } from './network/check.js';
import type { InputSpec } from './network/network.js';
import type { Parameter } from './network/parameters.js';
import type { Term } from './plan.js';
import type { Forms, Precision } from './precision.js';

export interface PlannedTerm extends Term {
  /** In the form that was chosen. */
  readonly multiplyAddsPerPair: number;
  readonly bytesPerInput: number;
  /** What each form costs. */
  readonly forms: Forms;
}

export interface NetworkDescription {
  readonly inputs: readonly InputSpec[];
  /** Every layer in the model's order; `kind` is its tfjs class, as in 'Conv2D'. */
  readonly layers: readonly { readonly name: string; readonly kind: string }[];
  readonly outputs: readonly OutputSpec[];
  /** The number d of functions compared. */
  readonly compared: number;
  readonly parameters: readonly Omit<Parameter, 'variable'>[];
  readonly terms: readonly PlannedTerm[];
  readonly precision: Precision;
  /**
   * The standard deviation of a similarity k over the seeds of the sketches is at most about this times 1 − k²; 0 where
   * every term is exact.
   */
  readonly deviation: number;
  /** Chosen parameters that do not influence the chosen outputs: their gradient is zero. */
  readonly unused: readonly string[];
  /** The self-check's findings; null where it was skipped, or has to wait for inputs. */
  readonly check: CheckReport | null;
}
