/**
 * A set of inputs as the source of its gradient rows: captured once for K(x,x) and the network's outputs, and kept in
 * kernel memory where all rows fit with room to work, or captured again whenever they are needed.
 */

import { refuse } from '../errors.js';
import type { Examples } from '../inputs.js';
import { eachBlock } from '../similarity/blockwise.js';
import { reserveRows, type Shape, type Site } from '../similarity/rows.js';
import { HeldRows, type Loader, type RowSource, StreamedRows } from '../similarity/source.js';
import { sweepBytes } from '../similarity/strips.js';
import { decompose, selfBlocks, unknownSelf } from '../similarity/whitening.js';
import { part, type Work } from '../work.js';
import type { SharedWork } from '../workers/crew.js';
import { type CaptureRequest, Capturer } from './capturing.js';
import { assertFits, type Demand, holds } from './memory.js';

export interface Observed {
  readonly source: RowSource;
  /** Values of the heads, inputs × outputs. */
  readonly outputs: Float32Array;
}

/**
 * @param width values of the heads of one input
 * @param memory bytes that the caller allows in all
 * @throws NetkinError 'memory' where not even two strips of rows fit
 */
export function* observe(
  request: CaptureRequest,
  site: Site,
  shape: Shape,
  width: number,
  shared: SharedWork | null,
  memory: number,
): Work<Observed> {
  const { size } = request.examples;
  const { outputs: d } = shape;
  const outputs = new Float32Array(size * width);
  const known = new Uint8Array(size);
  const capturer = new Capturer(request, width, shared, (first, values) => {
    const seen = outputs.subarray(first * width, first * width + values.length);
    if (known[first] === 0) seen.set(values);
    else if (values.some((value, i) => !Object.is(value, seen[i]))) refuse('usage', CHANGED);
    known.fill(1, first, first + values.length / width);
  });
  const demand = demandOf(request.examples, shape, shared?.threads ?? 0);
  const working = site.arena.used + capturer.bytes(shape) + sweepBytes(shared?.slots ?? 1);
  assertFits(demand, memory, working);
  if (holds(shape, size, site.arena.limit - working)) {
    const rows = reserveRows(site, shape, 0, size);
    yield* capturer.range(rows);
    const self = yield* part(decompose(yield* part(selfBlocks(rows), 1, 0), d), 1, 0);
    return { source: new HeldRows(rows, self), outputs };
  }
  const loader: Loader = {
    bytes: capturer.bytes(shape),
    range: (rows) => capturer.range(rows),
    some: (rows, inputs) => capturer.some(rows, inputs),
  };
  const blocks = new Float64Array(size * d * d);
  const first = new StreamedRows(site, shape, size, unknownSelf, loader);
  yield* eachBlock({ source: first, kind: 'raw' }, function* (rows) {
    blocks.set(yield* selfBlocks(rows), rows.first * d * d);
  });
  const self = yield* part(decompose(blocks, d), 1, 0);
  return { source: new StreamedRows(site, shape, size, self, loader), outputs };
}

/** What a set asks of the memory. */
export function demandOf({ size, arrays }: Examples, shape: Shape, workers: number): Demand {
  const inputBytes = arrays.reduce((sum, { data }) => sum + data.byteLength, 0);
  return { ...shape, size, inputBytes, workers };
}

const CHANGED =
  'The inputs or the weights changed since this perspective was made, and its rows do not fit into memory: capture the inputs again.';
