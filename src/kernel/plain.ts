/**
 * The slow twin of every kernel: plain loops, float64 sums, the same pointers and layouts. It is what the
 * fast kernels are tested against, and never runs in their place.
 */
import type { Kernel } from './kernel.js';
import { plainGradient } from './plain-gradient.js';
import { plainGram, plainLinear } from './plain-gram.js';
import { plainReduction } from './plain-reduction.js';
import { plainScreen } from './plain-screen.js';
import { plainSketch } from './plain-sketch.js';

export function plainKernel(memory: WebAssembly.Memory): Kernel {
  const gram = plainGram(memory);
  const screen = plainScreen(memory, gram);
  return {
    ...gram,
    addGramWide: (a, b, length, _sums, tile) => gram.addGram(a, b, length, tile),
    addOuterGramWide: gram.addOuterGram,
    ...screen,
    addScreenedGramWide: (a, b, length, _sums, tile, bounds) =>
      screen.addScreenedGram(a, b, length, tile, bounds),
    addScreenedOuterGramWide: screen.addScreenedOuterGram,
    ...plainSketch(memory),
    ...plainLinear(memory),
    ...plainReduction(memory),
    ...plainGradient(memory),
  };
}
