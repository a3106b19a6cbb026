import { refuse } from '../errors.js';

/** A request whose body is larger than allowed. */
export class TooLarge extends Error {}

/**
 * The whole body; no more than `limit` bytes are ever kept, whatever the request says of its length.
 * @throws TooLarge; NetkinError 'input' for an empty body or one that breaks off
 */
export async function readBody({ body }: Request, limit: number): Promise<Uint8Array> {
  const parts: Uint8Array[] = [];
  let size = 0;
  const reader = body?.getReader();
  while (reader) {
    const { done, value } = await reader.read().catch(() => refuse('input', 'The body broke off.'));
    if (done) break;
    size += value.length;
    if (size > limit) {
      await reader.cancel().catch(() => undefined);
      throw new TooLarge(`The body is larger than ${limit} bytes.`);
    }
    parts.push(value);
  }
  if (size === 0) refuse('input', 'The body is empty: POST a PNG or JPEG image.');
  const whole = new Uint8Array(size);
  let offset = 0;
  for (const part of parts) {
    whole.set(part, offset);
    offset += part.length;
  }
  return whole;
}
