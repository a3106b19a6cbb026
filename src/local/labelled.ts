/** Labels beside what the network says of the same inputs. */
import type { OutputSpec } from '../ending.js';
import type { LabelTable } from '../labels.js';

export interface Labelled {
  readonly table: LabelTable;
  /** The network's output layers, all of them, whatever was chosen to be compared. */
  readonly heads: readonly OutputSpec[];
  /** Which network outputs the rows compare, or null for a contrast or a loss. */
  readonly compared: readonly number[] | null;
  /** Values of the network's outputs, n × network outputs. */
  readonly logits: Float32Array;
}
