/** The kernels that pairs of inputs are compared by (method, section 1), and what each is made of. */
import type { Kind } from './source.js';

/** Kernels with a d × d block for each pair: K^C, K, K^N. */
export const blockKernels = ['correlation', 'inner', 'influence'] as const;
export type BlockKernel = (typeof blockKernels)[number];

/** Kernels that are one number of the block K^C. */
const invariantKernels = ['rotation', 'orthogonal'] as const;
export type InvariantKernel = (typeof invariantKernels)[number];

/** Kernels of single outputs: `'correlation'` cosines, 0 where an output has no gradient; `'inner'` K_cc itself. */
export const outputKernels = ['correlation', 'inner'] as const;
export type OutputKernel = (typeof outputKernels)[number];

export const similarityKernels = [...blockKernels, ...invariantKernels] as const;
/**
 * - `'correlation'` k^C in [-1, 1], symmetric: Tr K^C / d (default);
 * - `'inner'` k^I = Tr K / d, unbounded, symmetric;
 * - `'influence'` k^N of row on column: how much f(column) moves when f(row) is moved by one; not symmetric;
 * - `'rotation'` the largest k^C over rotations of the outputs, max over R in SO(d) of Tr(K^C R) / d: symmetric, in [0, 1]
 *   for d > 1 and k^C itself for d = 1; `'orthogonal'` over reflections, too: the nuclear norm of K^C / d, in [0, 1]. Both
 *   take the d × d block of each pair and its singular values: far slower, see similarity/invariant.ts.
 */
export type SimilarityKernel = (typeof similarityKernels)[number];

export function isInvariant(kernel: SimilarityKernel): kernel is InvariantKernel {
  return kernel === 'rotation' || kernel === 'orthogonal';
}

/** The variants of the left and right rows whose inner products are the blocks that a kernel is made of. */
export function kindsOf(kernel: SimilarityKernel): readonly [Kind, Kind] {
  switch (kernel) {
    case 'correlation':
    case 'rotation':
    case 'orthogonal':
      return ['white', 'white'];
    case 'inner':
      return ['raw', 'raw'];
    case 'influence':
      return ['divided', 'raw'];
  }
}
