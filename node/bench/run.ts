/** The benchmark as a whole: one run, one machine, every ratio measured side by side. */
import { mkdtemp, rm } from 'node:fs/promises';
import { cpus, tmpdir } from 'node:os';
import { join } from 'node:path';
import type { NdArray } from '../../src/array.js';
import { startTfjs } from '../../src/network/tfjs.js';
import type { Watch } from '../../src/watch.js';
import { open } from '../index.js';
import { nodeRuntime } from '../runtime.js';
import { cosineError } from './accuracy.js';
import { benchDensity } from './density.js';
import { benchEndToEnd } from './end-to-end.js';
import { endToEndGoal } from './end-to-end-goal.js';
import { benchKernels, SMALLEST } from './kernels.js';
import { Peers, type Settings, versions } from './peers.js';
import type { Bench } from './rows.js';
import { benchScaling } from './scaling.js';
import { benchWorkers } from './workers.js';

export interface BenchOptions {
  /** Images of the end-to-end rows, and of others in proportion. */
  readonly size: number;
  readonly rounds: number;
  readonly wide: boolean;
  readonly watch: Watch;
}

/** Below so many images a run is a trial: one shape for the kernels. */
const SMALL_RUN = 500;

export async function runBench(
  images: NdArray<Float32Array>,
  { size, rounds, wide, watch }: BenchOptions,
): Promise<Bench> {
  await startTfjs(nodeRuntime);
  const revectorized = wide && nodeRuntime.revectorize!();
  const module = await nodeRuntime.kernel();
  const folder = await mkdtemp(join(tmpdir(), 'netkin-bench-'));
  const processes: Peers[] = [];
  const started = async (settings: Settings) => {
    watch.progress?.({ stage: 'starting Python', done: 0 });
    const peers = await Peers.start(settings);
    if (peers) processes.push(peers);
    return peers;
  };
  try {
    const python = await started({ threads: 1 });
    const peers = new Map<number, Peers>();
    const two = python?.hello.torch ? await started({ threads: 2 }) : null;
    if (python?.hello.torch) peers.set(1, python);
    if (two) peers.set(2, two);
    const haswell =
      python && revectorized ? await started({ threads: 1, coreType: 'Haswell', numpyOnly: true }) : null;
    const kernels = await benchKernels(module, {
      revectorized,
      rounds,
      folder,
      numpy: python,
      haswell,
      watch,
      ...(size < SMALL_RUN && { shapes: [SMALLEST] }),
    });
    const whole = await benchEndToEnd(open, images, { size, rounds, wide, folder, peers, watch });
    const density = await benchDensity(open, images, { size, rounds, watch });
    const workers = await benchWorkers(open, images, { size, rounds, wide, watch });
    const scaling = await benchScaling(size, rounds, watch);
    return {
      machine: {
        cpu: cpus()[0]?.model.trim() ?? 'unknown',
        cores: cpus().length,
        node: process.versions.node,
        peers: versions(python?.hello),
      },
      rows: [kernels, whole, density, workers, scaling].flatMap((part) => part.rows),
      goals: {
        ...kernels.goals,
        ...workers.goals,
        5: endToEndGoal(whole.rows, size, whole.left),
        7: cosineError(module),
        ...density.goals,
        ...scaling.goals,
      },
    };
  } finally {
    for (const peers of processes) peers[Symbol.dispose]();
    await rm(folder, { recursive: true, force: true });
  }
}
