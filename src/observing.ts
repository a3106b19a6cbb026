/**
 * A set of inputs as the source of its gradient rows: captured once for K(x,x) and the network's outputs, and kept in
 * kernel memory where all rows fit with room to work, or captured again whenever they are needed.
 */
import { type CaptureRequest, Capturer } from './capturing.js';
import type { SharedWork } from './crew.js';
import { refuse } from './errors.js';
import { eachBlock, STRIP } from './similarity/blockwise.js';
import { inputBytes, mixBytes, reserveRows, type Shape, type Site } from './similarity/rows.js';
import { HeldRows, type Loader, type RowSource, StreamedRows } from './similarity/source.js';
import { sweepBytes } from './similarity/strips.js';
import { decompose, selfBlocks } from './similarity/whitening.js';
import type { Work } from './work.js';

/** The share of the free memory that lasting rows may take: other inputs are compared next to them. */
const HELD = 3 / 4;

export interface Observed {
  readonly source: RowSource;
  /** Values of the heads, inputs × outputs. */
  readonly outputs: Float32Array;
}

/** Whether the rows of so many inputs are held, with two more variants of their values, in so much free memory. */
export function holds(shape: Shape, inputs: number, free: number): boolean {
  const { activities, values } = inputBytes(shape);
  return Math.ceil(inputs / 16) * 16 * (activities + 3 * values) <= free * HELD;
}

/** Kernel memory without which nothing can be compared: two strips of rows and what works on them. */
export function leastBytes(shape: Shape): number {
  const { activities, values } = inputBytes(shape);
  return 2 * STRIP * (activities + values) + mixBytes(shape);
}

/**
 * @param width values of the heads of one input
 * @throws NetkinError 'memory' where not even two strips of rows fit
 */
export function* observe(
  request: CaptureRequest,
  site: Site,
  shape: Shape,
  width: number,
  shared: SharedWork | null,
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
  if (holds(shape, size, site.arena.limit - site.arena.used)) {
    const rows = reserveRows(site, shape, 0, size);
    yield* capturer.range(rows);
    return { source: new HeldRows(rows, decompose(selfBlocks(rows), d)), outputs };
  }
  assertStreams(shape, site, capturer.bytes(shape));
  const loader: Loader = {
    bytes: capturer.bytes(shape),
    range: (rows) => capturer.range(rows),
    some: (rows, inputs) => capturer.some(rows, inputs),
  };
  const blocks = new Float64Array(size * d * d);
  const unknown = decompose(new Float64Array(0), d);
  const first = new StreamedRows(site, shape, size, unknown, loader);
  yield* eachBlock({ source: first, kind: 'raw' }, function* (rows) {
    blocks.set(selfBlocks(rows), rows.first * d * d);
  });
  return { source: new StreamedRows(site, shape, size, decompose(blocks, d), loader), outputs };
}

const CHANGED =
  'The inputs or the weights changed since this perspective was made, and its rows do not fit into memory: capture the inputs again.';

function assertStreams(shape: Shape, site: Site, loading: number): void {
  const { arena } = site;
  const needed = arena.used + leastBytes(shape) + loading + sweepBytes(site);
  if (needed <= arena.limit) return;
  const mebibytes = (bytes: number) => Math.ceil(bytes / 2 ** 20);
  refuse(
    'memory',
    `The gradient rows of ${2 * STRIP} inputs need ${mebibytes(needed)} MiB of kernel memory, ${mebibytes(arena.limit)} MiB are allowed. Give a larger memory, or compare fewer outputs (output: 'contrast') or parameters.`,
  );
}
