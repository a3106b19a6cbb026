/** The benchmark as a whole: one run, one machine, every ratio measured side by side. */
import { cpus } from 'node:os';
import type { NdArray } from '../../src/array.js';
import { Arena } from '../../src/kernel/arena.js';
import { LANES, panelBytes, TILE_BYTES, wasmKernel } from '../../src/kernel/kernel.js';
import { startTfjs } from '../../src/network/tfjs.js';
import { uniform } from '../../src/random.js';
import { open } from '../index.js';
import { nodeRuntime } from '../runtime.js';
import { benchKernels } from './kernels.js';
import { benchPipeline } from './pipeline.js';
import { type Bench, type Goal, goal } from './rows.js';

export interface BenchOptions {
  /** Images of the end-to-end rows; twice as many for the workers. */
  readonly size: number;
  readonly rounds: number;
  readonly wide: boolean;
}

export async function runBench(
  images: NdArray<Float32Array>,
  { size, rounds, wide }: BenchOptions,
): Promise<Bench> {
  await startTfjs(nodeRuntime);
  const revectorized = wide && nodeRuntime.revectorize!();
  const module = await nodeRuntime.kernel();
  const kernels = await benchKernels(module, revectorized, rounds);
  const pipeline = await benchPipeline(open, images, size, rounds);
  return {
    machine: { cpu: cpus()[0]?.model.trim() ?? 'unknown', cores: cpus().length, node: process.versions.node },
    rows: [...kernels.rows, ...pipeline.rows],
    goals: {
      ...kernels.goals,
      ...pipeline.goals,
      7: cosineError(module),
      9: goal('top-10 of 60 000 inputs within 1 GiB', null, () => false, 'not measured yet'),
    },
  };
}

/** The largest error of a cosine of 100 000 numbers against float64. */
function cosineError(module: WebAssembly.Module): Goal {
  const length = 100_000;
  const memory = new WebAssembly.Memory({ initial: 16, maximum: 65536 });
  const kernel = wasmKernel(module, memory);
  const arena = new Arena(memory);
  const [panel, tile] = [arena.allocate(panelBytes(length)), arena.allocate(TILE_BYTES, true)];
  const values = arena.floats(panel, length * LANES);
  for (let at = 0; at < values.length; at++) values[at] = 2 * uniform(3, at) - 0.9;
  kernel.addGram(panel, panel, length, tile);
  const found = arena.doubles(tile, LANES * LANES);
  const exact = (i: number, j: number) => {
    let sum = 0;
    for (let k = 0; k < length; k++) sum += values[k * LANES + i]! * values[k * LANES + j]!;
    return sum;
  };
  let worst = 0;
  for (let j = 1; j < LANES; j++) {
    const cosine = (value: number, a: number, b: number) => value / Math.sqrt(a * b);
    const ours = cosine(found[j]!, found[0]!, found[j * (LANES + 1)]!);
    worst = Math.max(worst, Math.abs(ours - cosine(exact(0, j), exact(0, 0), exact(j, j))));
  }
  return goal(
    'cosine error at most 2e-7 at P = 100 000',
    worst,
    (value) => value <= 2e-7,
    '15 pairs against float64',
  );
}
