/** An example of the set as a picture. */
import { writePng } from '../format/image.js';
import { crc32 } from '../format/inflate.js';
import type { Perspective } from '../perspective.js';
import { failure } from './answers.js';

/** @param known the ETags that the caller has, as If-None-Match lists them */
export function thumbnail({ thumbnails, size }: Perspective, index: number, known: string | null): Response {
  if (!thumbnails) return failure(404, 'input', 'The index holds no thumbnails.');
  if (index >= size) return failure(404, 'input', `There are examples 0 to ${size - 1}.`);
  const [, height, width, channels = 1] = thumbnails.shape;
  const length = height * width * channels;
  const data = thumbnails.data.subarray(index * length, (index + 1) * length);
  const picture = writePng({ width, height, channels: channels as 1 | 3, data }) as Uint8Array<ArrayBuffer>;
  const etag = `"${crc32(picture).toString(16)}-${picture.length}"`;
  // The next index at this address may have another example in its place: asked again each time, sent if it changed.
  const headers = { 'content-type': 'image/png', 'cache-control': 'no-cache', etag };
  // Weak ones, as proxies that compress make of them, stand for the same picture.
  const same = known?.split(',').some((tag) => ['*', etag, `W/${etag}`].includes(tag.trim()));
  return same ? new Response(null, { status: 304, headers }) : new Response(picture, { headers });
}
