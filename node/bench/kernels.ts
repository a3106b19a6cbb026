/** One kernel at a time: all pairs of N rows of length P, against this machine's peak, tfjs and NumPy, one thread. */
import { writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import { Arena } from '../../src/kernel/arena.js';
import { type Kernel, wasmKernel } from '../../src/kernel/kernel.js';
import { fuses, WIDE_SCRATCH_BYTES, widened } from '../../src/kernel/wide.js';
import { tf } from '../../src/network/tfjs.js';
import { uniform } from '../../src/random.js';
import type { Watch } from '../../src/watch.js';
import { interleave, median, ofProcessor, type Work, warmUp } from './measure.js';
import { loadPeak, type Peak } from './peak.js';
import { INSTALL, type Peers } from './peers.js';
import { type BenchRow, type Goal, goal, type Part } from './rows.js';
import { Syrk } from './syrk.js';

/** Rows and their length. */
type Extent = readonly [size: number, length: number];
export const SMALLEST: Extent = [512, 1024];
const SHAPES: readonly Extent[] = [SMALLEST, [1024, 1024], [1024, 4096]];
/** One run takes milliseconds, so there is time for more rounds than elsewhere. */
const MORE = 3;
const NARROW = 'netkin';
const WIDE = 'netkin, 256 bits';
const SCREEN = 'netkin int16';
const PAIRS = 'netkin, pair after pair';
const PEAK = '128-bit peak';
const TURNED = 'tfjs, transposed before';
const PLAIN = 'tfjs matMul(G, G, false, true)';
const OPENBLAS = 'NumPy G @ G.T';
const OPENBLAS_GEMM = 'NumPy, transposed before';
const HASWELL = 'NumPy G @ G.T, AVX2';

export interface KernelOptions {
  readonly revectorized: boolean;
  readonly rounds: number;
  /** Where rows are handed over to Python. */
  readonly folder: string;
  /** NumPy with one thread, as it is and held to AVX2. */
  readonly numpy: Peers | null;
  readonly haswell: Peers | null;
  readonly watch: Watch;
  /** Default: three, the smallest first. */
  readonly shapes?: readonly Extent[];
}

/** Medians of one shape. */
interface Shape {
  readonly rows: readonly BenchRow[];
  /** How many times as fast as `slow` `fast` was; null where one of them was not measured. */
  ratio(slow: string, fast: string): number | null;
}

export async function benchKernels(module: WebAssembly.Module, options: KernelOptions): Promise<Part> {
  const peak = await loadPeak();
  const shapes: Shape[] = [];
  const { shapes: extents = SHAPES, rounds } = options;
  for (const extent of extents)
    shapes.push(await benchShape(module, peak, extent, extent === extents[0], options));
  const names = extents.map((extent) => extent.join('×'));
  return { rows: shapes.flatMap(({ rows }) => rows), goals: goals(shapes, names, rounds * MORE) };
}

async function benchShape(
  module: WebAssembly.Module,
  peak: Peak,
  [size, length]: Extent,
  first: boolean,
  { revectorized, rounds, folder, numpy, haswell, watch }: KernelOptions,
): Promise<Shape> {
  const memory = new WebAssembly.Memory({ initial: 16, maximum: 65536 });
  const kernel = wasmKernel(module, memory);
  const arena = new Arena(memory);
  const values = Float32Array.from({ length: size * length }, (_, i) => 2 * uniform(1, i) - 1);
  const wide = widest(kernel, arena, revectorized);
  const syrk = new Syrk(arena, values, size, length);
  const rows = tf.tensor2d(values, [size, length]);
  const turned = tf.transpose(rows);
  const cases: Record<string, Work> = {
    [PEAK]: () => peak.run(),
    [NARROW]: () => syrk.run(kernel),
    ...(wide && { [WIDE]: () => syrk.run(wide) }),
    ...(first && { [PAIRS]: () => syrk.pairs(kernel), [SCREEN]: () => syrk.screen(kernel) }),
    [TURNED]: () => tf.tidy(() => tf.matMul(rows, turned).dataSync()[0]),
    ...(first && { [PLAIN]: () => tf.tidy(() => tf.matMul(rows, rows, false, true).dataSync()[0]) }),
  };
  const file = join(folder, `rows-${size}-${length}`);
  await writeFile(file, values);
  for (const peers of [numpy, haswell]) await peers?.ask({ do: 'rows', file, shape: [size, length] });
  const product = (peers: Peers, symmetric: boolean) => () => peers.ask({ do: 'product', symmetric });
  if (numpy)
    Object.assign(cases, { [OPENBLAS]: product(numpy, true), [OPENBLAS_GEMM]: product(numpy, false) });
  if (haswell) cases[HASWELL] = product(haswell, true);
  await warmUp(cases);
  const times = await interleave(hot(cases), rounds * MORE, `Gram ${size}×${length}`, watch);
  tf.dispose([rows, turned]);
  return {
    rows: Array.from(times, ([by, seconds]) => ({
      task: `Gram ${size}×${length}`,
      by,
      threads: 1,
      seconds,
      gigaflops: (by === PEAK ? peak.flops : syrk.flops) / seconds / 1e9,
    })),
    ratio(slow, fast) {
      const [a, b] = [times.get(slow), times.get(fast)];
      if (a === undefined || b === undefined) return null;
      // The peak is a rate: its own operations count.
      return slow === PEAK ? (a / peak.flops) * (syrk.flops / b) : a / b;
    },
  };
}

/** Each timed run follows one of the same case that is not timed: whoever ran before has emptied the caches. */
function hot(cases: Readonly<Record<string, Work>>): Record<string, Work> {
  const timed = Object.entries(ofProcessor(cases)).map(([name, work]): [string, Work] => {
    const twice = async () => {
      await work();
      return work();
    };
    return [name, twice];
  });
  return Object.fromEntries(timed);
}

function widest(kernel: Kernel, arena: Arena, revectorized: boolean): Kernel | null {
  if (!revectorized || !fuses(kernel, arena)) return null;
  return widened(kernel, arena.allocate(WIDE_SCRATCH_BYTES));
}

function goals(shapes: readonly Shape[], names: readonly string[], rounds: number): Record<string, Goal> {
  const same = `all pairs of N×P random rows, packing and both triangles included, one thread, processor seconds, medians of ${rounds} interleaved rounds`;
  const each = (slow: string, fast: string) => shapes.map((shape) => shape.ratio(slow, fast) ?? Number.NaN);
  const listed = (values: readonly number[], digits: number) =>
    `${values.map((value) => value.toFixed(digits)).join(', ')} for ${names.join(', ')}`;
  const [first] = shapes as [Shape, ...Shape[]];

  const shares = each(PEAK, NARROW);
  const alone = first.ratio(PEAK, PAIRS)!;
  const gains = each(NARROW, WIDE);
  const against = each(HASWELL, WIDE);
  const [gain, level] = [median(gains), median(against)];
  // The flag for 256 bits widens tfjs's kernels, too: like is compared with like.
  const ours = Number.isNaN(gain) ? NARROW : WIDE;
  const fast = each(TURNED, ours);
  const turned = first.ratio(PLAIN, ours)!;
  const avx2 = Number.isNaN(level)
    ? `OpenBLAS was not compared: ${INSTALL}`
    : `against OpenBLAS AVX2: ${listed(against, 2)}`;
  return {
    1: goal(
      'SYRK at 88 % of the 128-bit peak',
      Math.min(...shares),
      (value) => value >= 0.88,
      `the smallest of ${listed(shares, 3)}; ${same}; the kernel alone, pair after pair of packed rows: ${alone.toFixed(3)} (${names[0]}); the peak: multiply-add in registers only, in the same rounds`,
    ),
    2: goal(
      '256 bits: 1.85 × 128 bits, 0.93 × OpenBLAS AVX2',
      Number.isNaN(gain) ? null : gain,
      (value) => value >= 1.85 && level >= 0.93,
      Number.isNaN(gain)
        ? 'needs Node 24 or later and --wide'
        : `the median of ${listed(gains, 2)}; ${avx2}; ${same}; bits and gain checked at the start`,
    ),
    3: goal(
      '2.7 × tfjs on a transposed operand, 30 × as it is',
      fast[0]!,
      (value) => value >= 2.7 && turned >= 30,
      `${listed(fast, 2)}, the first counts; the second ratio is ${turned.toFixed(1)} (${names[0]}); ${ours === WIDE ? 'both with 256 bits' : 'both with 128 bits'}; ${same}`,
    ),
    10: goal(
      'int16 screening 1.85 × float32',
      first.ratio(PAIRS, SCREEN),
      (value) => value >= 1.85,
      `all pairs of ${names[0]}, pair after pair, the kernels alone`,
    ),
  };
}
