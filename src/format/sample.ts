/** The bundled sample: 3000 training images of Fashion-MNIST, some with a wrong label on purpose (node/sample). */
import type { NdArray } from '../array.js';
import { refuse } from '../errors.js';
import { readNpz } from './npz.js';

export interface Sample {
  /** n × 28 × 28, 0 (background) to 255 */
  readonly images: NdArray<Uint8Array>;
  /** n given labels, 0 to 9; 5 % are wrong */
  readonly labels: Uint8Array;
  /** n original labels, 0 to 9 */
  readonly truth: Uint8Array;
  /** The names of the ten labels. */
  readonly classes: readonly string[];
}

const side = 28;

/** Zalando's names, in the order of the labels. */
export const fashionClasses: readonly string[] = [
  'T-shirt/top',
  'Trouser',
  'Pullover',
  'Dress',
  'Coat',
  'Sandal',
  'Shirt',
  'Sneaker',
  'Bag',
  'Ankle boot',
];

/**
 * Reads `fashion-3000.npz`, or any file with the same three arrays.
 * @throws NetkinError 'input' when images, labels or truth are missing, of another type or shape, or out of range
 */
export function readSample(bytes: Uint8Array): Sample {
  const name = 'The bundled sample';
  const arrays = readNpz(bytes, name);
  const images = byteArray(arrays, 'images');
  const count = images.shape[0]!;
  if (images.shape.length !== 3 || images.shape[1] !== side || images.shape[2] !== side || count === 0) {
    refuse(
      'input',
      `${name}: 'images' has the shape (${images.shape.join(', ')}), not (n, 28, 28). Install netkin again.`,
    );
  }
  const [labels, truth] = ['labels', 'truth'].map((key) => {
    const { shape, data } = byteArray(arrays, key);
    if (shape.length !== 1 || data.length !== count) {
      refuse(
        'input',
        `${name}: '${key}' has the shape (${shape.join(', ')}), not (${count}). Install netkin again.`,
      );
    }
    if (data.some((label) => label >= fashionClasses.length)) {
      refuse(
        'input',
        `${name}: '${key}' holds a label above ${fashionClasses.length - 1}. Install netkin again.`,
      );
    }
    return data;
  }) as [Uint8Array, Uint8Array];
  return { images, labels, truth, classes: fashionClasses };
}

function byteArray(arrays: ReadonlyMap<string, NdArray>, key: string): NdArray<Uint8Array> {
  const array = arrays.get(key);
  if (array === undefined || !(array.data instanceof Uint8Array)) {
    refuse('input', `The bundled sample lacks '${key}' as bytes. Install netkin again.`);
  }
  return { shape: array.shape, data: array.data };
}
