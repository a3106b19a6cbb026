/**
 * SHA-256 of bytes of any length: of the digests of their pieces, 4 MiB each, one after the other. Piece by piece no
 * runtime has to hold the bytes twice, files beyond the 2 GiB that Node digests at once are no exception, and a call
 * can be stopped on the way.
 */
import { refuse } from '../errors.js';
import type { Work } from '../work.js';

const PIECE = 2 ** 22;
/** Bytes of a digest. */
export const DIGEST_BYTES = 32;

/**
 * The digest of `bytes`; yields the share done.
 * @throws NetkinError 'unsupported' where the runtime has no SHA-256: pages that are no secure context
 */
export function* digested(bytes: Uint8Array): Work<Uint8Array<ArrayBuffer>> {
  const pieces = Math.ceil(bytes.length / PIECE);
  const digests = new Uint8Array(pieces * DIGEST_BYTES);
  for (let piece = 0; piece < pieces; piece++) {
    yield sha256(bytes.subarray(piece * PIECE, (piece + 1) * PIECE)).then((digest) => {
      digests.set(digest, piece * DIGEST_BYTES);
    });
    yield (piece + 1) / pieces;
  }
  let whole = new Uint8Array(0);
  yield sha256(digests).then((digest) => {
    whole = digest;
  });
  return whole;
}

async function sha256(bytes: Uint8Array): Promise<Uint8Array<ArrayBuffer>> {
  const subtle = globalThis.crypto?.subtle;
  if (!subtle) {
    refuse(
      'unsupported',
      'Index files carry a SHA-256 checksum, and this page cannot compute one: it is no secure context. Serve it over https, or from localhost.',
    );
  }
  // The digest of shared memory is refused everywhere.
  const own = bytes.buffer instanceof ArrayBuffer ? (bytes as Uint8Array<ArrayBuffer>) : bytes.slice();
  return new Uint8Array(await subtle.digest('SHA-256', own));
}

/** A digest as 64 hexadecimal digits. */
export function hexadecimal(digest: Uint8Array): string {
  return Array.from(digest, (byte) => byte.toString(16).padStart(2, '0')).join('');
}
