/**
 * What the report shows: plain data, no functions, so that it can cross a worker boundary.
 *
 * An *index* is the position of an input in the data set, in [0, inputs). A *class id* is a position in `classes`.
 * A *similarity* is k^C, the cosine of the parameter gradients of the outputs, in [-1, 1].
 * A section whose field is absent is left out. Every string is shown as text, whatever it contains.
 */
export interface ReportData {
  /** Heading of the page. */
  readonly title: string;
  /** Date, version, command: whatever should identify this run, e.g. `netkin 0.1.0, 2025-03-01 14:02`. */
  readonly generated: string;
  /** Number of inputs N that were compared. */
  readonly inputs: number;
  readonly model: ModelFacts;
  /** Wall-clock time of each stage, in the order in which they ran. */
  readonly timings: readonly Timing[];
  /** What the reader must know: zero gradients, a near-singular K, a self-check that was skipped. */
  readonly notes: readonly string[];
  /** Index to base64 `data:image/` URI (PNG, JPEG, GIF, WebP), only for the inputs shown; null when they are not images. */
  readonly pictures: ReadonlyMap<number, string> | null;
  /** Index to feature vector, drawn as a sparkline where there is no picture. Default: the index alone. */
  readonly features?: ReadonlyMap<number, ArrayLike<number>> | undefined;
  /** Name of each input, shape (N), such as its file; default: inputs are known by their index. */
  readonly names?: readonly string[] | undefined;
  /** Names of the classes; null when the task has none. */
  readonly classes: readonly string[] | null;
  /** Given class id per input, shape (N); -1 where unlabelled; null without labels. */
  readonly labels: ArrayLike<number> | null;
  readonly predictions?: Predictions | undefined;
  /** Inputs whose label their neighbourhood disputes, most suspicious first. An empty list says that none was found. */
  readonly suspects?: readonly Suspect[] | undefined;
  /** Demonstrations only: how many hidden wrong labels each score finds. */
  readonly detection?: readonly Detection[] | undefined;
  readonly nearest?: readonly NearestPanel[] | undefined;
  readonly density?: Density | undefined;
  readonly fit?: FitPoints | undefined;
  readonly similarities?: SimilarityHistogram | undefined;
  readonly heatMap?: HeatMap | undefined;
  readonly layerShares?: LayerShares | undefined;
  readonly denoising?: Denoising | undefined;
}

export interface ModelFacts {
  readonly name: string;
  /** Number of trained parameters P. */
  readonly parameters: number;
  /** Number of outputs d whose gradients are compared. */
  readonly outputs: number;
  /** How they were chosen, e.g. `logits: the final softmax 'dense_2' was looked through`. */
  readonly outputChoice: string;
  readonly layers: readonly LayerFacts[];
}

export interface LayerFacts {
  readonly name: string;
  /** Kind of layer, e.g. `conv2d`. */
  readonly kind: string;
  readonly parameters: number;
  /** Whether pairs are compared through the factors (a, b), the gradient itself, or random projections of it. */
  readonly choice: 'factored' | 'materialised' | 'sketched';
  readonly multiplyAddsPerPair: number;
}

export interface Timing {
  readonly stage: string;
  readonly seconds: number;
}

export interface Predictions {
  /** Predicted class id per input, shape (N). */
  readonly classes: ArrayLike<number>;
  /** Probability that the network gives to it, shape (N), in [0, 1]. */
  readonly confidence: ArrayLike<number>;
}

/** One input as another's neighbour. */
export interface Neighbour {
  readonly index: number;
  /** In [-1, 1]. */
  readonly similarity: number;
}

export interface Suspect {
  readonly index: number;
  /** Class id as given. */
  readonly label: number;
  /** Class id for which most of the neighbourhood votes, the own label left out. */
  readonly suggested: number;
  /** Share of the vote against the given label, in [0, 1]. */
  readonly score: number;
  /** Probability that the network gives to the class it predicts, in [0, 1]; null when unknown. */
  readonly confidence: number | null;
  /** The nearest inputs, most similar first, with their class ids. */
  readonly neighbours: readonly (Neighbour & { readonly label: number })[];
  /** Demonstrations only: the true class id. Other than `label`, it is a hidden wrong label. */
  readonly truth?: number | undefined;
}

/** Share of the hidden wrong labels, in [0, 1], among the first 5 % and 10 % of the inputs in a score's order. */
export interface Detection {
  readonly name: string;
  readonly kind: 'netkin' | 'baseline' | 'chance';
  readonly first5: number;
  readonly first10: number;
}

export interface NearestPanel {
  readonly index: number;
  /** Most similar first, by k^C, the input itself left out. */
  readonly bySimilarity: readonly Neighbour[];
  /** Most similar first, by cosine of the raw values, the input itself left out. */
  readonly byPixels: readonly Neighbour[];
}

export interface Density {
  /** Soft count N_S per input, shape (N), at most N; the input itself counts as 1. */
  readonly counts: ArrayLike<number>;
  /** Adjacent bins in ascending order; `example` is the index of an input inside. */
  readonly bins: readonly DensityBin[];
  /** Smallest N_S first. */
  readonly isolated: readonly InputCount[];
  /** Largest N_S first. */
  readonly crowded: readonly InputCount[];
}

export interface FitPoints {
  /** Soft count N_S of each dot. */
  readonly density: ArrayLike<number>;
  /** Variance of the labels among its nearest others, summed over the outputs; finite, not negative. */
  readonly variance: ArrayLike<number>;
  /** Variance of all labels. */
  readonly total: number;
  /** How many nearest others were looked at. */
  readonly neighbours: number;
  /** Inputs left out for want of a similar neighbour. */
  readonly left: number;
  /** Largest variance first. */
  readonly mixed: readonly { readonly index: number; readonly variance: number }[];
}

export interface DensityBin {
  readonly from: number;
  readonly to: number;
  readonly count: number;
  readonly example: number | null;
}

export interface InputCount {
  readonly index: number;
  readonly count: number;
}

/** Number of pairs per bin; the bins divide [-1, 1] into equal parts, so bin i starts at -1 + 2i / length. */
export interface SimilarityHistogram {
  readonly counts: ArrayLike<number>;
  /** The same bins for pairs with the same label and with different labels. */
  readonly byLabel?: { readonly same: ArrayLike<number>; readonly different: ArrayLike<number> } | undefined;
}

/** Similarities within a sample of m inputs, ordered by class; m up to about 200 reads well. */
export interface HeatMap {
  readonly size: number;
  /** Shape (m, m), row-major, in [-1, 1]. */
  readonly values: ArrayLike<number>;
  /** Index of the input in each row, shape (m). */
  readonly inputs: ArrayLike<number>;
  /** Consecutive row ranges [from, to) with their class ids; empty without classes. */
  readonly groups: readonly HeatMapGroup[];
}

export interface HeatMapGroup {
  readonly label: number;
  readonly from: number;
  readonly to: number;
}

export interface LayerShares {
  /** Names, from the input to the output, shape (L). */
  readonly layers: readonly string[];
  readonly rows: readonly LayerShareRow[];
}

export interface LayerShareRow {
  /** The two inputs compared; null for an average. */
  readonly pair: readonly [number, number] | null;
  /** What the row is, e.g. `average of the 1000 nearest pairs`. */
  readonly name: string;
  readonly similarity: number;
  /** Contribution of each layer, shape (L); they add up to `similarity` and may be negative. */
  readonly shares: ArrayLike<number>;
}

export interface Denoising {
  /** Mean denoising factor φ; at least 1/√N. */
  readonly meanFactor: number;
  /** rms(E_k[ŷ] − E_k[ỹ]): 0 at stationarity under the L2 loss. */
  readonly residual: number;
  /** rms(E_k[ε]), known only where the noise is; the residual must be small beside it. */
  readonly averagedNoise?: number | undefined;
  /** Standard deviation σ of the label noise, where known. */
  readonly noise?: number | undefined;
  readonly rows: readonly DenoisingRow[];
}

export interface DenoisingRow {
  readonly index: number;
  /** Given label ỹ, shape (d); one-hot for classes. */
  readonly given: ArrayLike<number>;
  /** Label averaged over the neighbourhood, E_k[ỹ], shape (d). */
  readonly averaged: ArrayLike<number>;
  /** φ of this input. */
  readonly factor: number;
  /** ‖ŷ − E_k[ŷ]‖. */
  readonly shift: number;
  /** A reservation, e.g. `negative weights`. */
  readonly flag?: string | undefined;
}
