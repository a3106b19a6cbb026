/** Whole results of one set of images, to be the same bits in every runtime. */
import type { Engine, NdArray } from 'netkin';

export const MEASURES = [
  'matrix',
  'neighbours',
  'soft density',
  'hard density',
  'power density',
  'index',
  'int8 index',
] as const;
export type Measure = (typeof MEASURES)[number];

export async function measures(engine: Engine, images: NdArray): Promise<Record<Measure, Uint8Array>> {
  const seen = await engine.perspective(images);
  const { indices, similarities } = await seen.nearest();
  const bytes = ({ buffer, byteOffset, byteLength }: Float32Array | Int32Array) =>
    new Uint8Array(buffer, byteOffset, byteLength);
  return {
    matrix: bytes((await seen.matrix()).data),
    neighbours: Uint8Array.from([...bytes(indices), ...bytes(similarities)]),
    'soft density': bytes(await seen.density()),
    'hard density': bytes(await seen.density({ hard: 0.8 })),
    'power density': bytes(await seen.density({ power: 2.5 })),
    // Whoever saves the same bytes opens what any other saved.
    index: await digest(await seen.save()),
    'int8 index': await digest(await seen.save({ rows: 'int8' })),
  };
}

async function digest(bytes: Uint8Array): Promise<Uint8Array> {
  return new Uint8Array(await crypto.subtle.digest('SHA-256', bytes as Uint8Array<ArrayBuffer>));
}
