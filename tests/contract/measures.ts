/** Whole results of one set of images, to be the same bits in every runtime. */
import type { Corrected, Engine, NdArray, OpenOptions } from 'netkin';

export const MEASURES = [
  'matrix',
  'neighbours',
  'soft density',
  'hard density',
  'power density',
  'denoised',
  'corrected',
  'fit',
  'explained',
  'rotated matrix',
  'single outputs',
  'matrix of losses',
  'sketched matrix',
  'index',
  'int8 index',
] as const;
export type Measure = (typeof MEASURES)[number];

/**
 * @param open opens a classifier of the images
 * @param labels one class id for each image
 */
export async function measures(
  open: (options: OpenOptions) => Promise<Engine>,
  images: NdArray,
  labels: readonly number[],
): Promise<Record<Measure, Uint8Array>> {
  await using engine = await open({});
  await using losses = await open({ of: 'loss' });
  await using sketches = await open({ precision: 64, seed: 1 });
  const seen = await engine.perspective(images);
  const { indices, similarities } = await seen.nearest();
  const denoised = await seen.denoise(labels);
  const corrected = await seen.correct(labels, 2);
  const fit = await seen.fit(labels);
  const explained = await seen.explain(0, [1, 2, 3], { similarities: true, activities: 5 });
  return {
    matrix: bytes((await seen.matrix()).data),
    neighbours: bytes(indices, similarities),
    'soft density': bytes(await seen.density()),
    'hard density': bytes(await seen.density({ hard: 0.8 })),
    'power density': bytes(await seen.density({ power: 2.5 })),
    denoised: bytes(denoised.labels, denoised.factor, denoised.shift),
    corrected: bytes(denoised.predictions, denoised.covariance, corrected.labels, changes(corrected)),
    fit: bytes(fit.density, fit.mean, fit.variance, fit.error),
    explained: new TextEncoder().encode(JSON.stringify(explained)),
    'rotated matrix': bytes((await seen.matrix({ kernel: 'rotation' })).data),
    'single outputs': bytes((await seen.perOutput()).data),
    'matrix of losses': bytes((await (await losses.perspective(images, { labels })).matrix()).data),
    'sketched matrix': bytes((await (await sketches.perspective(images)).matrix()).data),
    // Whoever saves the same bytes opens what any other saved.
    index: await digest(await seen.save({ labels })),
    'int8 index': await digest(await seen.save({ rows: 'int8' })),
  };
}

function changes({ rounds }: Corrected): Float64Array {
  return Float64Array.from(rounds.flatMap(({ change, changed }) => [change, changed ?? NaN]));
}

function bytes(...parts: readonly (Float32Array | Float64Array | Int32Array)[]): Uint8Array {
  return Uint8Array.from(
    parts.flatMap(({ buffer, byteOffset, byteLength }) => [
      ...new Uint8Array(buffer, byteOffset, byteLength),
    ]),
  );
}

async function digest(saved: Uint8Array): Promise<Uint8Array> {
  return new Uint8Array(await crypto.subtle.digest('SHA-256', saved as Uint8Array<ArrayBuffer>));
}
