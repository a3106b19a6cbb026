/** What an index says of itself, without the network that it belongs to. */
import type { IndexFacts } from './format/index-header.js';
import { run, type Watch } from './watch.js';

export interface IndexSummary extends IndexFacts {
  /** Bytes of the whole index. */
  readonly bytes: number;
  /** Class ids of `output: { contrast }`, one for each input; null for other outputs. */
  readonly contrasts: Int32Array | null;
  /** Class ids of `output: { contrast, adversary }`, one for each input; null for other outputs. */
  readonly adversaries: Int32Array | null;
  /** Names of the inputs. */
  readonly names: readonly string[] | null;
  /** n, or n × targets; null without labels. */
  readonly labels: readonly number[] | null;
  /** n × height × width × channels; null without. */
  readonly thumbnails: readonly number[] | null;
}

/**
 * Reads the header of an index, its checksum verified; what lies behind it is looked at by `engine.reopen`.
 * @throws NetkinError 'input' for anything but a whole, undamaged index of a known version
 */
export async function indexFacts(bytes: Uint8Array, watch: Watch = {}): Promise<IndexSummary> {
  const { readIndex } = await import('./format/index-file.js');
  const { readNames, storedIds } = await import('./format/index-content.js');
  const file = await run('index', readIndex(bytes), watch);
  const { contrasts, adversaries } = storedIds(file);
  return {
    ...file.facts,
    bytes: bytes.length,
    contrasts: contrasts?.slice() ?? null,
    adversaries: adversaries?.slice() ?? null,
    names: readNames(file),
    labels: file.shape('labels'),
    thumbnails: file.shape('thumbnails'),
  };
}
