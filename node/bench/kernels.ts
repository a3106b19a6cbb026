/** One kernel at a time: all pairs of N rows of length P, against tfjs's own matrix product on the same numbers. */
import { Arena } from '../../src/kernel/arena.js';
import { type Kernel, LANES, panelBytes, TILE_BYTES, wasmKernel } from '../../src/kernel/kernel.js';
import { quantizedBytes } from '../../src/kernel/screen.js';
import { fuses, WIDE_SCRATCH_BYTES, widened } from '../../src/kernel/wide.js';
import { tf } from '../../src/network/tfjs.js';
import { uniform } from '../../src/random.js';
import { interleave } from './measure.js';
import { type BenchRow, type Goal, goal } from './rows.js';

const SIZE = 512;
const LENGTH = 1024;
/** Useful operations: N (N + 1) P. */
const FLOPS = SIZE * (SIZE + 1) * LENGTH;

export async function benchKernels(
  module: WebAssembly.Module,
  revectorized: boolean,
  rounds: number,
): Promise<{ rows: BenchRow[]; goals: Record<string, Goal> }> {
  const memory = new WebAssembly.Memory({ initial: 16, maximum: 65536 });
  const kernel = wasmKernel(module, memory);
  const arena = new Arena(memory);
  const values = Float32Array.from({ length: SIZE * LENGTH }, (_, i) => 2 * uniform(1, i) - 1);
  const panels = packed(kernel, arena, values);
  const tile = arena.allocate(TILE_BYTES);
  const bounds = arena.allocate(TILE_BYTES);
  const narrow = panels.map((panel) => {
    const target = arena.allocate(quantizedBytes(LENGTH));
    kernel.quantize(panel, LENGTH, target);
    return target;
  });
  const wide =
    revectorized && fuses(kernel, arena) ? widened(kernel, arena.allocate(WIDE_SCRATCH_BYTES)) : null;
  const pairs = (visit: (i: number, j: number) => void) => () => {
    for (let i = 0; i < panels.length; i++) for (let j = i; j < panels.length; j++) visit(i, j);
  };
  const rows = tf.tensor2d(values, [SIZE, LENGTH]);
  const turned = tf.transpose(rows);
  const cases: Record<string, () => unknown> = {
    netkin: pairs((i, j) => kernel.addGram(panels[i]!, panels[j]!, LENGTH, tile)),
    'netkin int16': pairs((i, j) => kernel.addScreenedGram(narrow[i]!, narrow[j]!, LENGTH, tile, bounds)),
    'tfjs, transposed before': () => tf.tidy(() => tf.matMul(rows, turned).dataSync()[0]),
    'tfjs matMul(G, G, false, true)': () => tf.tidy(() => tf.matMul(rows, rows, false, true).dataSync()[0]),
    ...(wide && { 'netkin, 256 bits': pairs((i, j) => wide.addGram(panels[i]!, panels[j]!, LENGTH, tile)) }),
  };
  const times = await interleave(cases, rounds);
  tf.dispose([rows, turned]);
  const ratio = (slow: string, fast: string) => times.get(slow)! / times.get(fast)!;
  const before = ratio('tfjs, transposed before', 'netkin');
  const turnedRatio = ratio('tfjs matMul(G, G, false, true)', 'netkin');
  const same = `all pairs of ${SIZE} rows of ${LENGTH} numbers, one thread, medians of ${rounds} interleaved rounds`;
  return {
    rows: Array.from(times, ([by, seconds]) => ({
      task: `Gram ${SIZE}×${LENGTH}`,
      by,
      seconds,
      gigaflops: FLOPS / seconds / 1e9,
    })),
    goals: {
      1: goal(
        'SYRK at 88 % of the 128-bit peak',
        null,
        () => false,
        'the peak of this machine is not measured yet',
      ),
      2: goal(
        'Node 24: 1.85 times its own 128-bit path',
        wide ? ratio('netkin', 'netkin, 256 bits') : null,
        (value) => value >= 1.85,
        wide ? same : 'needs Node 24 or later and --wide',
      ),
      3: goal(
        '2.7 times tfjs-wasm on a transposed operand and 30 times its matMul(G, G, false, true)',
        before,
        (value) => value >= 2.7 && turnedRatio >= 30,
        `${same}; the second ratio is ${turnedRatio.toFixed(1)}`,
      ),
      10: goal(
        'int16 screening 1.85 times float32',
        ratio('netkin', 'netkin int16'),
        (value) => value >= 1.85,
        `${same}; the kernel alone, not yet used by the engine`,
      ),
    },
  };
}

function packed(kernel: Kernel, arena: Arena, values: Float32Array): number[] {
  const source = arena.allocate(values.byteLength);
  arena.floats(source, values.length).set(values);
  return Array.from({ length: SIZE / LANES }, (_, i) => {
    const panel = arena.allocate(panelBytes(LENGTH));
    kernel.pack(source + i * LANES * LENGTH * 4, LANES, LENGTH, LENGTH, panel);
    return panel;
  });
}
