/** The baseline beside every result: nearest inputs by the cosine of the raw values, without a network. */
import { refuse } from '../errors.js';
import { Arena } from '../kernel/arena.js';
import { wasmKernel } from '../kernel/kernel.js';
import { part, type Work } from '../work.js';
import { eachBlock } from './blockwise.js';
import { type Neighbours, TopKeeper } from './neighbours.js';
import { RowWriter, reserveStaging, stagingBytes } from './row-writer.js';
import type { Variant } from './rows.js';
import { StreamedRows } from './source.js';
import { sweep } from './strips.js';
import { decompose, selfBlocks, unknownSelf } from './whitening.js';

export interface RawValues {
  readonly size: number;
  /** Numbers of an example. */
  readonly width: number;
  /** Examples `first` to before `last`, row-major. */
  read(first: number, last: number): Float32Array;
}

/** Examples that become float32 at once. */
const BATCH = 512;

/**
 * The k nearest others of every example; yields the share done.
 * @param limit bytes of kernel memory
 */
export function* rawNearestOthers(
  module: WebAssembly.Module,
  { size, width, read }: RawValues,
  k: number,
  limit: number,
): Work<Neighbours> {
  const memory = new WebAssembly.Memory({ initial: 16, maximum: 65536 });
  const arena = new Arena(memory, undefined, limit);
  const site = { kernel: wasmKernel(module, memory), arena, executor: null, screening: 'chosen' } as const;
  const term = {
    layer: '',
    parameters: [],
    rule: 'raw',
    kind: 'materialised',
    positions: 1,
    left: 0,
  } as const;
  const shape = { terms: [{ ...term, right: width, size: 0 }], outputs: 1 };
  const range = function* (rows: Variant): Work<void> {
    const mark = arena.mark();
    const writer = new RowWriter(site.kernel, arena, rows, reserveStaging(rows, arena));
    const end = rows.first + rows.size;
    for (let first = rows.first; first < end; first += BATCH) {
      const values = read(first, Math.min(first + BATCH, end));
      const none = new Float32Array(0);
      writer.append({ inputs: values.length / width, terms: [{ left: none, right: [values] }] });
    }
    arena.release(mark);
  };
  const loader = {
    bytes: stagingBytes(shape.terms, 1),
    range,
    some: () => refuse('usage', 'Raw values are read in runs.'),
  };
  const blocks = new Float64Array(size);
  const unknown = new StreamedRows(site, shape, size, unknownSelf, loader);
  yield* eachBlock({ source: unknown, kind: 'raw' }, function* (rows) {
    blocks.set(yield* selfBlocks(rows), rows.first);
  });
  const source = new StreamedRows(site, shape, size, yield* part(decompose(blocks, 1), 0, 0), loader);
  const keeper = new TopKeeper(site, 0, size, k, true);
  const white = { source, kind: 'white' } as const;
  const options = { scale: 1, symmetric: true, bounded: true, question: keeper };
  yield* sweep(white, white, options, (strip) => keeper.absorb(strip));
  return keeper.result();
}
