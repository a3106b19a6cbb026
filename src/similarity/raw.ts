/** The baseline beside every result: nearest inputs by the cosine of the raw values, without a network. */

import type { NdArray } from '../array.js';
import { Arena } from '../kernel/arena.js';
import { wasmKernel } from '../kernel/kernel.js';
import type { Work } from '../work.js';
import { type Neighbours, TopKeeper } from './neighbours.js';
import { Rows } from './rows.js';
import { sweep } from './strips.js';
import { decompose, mixed, selfBlocks } from './whitening.js';

/** The k nearest others of every input of an n × anything array; yields the share done. */
export function* rawNearestOthers(
  module: WebAssembly.Module,
  { shape, data }: NdArray<Float32Array>,
  k: number,
): Work<Neighbours> {
  const memory = new WebAssembly.Memory({ initial: 16, maximum: 65536 });
  const size = data.length / shape[0];
  const values = {
    layer: '',
    parameters: [],
    rule: 'raw',
    kind: 'materialised',
    positions: 1,
    left: 0,
    size: 0,
  } as const;
  const rows = new Rows(
    wasmKernel(module, memory),
    new Arena(memory),
    [{ ...values, right: size }],
    1,
    shape[0],
  );
  rows.append({ inputs: shape[0], terms: [{ left: new Float32Array(0), right: [data] }] });
  const normalised = mixed(rows, decompose(selfBlocks(rows), 1).inverseRoots);
  const keeper = new TopKeeper(rows, 0, shape[0], k, true);
  const options = { scale: 1, symmetric: true, bounded: true };
  yield* sweep(normalised, normalised, options, (strip) => keeper.absorb(strip));
  return keeper.result();
}
