/** What every runtime examines: 100 images of the bundled sample, and the files of a classifier. */
import { readFileSync } from 'node:fs';
import { ready } from 'netkin';
import { readSample } from '../../src/format/sample.js';
import { smallClassifier } from '../../src/network/training.js';
import { modelFiles } from '../model-files.js';

const SIZE = 100;

let made: Promise<ReadonlyMap<string, Uint8Array>> | undefined;

/** By path: `images.bin` (float32 pixels, 0 to 1) and `model/…`. Weights are drawn once: initialisers need not agree. */
export function material(): Promise<ReadonlyMap<string, Uint8Array>> {
  made ??= make();
  return made;
}

async function make(): Promise<ReadonlyMap<string, Uint8Array>> {
  const sample = readSample(readFileSync(new URL('../../node/sample/fashion-3000.npz', import.meta.url)));
  const bytes = sample.images.data.subarray(0, SIZE * 28 * 28);
  const pixels = Float32Array.from(bytes, (value) => value / 255);
  await ready();
  const files = await modelFiles(smallClassifier([28, 28, 1], 10, 1));
  const model = Array.from(files, ([name, content]) => [`model/${name}`, content] as const);
  return new Map([['images.bin', new Uint8Array(pixels.buffer)], ...model]);
}
