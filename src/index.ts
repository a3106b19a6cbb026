/** The public names of the core. Adapters (node/, web/) re-export them with an `open` for their runtime. */
export type { NdArray, NumberArray } from './array.js';
export type { NetworkDescription, PlannedTerm } from './description.js';
export type { Engine } from './engine.js';
export { type ErrorCode, NetkinError } from './errors.js';
export type { IndexOptions, RowError, StoredContrast } from './format/index-header.js';
export { type IndexSummary, indexFacts } from './index-facts.js';
export type { Inputs } from './inputs.js';
export type { Labels } from './labels.js';
export type { Contrast } from './network/contrast.js';
export type { ModelFiles, ModelSource } from './network/model.js';
export type { OutputChoice } from './network/selection.js';
export type { OpenOptions } from './options.js';
export type {
  BlockOptions,
  BlocksOptions,
  ExplainOptions,
  FitOptions,
  Flags,
  KernelOptions,
  PerOutputOptions,
  Perspective,
  SaveOptions,
} from './perspective.js';
export type { Term } from './plan.js';
export type { Cost, Forms, Precision } from './precision.js';
export type { Prediction } from './prediction.js';
export { correctInRounds, type LabelRows, type RoundsOptions } from './rounds.js';
export type { Runtime } from './runtime.js';
export type { PairStrip } from './similarity/comparison.js';
export type { Corrected } from './similarity/correction.js';
export type { Denoised } from './similarity/denoising.js';
export type { DensityKind } from './similarity/density.js';
export type { ActivityShare, Explained, LayerShare } from './similarity/explanation.js';
export type { Fit } from './similarity/fit.js';
export type { BlockKernel, OutputKernel, SimilarityKernel } from './similarity/kernels.js';
export type { Neighbours } from './similarity/neighbours.js';
export type { Suspect } from './similarity/suspects.js';
export type { Progress, Watch } from './watch.js';
