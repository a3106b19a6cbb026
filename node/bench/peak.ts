/** The machine's 128-bit peak: multiplications and additions that never leave the registers (assembly/peak.ts). */
import { readFile } from 'node:fs/promises';

/** Some 10 ms, as long as the kernels beside it: on a busy machine short runs escape the scheduler, long ones do not. */
const ROUNDS = 2_000_000;

export interface Peak {
  /** Operations of one `run`. */
  readonly flops: number;
  run(): void;
}

export async function loadPeak(): Promise<Peak> {
  const bytes = await readFile(new URL('../../peak.wasm', import.meta.url));
  const { instance } = await WebAssembly.instantiate(new Uint8Array(bytes));
  const { FLOPS, peak } = instance.exports as {
    FLOPS: WebAssembly.Global;
    peak(rounds: number, factor: number, shift: number): number;
  };
  return { flops: ROUNDS * (FLOPS.value as number), run: () => void peak(ROUNDS, 0.5, 0.25) };
}
