/** Goal 7: the largest error of a cosine of 100 000 numbers against float64. */
import { Arena } from '../../src/kernel/arena.js';
import { LANES, panelBytes, TILE_BYTES, wasmKernel } from '../../src/kernel/kernel.js';
import { uniform } from '../../src/random.js';
import { type Goal, goal } from './rows.js';

const LENGTH = 100_000;

export function cosineError(module: WebAssembly.Module): Goal {
  const memory = new WebAssembly.Memory({ initial: 16, maximum: 65536 });
  const kernel = wasmKernel(module, memory);
  const arena = new Arena(memory);
  const [panel, tile] = [arena.allocate(panelBytes(LENGTH)), arena.allocate(TILE_BYTES, true)];
  const values = arena.floats(panel, LENGTH * LANES);
  for (let at = 0; at < values.length; at++) values[at] = 2 * uniform(3, at) - 0.9;
  kernel.addGram(panel, panel, LENGTH, tile);
  const found = arena.doubles(tile, LANES * LANES);
  const exact = (i: number, j: number) => {
    let sum = 0;
    for (let k = 0; k < LENGTH; k++) sum += values[k * LANES + i]! * values[k * LANES + j]!;
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
