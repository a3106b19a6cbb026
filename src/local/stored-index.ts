/** Between an index and what is computed with it: its sections as rows, self kernels and attachments. */
import type { NdArray } from '../array.js';
import { refuse } from '../errors.js';
import type { PixelRange } from '../format/image-inputs.js';
import { readNames } from '../format/index-content.js';
import type { IndexFile } from '../format/index-file.js';
import { type RowSide, rowSection, scaleSection, sides } from '../format/index-layout.js';
import type { StoredPanels, StoredTerm } from '../similarity/stored.js';
import type { SelfKernels } from '../similarity/whitening.js';

/** What may lie in an index beside the rows; null where it does not. */
export interface Attached {
  /** n class ids, or n × targets. */
  readonly labels: NdArray<Float64Array> | null;
  readonly classes: readonly string[] | null;
  readonly pixels: PixelRange | null;
  readonly names: readonly string[] | null;
  /** n × height × width × channels, 0 to 255. */
  readonly thumbnails: NdArray<Uint8Array> | null;
}

/** The rows of every term, as views of the index. */
export function storedTerms(file: IndexFile): StoredTerm[] {
  const { terms, outputs, rows } = file.facts;
  return terms.map((term, i) => {
    const lengths = new Map(sides(term, outputs));
    const panels = (side: RowSide): StoredPanels | null => {
      const length = lengths.get(side);
      if (length === undefined) return null;
      const name = rowSection(side, i);
      return rows === 'int8'
        ? { length, numbers: file.signedBytes(name), scales: file.floats(scaleSection(side, i)) }
        : { length, numbers: file.floats(name), scales: null };
    };
    return { activities: panels('activities'), values: panels('values')! };
  });
}

/** Copies of the self kernels, with the flags that follow from their ranks. */
export function readSelf(file: IndexFile): SelfKernels {
  const { outputs } = file.facts;
  const rank = file.integers('ranks').slice();
  const nearly = file.plainBytes('nearlySingular');
  const where = (holds: (rank: number, input: number) => boolean) =>
    Array.from(rank.keys()).filter((input) => holds(rank[input], input));
  const zero = where((own) => own === 0);
  if (zero.length === rank.length)
    refuse('input', 'The index is damaged: all its gradients are zero. Make it again.');
  return {
    blocks: file.doubles('selfKernels').slice(),
    inverseRoots: file.doubles('inverseRoots').slice(),
    rank,
    zero,
    singular: where((own) => own > 0 && own < outputs),
    nearlySingular: where((own, input) => own === outputs && nearly[input] === 1),
  };
}

/** Writes what {@link readSelf} reads. */
export function writeSelf(file: IndexFile, self: SelfKernels): void {
  file.doubles('selfKernels').set(self.blocks);
  file.doubles('inverseRoots').set(self.inverseRoots);
  file.integers('ranks').set(self.rank);
  const nearly = file.plainBytes('nearlySingular');
  for (const input of self.nearlySingular) nearly[input] = 1;
}

/** Copies of what lies beside the rows. */
export function readAttached(file: IndexFile): Attached {
  const labels = file.shape('labels');
  const thumbnails = file.shape('thumbnails');
  return {
    labels: labels && { shape: labels, data: file.doubles('labels').slice() },
    classes: file.facts.classes,
    pixels: file.facts.pixels,
    names: readNames(file),
    thumbnails: thumbnails && { shape: thumbnails, data: file.plainBytes('thumbnails').slice() },
  };
}
