/** Two workers against one thread, and whether threads, batches and registers leave the bits as they are. */
import type { NdArray } from '../../src/array.js';
import type { Engine } from '../../src/engine.js';
import type { OpenOptions } from '../../src/options.js';
import type { Watch } from '../../src/watch.js';
import { type Open, OURS } from './end-to-end.js';
import { interleave } from './measure.js';
import { build, LARGE, SMALL } from './networks.js';
import { goal, type Part } from './rows.js';

export interface WorkerOptions {
  readonly size: number;
  readonly rounds: number;
  readonly wide: boolean;
  readonly watch: Watch;
}

export async function benchWorkers(
  open: Open,
  images: NdArray<Float32Array>,
  { size, rounds, wide, watch }: WorkerOptions,
): Promise<Part> {
  const batch = { shape: [2 * size, 28, 28, 1], data: images.data.subarray(0, 2 * size * 784) };
  const model = build(LARGE);
  const [one, two] = [await open(model, { threads: 0 }), await open(model, { threads: 2 })];
  const [alone, together] = [await one.perspective(batch), await two.perspective(batch)];
  const power = { power: 2 };
  const task = `${LARGE.name}, 10 logits, pairs of ${2 * size}`;
  const times = await interleave(
    { 'one thread': () => alone.density(power), 'two workers': () => together.density(power) },
    rounds,
    task,
    watch,
  );
  const same = equal(await alone.density(power), await together.density(power));
  await Promise.all([one, two].map((engine) => engine.dispose()));
  model.dispose();
  const bits = await sameBits(open, images, Math.min(size, 300), wide);
  return {
    rows: Array.from(times.values(), (seconds, i) => ({
      task,
      by: OURS,
      threads: i + 1,
      seconds,
      inputs: 2 * size,
    })),
    goals: {
      4: goal(
        '2 workers 1.9 × 1 thread',
        times.get('one thread')! / times.get('two workers')!,
        (value) => value >= 1.9,
        `power density, ${task}`,
      ),
      6: goal(
        'the same bits for any threads, batch, registers',
        same && bits.same ? 1 : 0,
        (value) => value === 1,
        `1 and 2 threads (${task}); ${bits.how}; browsers: a test of their own`,
      ),
    },
  };
}

/** The matrix of a few images in several ways. */
async function sameBits(open: Open, images: NdArray<Float32Array>, inputs: number, wide: boolean) {
  const batch = { shape: [inputs, 28, 28, 1], data: images.data.subarray(0, inputs * 784) };
  const ways: readonly OpenOptions[] = [
    { threads: 0 },
    { threads: 0, batch: 7 },
    { threads: 0, batch: 64 },
    ...(wide ? [{ threads: 0, wide: true }] : []),
  ];
  const model = build(SMALL);
  const found: Float32Array[] = [];
  let used = false;
  for (const options of ways) {
    const engine: Engine = await open(model, options);
    found.push((await (await engine.perspective(batch)).matrix()).data);
    used ||= engine.wide;
    await engine.dispose();
  }
  model.dispose();
  return {
    same: found.every((matrix) => equal(matrix, found[0]!)),
    how: `${inputs} × ${inputs} in batches of 7, 64 and by default${used ? ', with 128 and 256 bits' : ''}`,
  };
}

function equal(left: Float32Array, right: Float32Array): boolean {
  return left.length === right.length && left.every((value, i) => Object.is(value, right[i]));
}
