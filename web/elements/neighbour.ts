/** One similar example as it is shown, whoever found it. Plain data: a server's JSON will do. */
import type { LayerShare } from '../../src/similarity/explanation.js';

/** A picture: height × width × channels (1, 3 or 4; without the last axis 1), row-major, 0 to 255. */
export interface Pixels {
  readonly shape: readonly number[];
  readonly data: ArrayLike<number>;
}

export interface Neighbour {
  /** Which training example, from 0. */
  readonly index: number;
  /** k^C, in [-1, 1]. */
  readonly similarity: number;
  /** A class id, or a label in words. */
  readonly label?: number | string | null;
  /** What the example is called, such as its file; default: "#12". */
  readonly name?: string | null;
  /** Pixels, or the URL of a picture. */
  readonly picture?: Pixels | string | null;
  /** What each layer adds, from the first to the last; the shares sum to the similarity. */
  readonly layers?: readonly LayerShare[] | null;
}

/** What is known about the training examples, each by its index; a {@link Neighbour} of its own goes first. */
export interface Examples {
  readonly labels: ArrayLike<number | string> | { readonly data: ArrayLike<number> } | null;
  /** Names of the classes by class id. */
  readonly classes: readonly string[] | null;
  readonly names: readonly string[] | null;
  /** n × height × width × channels, 0 to 255. */
  readonly thumbnails: Pixels | null;
}

/** The label in words; null where there is none. */
export function labelOf({ index, label }: Neighbour, { labels, classes }: Examples): string | null {
  const given = label ?? (labels && ('data' in labels ? labels.data : labels)[index]);
  if (given === undefined || given === null) return null;
  return typeof given === 'string' ? given : (classes?.[given] ?? `class ${given}`);
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
  if (!thumbnails || index >= thumbnails.shape[0]!) return null;
  const shape = thumbnails.shape.slice(1);
  const size = shape.reduce((product, extent) => product * extent, 1);
  return { shape, data: Array.prototype.slice.call(thumbnails.data, index * size, (index + 1) * size) };
}
