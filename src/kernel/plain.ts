/**
 * The slow twin of every kernel: plain loops, float64 sums, the same pointers and layouts. It is what the
 * fast kernels are tested against, and what runs where WebAssembly SIMD is missing.
 */
import type { Kernel } from './kernel.js';
import { plainGradient } from './plain-gradient.js';
import { plainGram, plainLinear } from './plain-gram.js';
import { plainReduction } from './plain-reduction.js';
import { plainScreen } from './plain-screen.js';

export function plainKernel(memory: WebAssembly.Memory): Kernel {
  const gram = plainGram(memory);
  return {
    ...gram,
    addGramWide: (a, b, length, _sums, tile) => gram.addGram(a, b, length, tile),
    addOuterGramWide: gram.addOuterGram,
    ...plainScreen(memory, gram),
    ...plainLinear(memory),
    ...plainReduction(memory),
    ...plainGradient(memory),
  };
}
