import type { NdArray } from './array.js';
import type { PixelRange } from './format/image-inputs.js';
import type { RowError } from './format/index-header.js';
import type { Inputs } from './inputs.js';
import type { Labels } from './labels.js';
import type { PairStrip } from './similarity/comparison.js';
import type { Corrected } from './similarity/correction.js';
import type { Denoised } from './similarity/denoising.js';
import type { DensityKind } from './similarity/density.js';
import type { Explained } from './similarity/explanation.js';
import type { Fit } from './similarity/fit.js';
import type { BlockKernel, OutputKernel, SimilarityKernel } from './similarity/kernels.js';
import type { Neighbours } from './similarity/neighbours.js';
import type { Suspect } from './similarity/suspects.js';
import type { Watch } from './watch.js';

/** Flags that travel with every result. */
export interface Flags {
  /** Inputs with a zero gradient: their similarity is 0 to everything, themselves included. */
  readonly zero: readonly number[];
  /** Inputs whose d × d self kernel is singular; a pseudo-inverse was used, see {@link Perspective.ranks}. */
  readonly singular: readonly number[];
  /** Inputs whose self kernel is nearly singular: less exact. */
  readonly nearlySingular: readonly number[];
}

export type KernelOptions = { readonly kernel?: SimilarityKernel } & Watch;

/** Of measures with a d × d block for each pair; default 'correlation'. */
export interface BlockOptions extends Watch {
  readonly kernel?: BlockKernel;
}

export interface BlocksOptions extends BlockOptions {
  /** Other inputs, as columns; default: the set itself. */
  readonly against?: Inputs;
}

export interface PerOutputOptions extends Watch {
  /** Other inputs, as columns; default: the set itself. */
  readonly against?: Inputs;
  /** 'correlation' (default): cosines; 'inner': K_cc. */
  readonly kernel?: OutputKernel;
}

/** What {@link Perspective.explain} tells of each layer beside its share. */
export interface ExplainOptions extends Watch {
  /** Whether to tell k^C seen through each layer alone, as `open` with only its `parameters` would. Default false. */
  readonly similarities?: boolean;
  /** How many activities of each layer to tell, those with the largest shares; default none. */
  readonly activities?: number;
}

export interface FitOptions extends Watch {
  /**
   * Whose labels are looked at: from `nearestOthers`, or how many of the nearest others; default: 100, fewer in a small
   * set.
   */
  readonly neighbours?: Neighbours | number | undefined;
  /** Soft density of the set, n numbers, where `density` computed it before; default: it is computed. */
  readonly density?: Float32Array | undefined;
}

/** What {@link Perspective.save} puts into an index; of a perspective out of an index, by default what came with it. */
export interface SaveOptions extends Watch {
  /**
   * 'float32' (default): the rows as they are; all results of the reopened perspective are the same to the bit. 'int8':
   * rounded to a byte with a scale for every 64 of them, about a quarter of the size; `rowError` says what that does.
   */
  readonly rows?: 'float32' | 'int8';
  /** n class ids, or n × outputs targets. */
  readonly labels?: Labels;
  /** What class ids stand for: names by id. */
  readonly classes?: readonly string[];
  /** How bytes of images became the inputs: 'unit', divided by 255, or 'byte'; later images are then taken likewise. */
  readonly pixels?: PixelRange;
  /** A name for each input, such as its file. */
  readonly names?: readonly string[];
  /** Small pictures, n × height × width × 1 or 3, 0 to 255. */
  readonly thumbnails?: NdArray<Uint8Array>;
}

/**
 * A data set as a network sees it: gradient rows, and what follows from them. Methods can be called at any time, even
 * together: they take turns.
 */
export interface Perspective extends Disposable {
  /** The number of inputs. */
  readonly size: number;
  /** The number d of functions compared. */
  readonly outputs: number;
  /** Which network outputs are compared, in this order; null for a contrast or a loss. */
  readonly compared: readonly number[] | null;
  /**
   * Whether inputs outside the set can be compared with it: not by loss, class ids for each input or sampled adversaries,
   * which are theirs alone.
   */
  readonly comparesOthers: boolean;
  /** Values of the network's outputs (logits under a looked-through softmax), n × network outputs. */
  readonly logits: Float32Array;
  /** Whether the gradient rows lie in memory; otherwise they are brought in again whenever they are needed. */
  readonly held: boolean;
  readonly flags: Flags;
  /** Rank of every K(x,x), n: d where it is regular, 0 where the gradient is zero. */
  readonly ranks: Int32Array;
  /** K(x,x) of every input, n × d × d. */
  readonly selfKernels: NdArray<Float64Array>;
  /** Labels out of an index, n class ids or n × targets; null without. */
  readonly labels: NdArray<Float64Array> | null;
  /** Names of the classes out of an index, by class id. */
  readonly classes: readonly string[] | null;
  /** How bytes of images became the inputs of an index; null where it does not say. */
  readonly pixels: PixelRange | null;
  /** Names of the inputs out of an index. */
  readonly names: readonly string[] | null;
  /** Pictures out of an index, n × height × width × channels, 0 to 255. */
  readonly thumbnails: NdArray<Uint8Array> | null;
  /** What rounding rows to int8 did to the similarities; null where they are as captured. */
  readonly rowError: RowError | null;

  /** Of inputs i and j: k^C, in [-1, 1], or another kernel. */
  similarity(i: number, j: number, options?: KernelOptions): Promise<number>;

  /**
   * K^C(x_i, x_j) = K(x_i,x_i)^-½ K(x_i,x_j) K(x_j,x_j)^-½, d × d row-major; singular values at most 1. Or K(x_i,x_j), or,
   * for 'influence', K^N(x_j, x_i) = K(x_j,x_i) K(x_i,x_i)^-1.
   */
  block(i: number, j: number, options?: BlockOptions): Promise<Float64Array>;

  /**
   * How much each layer contributes to k^C; the shares sum to the similarity. On request also the similarity through
   * each layer alone, and the incoming activities that contribute most (method, section 2).
   * @param of an input of the set, by index, or one input outside the set
   * @param j an input of the set, or several: one capture of `of` serves them all, answered in their order
   */
  explain(of: number | Inputs, j: number, options?: ExplainOptions): Promise<Explained>;
  explain(of: number | Inputs, j: readonly number[], options?: ExplainOptions): Promise<Explained[]>;

  /** All pairs, n × n, row-major float32. The only call that stores N × N values. */
  matrix(options?: KernelOptions): Promise<NdArray<Float32Array>>;

  /** This set (rows) against other inputs (columns), n × m. */
  against(inputs: Inputs, options?: KernelOptions): Promise<NdArray<Float32Array>>;

  /**
   * d × d blocks of all pairs, n × n × d × d (or n × m × d × d against other inputs): K^C, K, or, for 'influence',
   * K^N(x_j, x_i) = K(x_j,x_i) K(x_i,x_i)^-1 at (i, j).
   */
  blocks(options?: BlocksOptions): Promise<NdArray<Float32Array>>;

  /**
   * Every output compared by itself, n × n × d (or n × m × d): entry c is K_cc(x,x') / sqrt(K_cc(x,x) K_cc(x',x')), the k^C of
   * an engine with `output: [c]`; 0 where that output's gradient is zero.
   */
  perOutput(options?: PerOutputOptions): Promise<NdArray<Float32Array>>;

  /**
   * Strips of the similarity matrix as they are computed, 256 rows at a time (rows that are not held are captured again
   * for each); `values` (rows × columns) are the caller's to keep.
   */
  tiles(options?: KernelOptions): AsyncGenerator<Omit<PairStrip, 'stride'>>;

  /**
   * The k most similar inputs, best first; among equals an input itself, then the smaller index.
   * @param of one input of the set, by index, or other inputs; default: every input of the set
   * @param k default 10, at most n; an input of the set counts itself, with similarity 1
   */
  nearest(of?: number | Inputs, k?: number, options?: Watch): Promise<Neighbours>;

  /**
   * The k nearest other inputs of every input: itself left out.
   * @param options.visit sees every strip of pairs on the way; each row's strips come in ascending order
   */
  nearestOthers(
    k: number,
    options?: { readonly visit?: (strip: PairStrip) => void } & Watch,
  ): Promise<Neighbours>;

  /**
   * How many inputs of the set the network holds to be like each input, itself counted. 'soft' (in (-n, n]) is linear
   * in n; `{ hard: τ }` counts k^C >= τ; `{ power: α }` sums k^C to the α > 0 over positive k^C.
   * @param options.of other inputs, m of them: the counts around these instead, m values
   */
  density(kind?: DensityKind, options?: { readonly of?: Inputs } & Watch): Promise<Float32Array>;

  /**
   * 1 / sum_x' k^N(x, x') for every input, linear in n: large where nothing else pulls at the output. Negative or
   * infinite where influences cancel, NaN where the gradient is zero (see `flags`).
   */
  uncertainty(options?: Watch): Promise<Float32Array>;

  /**
   * Labels averaged with the network's own weights (method, section 4), the factor φ by which that shrinks label
   * noise, and the shift. Class ids become one-hot rows; a classifier's predictions are its probabilities. With some
   * outputs only, the averages are those of the chosen outputs among themselves.
   * @param options.inputs only for these inputs, at least one (all take part in the averages)
   */
  denoise(labels: Labels, options?: { readonly inputs?: readonly number[] } & Watch): Promise<Denoised>;

  /**
   * Labels averaged as by `denoise`, again and again: those of a round are the averages of the round before. The network
   * stays as it is, so that only the first round has the reasons of method, section 4; each further one smooths more,
   * whatever the labels were. Stop when `change` stops falling fast, trust nothing where φ is near 1 or shifts are large,
   * and see `correctInRounds` for rounds that train in between.
   * @param rounds a whole number above 0; each takes as long as `denoise`
   */
  correct(labels: Labels, rounds: number, options?: Watch): Promise<Corrected>;

  /**
   * Under- and overfitting: how many neighbours each input has, how much their labels differ, and how far the network's
   * own prediction is off (method, section 3); {@link Fit} says how to read it. Needs 2 inputs.
   */
  fit(labels: Labels, options?: FitOptions): Promise<Fit>;

  /**
   * Labels that the nearest other inputs contradict, worst first; all of them, or the first `count`.
   * @param options.neighbours who votes, from `nearestOthers`; default: the 100 nearest others, fewer in a small set
   */
  suspects(
    labels: Labels,
    count?: number,
    options?: { readonly neighbours?: Neighbours } & Watch,
  ): Promise<Suspect[]>;

  /**
   * The set in one buffer, which `engine.reopen` opens in any runtime without capturing the inputs again: they are not
   * in it.
   * @throws NetkinError 'memory' where no buffer holds it; 'usage' where the weights changed since the capture, or what
   * is attached does not fit; 'unsupported' where a page has no SHA-256 (no secure context)
   */
  save(options?: SaveOptions): Promise<Uint8Array>;
}
