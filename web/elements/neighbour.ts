/** One similar example as it is shown, whoever found it. Plain data: the JSON of netkin's HTTP function will do. */
import { significant } from '../../src/report/format.js';
import type { LayerShare } from '../../src/similarity/explanation.js';

/** A picture: height × width × channels (1, 3 or 4; without the last axis 1), row-major, 0 to 255. */
export interface Pixels {
  readonly shape: readonly number[];
  readonly data: ArrayLike<number>;
}

type Label = number | string | readonly number[];

export interface Neighbour {
  /** Which training example, from 0. */
  readonly index: number;
  /** k^C, in [-1, 1]. */
  readonly similarity: number;
  /** A class id, a label in words, or the targets of a regression. */
  readonly label?: Label | null;
  /** What a class id stands for, where `classes` do not say. */
  readonly className?: string | null;
  /** What the example is called, such as its file; default: "#12". */
  readonly name?: string | null;
  /** Pixels, or the URL of a picture. */
  readonly picture?: Pixels | string | null;
  /** What each layer adds, from the first to the last; the shares sum to the similarity. */
  readonly layers?: readonly LayerShare[] | null;
}

/** Numbers by example, row-major. */
interface Table {
  readonly shape: readonly number[];
  readonly data: ArrayLike<number>;
}

/** What is known about the training examples, each by its index; a {@link Neighbour} of its own goes first. */
export interface Examples {
  /** n class ids or words, or n × targets. */
  readonly labels: ArrayLike<number | string> | Table | null;
  /** Names of the classes by class id. */
  readonly classes: readonly string[] | null;
  readonly names: readonly string[] | null;
  /** n × height × width × channels, 0 to 255. */
  readonly thumbnails: Pixels | null;
}

/** The label in words; null where there is none. */
export function labelOf({ index, label, className }: Neighbour, examples: Examples): string | null {
  if (className) return className;
  const given = label ?? labelAt(examples, index);
  if (given === null || typeof given === 'string') return given;
  if (typeof given === 'number' && examples.classes?.[given]) return examples.classes[given];
  return `label ${[given].flat().map(significant).join(', ')}`;
}

function labelAt({ labels }: Examples, index: number): Label | null {
  if (labels === null) return null;
  if (!('data' in labels)) return labels[index] ?? null;
  return labels.shape.length === 1 ? (labels.data[index] ?? null) : rowOf(labels, index);
}

/** The numbers of one example; null where there is none of this index. */
function rowOf({ shape, data }: Table, index: number): number[] | null {
  if (index >= (shape[0] ?? 0)) return null;
  const size = shape.slice(1).reduce((product, extent) => product * extent, 1);
  return Array.prototype.slice.call(data, index * size, (index + 1) * size);
}

export function nameOf({ index, name }: Neighbour, { names }: Examples): string {
  return name ?? names?.[index] ?? `#${index}`;
}

/** Label and name in one. */
export function titleOf(neighbour: Neighbour, examples: Examples): string {
  const name = nameOf(neighbour, examples);
  const label = labelOf(neighbour, examples);
  return label === null ? name : `${label} ${name}`;
}

/** Pixels or URL of the picture; null where there is none. */
export function pictureOf({ index, picture }: Neighbour, { thumbnails }: Examples): Pixels | string | null {
  if (picture) return picture;
  const data = thumbnails && rowOf(thumbnails, index);
  return data && { shape: thumbnails.shape.slice(1), data };
}
