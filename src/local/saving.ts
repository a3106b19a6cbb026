/** A perspective into an index. */
import { draftIndex, type IndexFile, sealIndex } from '../format/index-file.js';
import type { RowError, RowType } from '../format/index-header.js';
import { rowSection, scaleSection, sides } from '../format/index-layout.js';
import { Comparison } from '../similarity/comparison.js';
import { errorBound, sampledError } from '../similarity/rounding-error.js';
import { type RowSource, StreamedRows } from '../similarity/source.js';
import { storedLoader } from '../similarity/stored.js';
import { storeRounded, storeRows } from '../similarity/storing.js';
import { decompose } from '../similarity/whitening.js';
import { part, type Work } from '../work.js';
import type { Identity } from './identity.js';
import { type Attached, storedTerms, writeSelf } from './stored-index.js';

export interface SaveRequest {
  readonly source: RowSource;
  /** Values of the network's outputs, n × outputs. */
  readonly logits: Float32Array;
  readonly identity: Work<Identity>;
  readonly rows: RowType;
  readonly attached: Attached;
  /** The soft density, where it is known. */
  readonly density: Float32Array | null;
  /** What rows that were rounded once differ by from the network's. */
  readonly rowError: RowError | null;
  /** The index from whose bytes the rows come, where they are rounded or not held. */
  readonly opened: IndexFile | null;
}

/** @returns the bytes of the index */
export function* saveIndex(request: SaveRequest): Work<Uint8Array> {
  const { source, logits, rows, attached } = request;
  const { contrasts, adversaries, ...own } = yield* part(request.identity, 0, 0.05);
  const names = attached.names && new TextEncoder().encode(JSON.stringify(attached.names));
  const facts = {
    size: source.size,
    rows,
    classes: attached.classes,
    pixels: attached.pixels,
    rowError: request.rowError,
    ...own,
  };
  const file = draftIndex(facts, {
    labels: attached.labels?.shape ?? null,
    names: names && [names.length],
    thumbnails: attached.thumbnails?.shape ?? null,
  });
  file.floats('logits').set(logits);
  if (contrasts) file.integers('contrasts').set(contrasts.subarray(0, source.size));
  if (adversaries) file.integers('adversaries').set(adversaries.subarray(0, source.size));
  if (attached.labels) file.doubles('labels').set(attached.labels.data);
  if (names) file.plainBytes('names').set(names);
  if (attached.thumbnails) file.plainBytes('thumbnails').set(attached.thumbnails.data);
  const same = request.opened?.facts.rows === 'int8';
  const write = rows === 'float32' ? exactRows : same ? sameRows : roundedRows;
  const rowError = yield* part(write(file, request), 0.05, 0.75);
  // After the rows, so that what changed while they were read is noticed, too.
  if (request.opened) yield* part(request.opened.assertUnchanged(), 0.8, 0.1);
  yield* part(sealIndex(file, rowError), 0.9, 0.1);
  return file.bytes;
}

function* exactRows(file: IndexFile, { source, density, rowError }: SaveRequest): Work<RowError | null> {
  writeSelf(file, source.self);
  file.floats('density').set(density ?? (yield* part(softDensity(source), 0, 0.6)));
  yield* part(storeRows(source, storedTerms(file)), 0.6, 0.4);
  return rowError;
}

/** Rounding again would add to the error. */
function* sameRows(
  file: IndexFile,
  { source, density, rowError, opened }: SaveRequest,
): Work<RowError | null> {
  writeSelf(file, source.self);
  file.floats('density').set(density ?? (yield* softDensity(source)));
  for (const [i, term] of file.facts.terms.entries()) {
    for (const [side] of sides(term, file.facts.outputs)) {
      file.signedBytes(rowSection(side, i)).set(opened!.signedBytes(rowSection(side, i)));
      file.floats(scaleSection(side, i)).set(opened!.floats(scaleSection(side, i)));
    }
  }
  return rowError;
}

/** Everything that follows from the rows is computed from the rounded ones: they are the index's own. */
function* roundedRows(file: IndexFile, { source, rowError }: SaveRequest): Work<RowError> {
  const { outputs: d, size, site } = source;
  const terms = storedTerms(file);
  const { blocks, between } = yield* part(storeRounded(source, terms), 0, 0.5);
  const self = yield* part(decompose(blocks, d), 0.5, 0.05);
  writeSelf(file, self);
  const rounded = new StreamedRows(site, source, size, self, storedLoader(terms));
  file.floats('density').set(yield* part(softDensity(rounded), 0.55, 0.35));
  const sampled = yield* part(sampledError(source, rounded), 0.9, 0.1);
  return together({ ...sampled, bound: errorBound(source.self, self, between, d) }, rowError);
}

/** Errors of rows that had been rounded before: at most the sums, since the same pairs are compared. */
function together(error: RowError, before: RowError | null): RowError {
  if (!before) return error;
  return {
    pairs: error.pairs,
    rootMeanSquare: error.rootMeanSquare + before.rootMeanSquare,
    largest: error.largest + before.largest,
    bound: Math.min(2, error.bound + before.bound),
  };
}

function* softDensity(source: RowSource): Work<Float32Array> {
  return Float32Array.from(yield* new Comparison(source).density('soft', null));
}
