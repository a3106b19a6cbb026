/** What a caller attaches to an index, looked at when `save` is called. */
import { elements, type NdArray } from '../array.js';
import type { OutputSpec } from '../ending.js';
import { refuse } from '../errors.js';
import type { RowType } from '../format/index-header.js';
import { labelTable } from '../labels.js';
import type { SaveOptions } from '../perspective.js';
import type { Attached } from './stored-index.js';

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
  const {
    classes = own.classes,
    names = own.names,
    thumbnails = own.thumbnails,
    pixels = own.pixels,
  } = options;
  const labels = options.labels ?? own.labels;
  const table = labels && labelTable(labels, size, heads);
  const shape = table?.width === 1 ? [size] : [size, table?.width ?? 0];
  const attached = {
    labels: table && { shape, data: Float64Array.from(table.data) },
    classes,
    pixels,
    names,
    thumbnails,
  };
  assertAttached(attached, size);
  return attached;
}

function assertAttached({ classes, names, thumbnails, pixels }: Attached, size: number): void {
  const texts = (list: unknown) => Array.isArray(list) && list.every((item) => typeof item === 'string');
  if (classes && !texts(classes)) refuse('usage', 'The classes are no list of names.');
  if (pixels !== null && pixels !== 'unit' && pixels !== 'byte')
    refuse('usage', "pixels is 'unit' for bytes divided by 255, 'byte' for bytes as they are.");
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
