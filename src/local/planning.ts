/**
 * What a data set will cost before anything runs: bytes and multiply-adds from the plan, seconds from a short
 * calibration with the set's own first inputs on this machine.
 */
import type { NetworkDescription } from '../description.js';
import { Arena } from '../kernel/arena.js';
import { LANES, wasmKernel } from '../kernel/kernel.js';
import type { FactorBatch } from '../plan.js';
import type { Prediction } from '../prediction.js';
import { recaptures } from '../similarity/blockwise.js';
import { panelCount } from '../similarity/operand.js';
import { RowWriter, reserveStaging } from '../similarity/row-writer.js';
import { mix, reserveRows } from '../similarity/rows.js';
import { Tiles } from '../similarity/tiles.js';
import { decompose, selfBlocks } from '../similarity/whitening.js';
import type { Work } from '../work.js';
import { type Demand, holds, isEnough, kernelMemory, precisionThatFits } from './memory.js';

/** Inputs that are captured to calibrate: two panels. */
export const PROBE = 2 * LANES;
/** Milliseconds that one calibration may take. */
const BRIEF = 20;
/** Multiply-adds after which it ends as well, about as many as take that long: clocks may stand still. */
const LOT = 4e8;
/** The linear-time kernels run at about half the speed of the Gram kernels. */
const LINEAR = 2;
/** Seconds to start tfjs and the model in workers, and the work that makes it worthwhile. */
const START = 0.8;
const WORTHWHILE = 2.5;

export interface PlanRequest {
  readonly network: NetworkDescription;
  readonly kernelModule: WebAssembly.Module;
  readonly demand: Demand;
  readonly memory: number;
  readonly threads: number;
  /** Kernel memory that is taken beside the rows. */
  readonly working: number;
  /** Captures at most {@link PROBE} inputs of the set. */
  readonly probe: () => FactorBatch;
}

export function* predict(request: PlanRequest): Work<Prediction> {
  const { network, kernelModule, demand, memory, threads, working, probe } = request;
  const { terms, compared: d } = network;
  const inputs = demand.size;
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
  const perTile = yield* tileSeconds(network, kernelModule, batch);
  const shared = (seconds: number, least: number, start = 0) =>
    threads >= 2 && seconds > least ? start + seconds / threads : seconds;
  const gradients = shared(perInput * inputs, WORTHWHILE, START);
  const fits = isEnough(demand, memory, working);
  const room = kernelMemory(memory, demand) - working;
  const held = holds(demand, inputs, room);
  const captures = held ? 0 : recaptures(demand, room);
  const again = gradients * captures;
  return {
    inputs,
    pairs,
    allPairs: pairs * perPair,
    softDensity,
    rowBytes,
    fits,
    fittingPrecision: fits ? null : precisionThatFits(demand, memory, working),
    held,
    captures,
    terms,
    threads: Math.max(1, threads),
    seconds: {
      gradients,
      allPairs: shared((perTile * (padded / LANES) * (padded / LANES + 1)) / 2, 0.3) + again,
      softDensity: (softDensity * LINEAR * perTile) / (LANES ** 2 * perPair) + (held ? 0 : 2 * gradients),
    },
  };
}

/** Seconds of one 16 × 16 tile of whitened rows. */
function* tileSeconds(
  network: NetworkDescription,
  module: WebAssembly.Module,
  batch: FactorBatch,
): Work<number> {
  const memory = new WebAssembly.Memory({ initial: 16, maximum: 65536 });
  const kernel = wasmKernel(module, memory);
  const arena = new Arena(memory);
  const site = { kernel, arena, executor: null, screening: 'never' } as const;
  const rows = reserveRows(site, { terms: network.terms, outputs: network.compared }, 0, batch.inputs);
  new RowWriter(kernel, arena, rows, reserveStaging(rows, arena)).append(batch);
  const self = yield* decompose(yield* selfBlocks(rows), rows.outputs);
  mix(rows, self.inverseRoots, rows);
  const tiles = Tiles.of(rows, rows);
  const other = panelCount(rows.size) - 1;
  tiles.trace(0, other);
  const start = performance.now();
  let count = 0;
  let spent = 0;
  const perTile = LANES ** 2 * network.terms.reduce((sum, term) => sum + term.multiplyAddsPerPair, 0);
  for (; spent < BRIEF && count * perTile < LOT; count++) {
    tiles.trace(0, other);
    spent = performance.now() - start;
  }
  return spent / 1000 / count;
}
