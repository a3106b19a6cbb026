/** The public names of the core. Adapters (node/, web/) re-export them with an `open` for their runtime. */
export type { NdArray, NumberArray } from './array.js';
export type { NetworkDescription } from './description.js';
export { Engine } from './engine.js';
export { type ErrorCode, NetkinError } from './errors.js';
export type { Inputs } from './inputs.js';
export type { Labels } from './labels.js';
export type { OutputChoice } from './network/selection.js';
export type { OpenOptions } from './options.js';
export type { Flags, KernelOptions, Perspective } from './perspective.js';
export type { Term } from './plan.js';
export type { Runtime } from './runtime.js';
export type { PairStrip, SimilarityKernel } from './similarity/comparison.js';
export type { Denoised } from './similarity/denoising.js';
export type { DensityKind } from './similarity/density.js';
export type { LayerShare } from './similarity/explanation.js';
export type { Neighbours } from './similarity/neighbours.js';
export type { Suspect } from './similarity/suspects.js';
export type { Progress, Watch } from './watch.js';
