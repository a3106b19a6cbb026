/**
 * Gram tiles with 256-bit registers. WebAssembly has 128-bit vectors only, but V8 (Node 24 and later, started
 * with --experimental-wasm-revectorize) can fuse neighbouring operations into 256-bit ones where a kernel is
 * shaped for it. The bits are those of addGram everywhere; where nothing is fused these kernels are slower, so
 * they are used only after {@link fuses} has seen both on this machine.
 */
import type { Arena } from './arena.js';
import {
  type GramKernel,
  type Kernel,
  LANES,
  OUTER_SCRATCH_BYTES,
  type Pointer,
  panelBytes,
  TILE_BYTES,
} from './kernel.js';
import type { ScreenKernel } from './screen.js';

/** Bytes of scratch that {@link WideKernel.addGramWide} wants: 4 × 16 sums. */
export const WIDE_SCRATCH_BYTES = 256;

export interface WideKernel {
  /** addGram, bit for bit. `sums`: {@link WIDE_SCRATCH_BYTES}, overwritten. */
  addGramWide(a: Pointer, b: Pointer, length: number, sums: Pointer, tile: Pointer): void;

  /** addOuterGram, bit for bit, with the same scratch. */
  addOuterGramWide: GramKernel['addOuterGram'];

  /** addScreenedGram, bit for bit. `sums`: {@link WIDE_SCRATCH_BYTES}, overwritten. */
  addScreenedGramWide(
    a: Pointer,
    b: Pointer,
    length: number,
    sums: Pointer,
    tile: Pointer,
    bounds: Pointer,
  ): void;

  /** addScreenedOuterGram, bit for bit, with the same scratch. */
  addScreenedOuterGramWide: ScreenKernel['addScreenedOuterGram'];
}

/** `kernel` with 256-bit tiles in place of the others. `sums`: {@link WIDE_SCRATCH_BYTES} that stay reserved. */
export function widened(kernel: Kernel, sums: Pointer): Kernel {
  return {
    ...kernel,
    addGram: (a, b, length, tile) => kernel.addGramWide(a, b, length, sums, tile),
    addOuterGram: kernel.addOuterGramWide,
    addScreenedGram: (a, b, length, tile, bounds) =>
      kernel.addScreenedGramWide(a, b, length, sums, tile, bounds),
    addScreenedOuterGram: kernel.addScreenedOuterGramWide,
  };
}

/** Elements of the panels that are tried: two k-blocks, the second short. */
const LENGTH = 300;
/** Calls a round: long beside the clock's step. */
const CALLS = 40;
/** An odd number of rounds, for a median. */
const ROUNDS = 9;
/** Between rounds alike and rounds fused (1.8); noise does not bridge it twice. */
const GAIN = 1.3;
/** V8 optimises a function some milliseconds after it became hot. */
const WARM_UP = 15;
const ATTEMPTS = 4;

/**
 * Whether the engine fuses the wide kernels: the same bits as the others, and faster by 1.3 in the median of
 * two runs one after the other. Takes up to 0.1 s; memory is given back.
 * @param now milliseconds
 */
export function fuses(kernel: Kernel, arena: Arena, now: () => number = () => performance.now()): boolean {
  const mark = arena.mark();
  try {
    const [a, b] = [1, 2].map((seed) => {
      const panel = arena.allocate(panelBytes(LENGTH));
      const numbers = arena.floats(panel, LENGTH * LANES);
      for (let at = 0; at < numbers.length; at++) numbers[at] = Math.sin(seed * at * at);
      return panel;
    }) as [Pointer, Pointer];
    const scratch = arena.allocate(OUTER_SCRATCH_BYTES);
    const [tile, wideTile] = [arena.allocate(TILE_BYTES, true), arena.allocate(TILE_BYTES, true)];
    const sums = arena.allocate(WIDE_SCRATCH_BYTES);

    const narrow = () => kernel.addGram(a, b, LENGTH, tile);
    const wide = () => kernel.addGramWide(a, b, LENGTH, sums, wideTile);
    const time = (work: () => void) => {
      const start = now();
      for (let call = 0; call < CALLS; call++) work();
      return now() - start;
    };
    const gain = () => {
      const ratios = Array.from({ length: ROUNDS }, () => time(narrow) / time(wide));
      return ratios.sort((x, y) => x - y)[ROUNDS >> 1]!;
    };
    /** Both tiles had the same calls from zero on: sums of many tiles, which keep every difference. */
    const isSame = () => {
      kernel.addOuterGram(a, b, 20, b, a, 10, 3, scratch, tile);
      kernel.addOuterGramWide(a, b, 20, b, a, 10, 3, scratch, wideTile);
      const values = arena.doubles(tile, LANES * LANES);
      return arena.doubles(wideTile, LANES * LANES).every((value, pair) => Object.is(value, values[pair]));
    };

    let successes = 0;
    for (let attempt = 0; attempt < ATTEMPTS && successes < 2; attempt++) {
      for (const start = now(); now() - start < WARM_UP; ) {
        time(narrow);
        time(wide);
      }
      successes = gain() >= GAIN ? successes + 1 : 0;
      if (!isSame()) return false;
    }
    return successes === 2;
  } finally {
    arena.release(mark);
  }
}
