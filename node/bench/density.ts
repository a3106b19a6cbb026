/** Soft density beside a forward pass, in this process: goal 8 where there are no 60 000 images. */
import type { NdArray } from '../../src/array.js';
import type { Watch } from '../../src/watch.js';
import type { Open } from './end-to-end.js';
import { interleave, ofProcessor } from './measure.js';
import { build, OUTPUT, SMALL } from './networks.js';
import { goal, type Part } from './rows.js';

export async function benchDensity(
  open: Open,
  images: NdArray<Float32Array>,
  { size, rounds, watch }: { readonly size: number; readonly rounds: number; readonly watch: Watch },
): Promise<Part> {
  const inputs = { shape: [size, 28, 28, 1], data: images.data.subarray(0, size * 784) };
  const model = build(SMALL);
  const engine = await open(model, { output: [OUTPUT], threads: 0 });
  const task = `${SMALL.name}, soft density`;
  const density = async () => {
    using seen = await engine.perspective(inputs);
    await seen.density();
  };
  const times = await interleave(
    ofProcessor({ 'forward pass': async () => void (await engine.outputs(inputs)), netkin: density }),
    rounds,
    task,
    watch,
  );
  await engine.dispose();
  model.dispose();
  return {
    rows: Array.from(times, ([by, seconds]) => ({ task, by, threads: 1, seconds, inputs: size })),
    goals: {
      8: goal(
        'soft density in 5 forward passes, O(P)',
        times.get('netkin')! / times.get('forward pass')!,
        (value) => value <= 5,
        `${size} images, ${SMALL.name}, one logit, one thread; 60 000 were not measured: install Debian's dataset-fashion-mnist`,
      ),
    },
  };
}
