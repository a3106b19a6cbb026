/** What a perspective is made with, beside its rows. */
import type { OutputSpec } from '../ending.js';
import type { IndexFile } from '../format/index-file.js';
import type { RowError } from '../format/index-header.js';
import type { Inputs } from '../inputs.js';
import type { RowSource } from '../similarity/source.js';
import type { Watch } from '../watch.js';
import type { Work } from '../work.js';
import type { Identity } from './identity.js';
import type { Attached } from './stored-index.js';

/** What the perspective knows of its network. */
export interface PerspectiveContext {
  /** The network's output layers, all of them, whatever was chosen to be compared. */
  readonly heads: readonly OutputSpec[];
  /** Which network outputs the rows compare, or null for a contrast or a loss. */
  readonly compared: readonly number[] | null;
  readonly parameters: readonly { readonly name: string; readonly shape: readonly number[] }[];
  /** Whether {@link PerspectiveContext.capture} can do so: the labels of others are not known. */
  readonly comparesOthers: boolean;
  /** Captures another set into the same kernel memory. */
  capture(inputs: Inputs, watch: Watch): Promise<RowSource>;
  /** What an index has to say of the network, and of the options under which it is seen. */
  identify(): Work<Identity>;
  /** Lets workers forget the memory. */
  release(): void;
}

/** What came with the rows out of an index. */
export interface Opened {
  readonly attached: Attached;
  readonly density: Float32Array;
  readonly rowError: RowError | null;
  /** The index itself, where its rows are rounded or not held. */
  readonly file: IndexFile | null;
}
