import type { PlannedTerm } from './description.js';

/**
 * What `engine.plan` answers. Times hold for a machine that has nothing else to do, within a factor of about 2; where the
 * clock stands still during a call, as in Cloudflare Workers, they are 0.
 */
export interface Prediction {
  readonly inputs: number;
  /** Pairs of inputs, each input with itself included. */
  readonly pairs: number;
  /** Multiply-adds of nearest, suspects, matrix, hard and power density. */
  readonly allPairs: number;
  /** Multiply-adds of the soft density, linear in the inputs. */
  readonly softDensity: number;
  /** Bytes of gradient rows, with the whitened copy of their values. */
  readonly rowBytes: number;
  /** Whether `memory` is enough; otherwise `perspective` refuses the set. */
  readonly fits: boolean;
  /** The largest power of two as `precision` with which it would be; null where it is, or with none. */
  readonly fittingPrecision: number | null;
  /** Whether the rows stay in memory; otherwise inputs are captured again whenever their rows are needed. */
  readonly held: boolean;
  /** How often all pairs capture an input again, on average. */
  readonly captures: number;
  /** The form chosen for each part of the gradient, and what the others would cost. */
  readonly terms: readonly PlannedTerm[];
  /** Threads that the times below count on. */
  readonly threads: number;
  /** `gradients` once for every perspective; the others with what is captured again. */
  readonly seconds: { readonly gradients: number; readonly allPairs: number; readonly softDensity: number };
}
