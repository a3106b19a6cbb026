/** A perspective into an index. */
import { elements, type NdArray } from '../array.js';
import type { OutputSpec } from '../ending.js';
import { refuse } from '../errors.js';
import { draftIndex, type IndexFile, sealIndex } from '../format/index-file.js';
import type { RowError, RowType } from '../format/index-header.js';
import { rowSection, scaleSection, sides } from '../format/index-layout.js';
import { labelTable } from '../labels.js';
import type { SaveOptions } from '../perspective.js';
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
  /** The index in which these very rows stand rounded. */
  readonly rounded: IndexFile | null;
}

/** @returns the bytes of the index */
export function* saveIndex(request: SaveRequest): Work<Uint8Array> {
  const { source, logits, rows, attached } = request;
  const { contrasts, ...own } = yield* part(request.identity, 0, 0.05);
  const names = attached.names && new TextEncoder().encode(JSON.stringify(attached.names));
  const facts = { size: source.size, rows, classes: attached.classes, rowError: request.rowError, ...own };
  const file = draftIndex(facts, {
    labels: attached.labels?.shape ?? null,
    names: names && [names.length],
    thumbnails: attached.thumbnails?.shape ?? null,
  });
  file.floats('logits').set(logits);
  if (contrasts) file.integers('contrasts').set(contrasts.subarray(0, source.size));
  if (attached.labels) file.doubles('labels').set(attached.labels.data);
  if (names) file.plainBytes('names').set(names);
  if (attached.thumbnails) file.plainBytes('thumbnails').set(attached.thumbnails.data);
  const write = rows === 'float32' ? exactRows : request.rounded ? sameRows : roundedRows;
  const rowError = yield* part(write(file, request), 0.05, 0.85);
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
  { source, density, rowError, rounded }: SaveRequest,
): Work<RowError | null> {
  writeSelf(file, source.self);
  file.floats('density').set(density ?? (yield* softDensity(source)));
  for (const [i, term] of file.facts.terms.entries()) {
    for (const [side] of sides(term, file.facts.outputs)) {
      file.signedBytes(rowSection(side, i)).set(rounded!.signedBytes(rowSection(side, i)));
      file.floats(scaleSection(side, i)).set(rounded!.floats(scaleSection(side, i)));
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

/** @param usual how the rows are stored where nothing is said */
export function rowTypeOf({ rows }: SaveOptions, usual: RowType): RowType {
  if (rows === undefined) return usual;
  if (rows === 'float32' || rows === 'int8') return rows;
  return refuse('usage', `Rows are stored as 'float32' or 'int8', not as ${String(rows).slice(0, 40)}.`);
}

/**
 * What is put beside the rows: what the caller gives, or what came with them.
 * @throws NetkinError 'usage' for names, classes or thumbnails that do not fit, 'input' for labels that do not
 */
export function attachedOf(
  options: SaveOptions,
  own: Attached & { readonly size: number },
  heads: readonly OutputSpec[],
): Attached {
  const { size } = own;
  const { classes = own.classes, names = own.names, thumbnails = own.thumbnails } = options;
  const labels = options.labels ?? own.labels;
  const table = labels && labelTable(labels, size, heads);
  const shape = table?.width === 1 ? [size] : [size, table?.width ?? 0];
  const attached = {
    labels: table && { shape, data: Float64Array.from(table.data) },
    classes,
    names,
    thumbnails,
  };
  assertAttached(attached, size);
  return attached;
}

function assertAttached({ classes, names, thumbnails }: Attached, size: number): void {
  const texts = (list: unknown) => Array.isArray(list) && list.every((item) => typeof item === 'string');
  if (classes && !texts(classes)) refuse('usage', 'The classes are no list of names.');
  if (names && !(texts(names) && names.length === size))
    refuse('usage', `The names are no list of ${size} texts, one for each input.`);
  if (thumbnails && !areThumbnails(thumbnails, size)) {
    refuse(
      'usage',
      `The thumbnails are no { shape: [${size}, height, width, 1 or 3], data: Uint8Array } of that many bytes.`,
    );
  }
}

function areThumbnails({ shape, data }: NdArray, size: number): boolean {
  const [count, height = 0, width = 0, channels] = Array.isArray(shape) ? shape : [];
  const sound = shape.length === 4 && count === size && height >= 1 && width >= 1;
  return (
    sound &&
    (channels === 1 || channels === 3) &&
    data instanceof Uint8Array &&
    data.length === elements(shape)
  );
}
