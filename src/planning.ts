/**
 * What a data set will cost before anything runs: bytes and multiply-adds from the plan, seconds from a short
 * calibration with the set's own first inputs on this machine.
 */
import type { NetworkDescription, PlannedTerm } from './description.js';
import { Arena } from './kernel/arena.js';
import { LANES, wasmKernel } from './kernel/kernel.js';
import type { FactorBatch } from './plan.js';
import { fittingPrecision } from './precision.js';
import { Rows } from './similarity/rows.js';
import { Tiles } from './similarity/tiles.js';
import { decompose, mixed, selfBlocks } from './similarity/whitening.js';

/** What `engine.plan` answers. Times hold for a machine that has nothing else to do, within a factor of about 2. */
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
  /** Whether they fit the engine's `memory`. */
  readonly fits: boolean;
  /** The largest power of two as `precision` with which they would; null where they do, or with none. */
  readonly fittingPrecision: number | null;
  /** The form chosen for each part of the gradient, and what the others would cost. */
  readonly terms: readonly PlannedTerm[];
  /** Threads that the times below count on. */
  readonly threads: number;
  readonly seconds: { readonly gradients: number; readonly allPairs: number; readonly softDensity: number };
}

/** Inputs that are captured to calibrate: two panels. */
export const PROBE = 2 * LANES;
/** Milliseconds that one calibration may take. */
const BRIEF = 20;
/** The linear-time kernels run at about half the speed of the Gram kernels. */
const LINEAR = 2;
/** Seconds to start tfjs and the model in workers, and the work that makes it worthwhile. */
const START = 0.8;
const WORTHWHILE = 2.5;

export interface PlanRequest {
  readonly network: NetworkDescription;
  readonly kernelModule: WebAssembly.Module;
  readonly inputs: number;
  readonly memory: number;
  readonly threads: number;
  /** Captures at most {@link PROBE} inputs of the set. */
  readonly probe: () => FactorBatch;
}

export function predict({ network, kernelModule, inputs, memory, threads, probe }: PlanRequest): Prediction {
  const { terms, compared: d } = network;
  const sum = (value: (term: NetworkDescription['terms'][number]) => number) =>
    terms.reduce((total, term) => total + value(term), 0);
  const pairs = (inputs * (inputs + 1)) / 2;
  const padded = Math.ceil(inputs / LANES) * LANES;
  const whitened = sum((term) => d * term.positions * term.right * 4);
  const rowBytes = padded * (sum((term) => term.bytesPerInput) + whitened);
  const softDensity = 2 * inputs * d * sum((term) => term.positions * Math.max(1, term.left) * term.right);
  const perPair = sum((term) => term.multiplyAddsPerPair);

  const start = performance.now();
  const batch = probe();
  const perInput = (performance.now() - start) / 1000 / batch.inputs;
  const perTile = tileSeconds(network, kernelModule, batch);
  const gradients = perInput * inputs;
  const allPairs = (perTile * (padded / LANES) * (padded / LANES + 1)) / 2;
  return {
    inputs,
    pairs,
    allPairs: pairs * perPair,
    softDensity,
    rowBytes,
    fits: rowBytes <= memory,
    fittingPrecision: rowBytes <= memory ? null : fittingPrecision(terms, d, padded, memory),
    terms,
    threads: Math.max(1, threads),
    seconds: {
      gradients: threads >= 2 && gradients > WORTHWHILE ? START + gradients / threads : gradients,
      allPairs: threads >= 2 && allPairs > 0.3 ? allPairs / threads : allPairs,
      softDensity: (softDensity * LINEAR * perTile) / (LANES ** 2 * perPair),
    },
  };
}

/** Seconds of one 16 × 16 tile of whitened rows. */
function tileSeconds(network: NetworkDescription, module: WebAssembly.Module, batch: FactorBatch): number {
  const memory = new WebAssembly.Memory({ initial: 16, maximum: 65536 });
  const kernel = wasmKernel(module, memory);
  const rows = new Rows(kernel, new Arena(memory), network.terms, network.compared, batch.inputs);
  rows.append(batch);
  const white = mixed(rows, decompose(selfBlocks(rows), rows.outputs).inverseRoots);
  const tiles = Tiles.of(white, white);
  const other = rows.panels - 1;
  tiles.trace(0, other);
  const start = performance.now();
  let count = 0;
  let spent = 0;
  for (; spent < BRIEF; count++) {
    tiles.trace(0, other);
    spent = performance.now() - start;
  }
  return spent / 1000 / count;
}
