/** WebAssembly of the page's own server, and why it cannot be had. */
import { refuse } from '../src/errors.js';
import { fetchBytes } from './fetch.js';

/** What every wasm file begins with, and a whole module by itself: "\0asm", version 1. */
const EMPTY = Uint8Array.of(0, 97, 115, 109, 1, 0, 0, 0);

/** @throws NetkinError 'input' for a file that is not what its name says, 'usage' where a policy forbids WebAssembly */
export async function compile(file: URL): Promise<WebAssembly.Module> {
  const bytes = await fetchBytes(file);
  if (EMPTY.some((byte, i) => bytes[i] !== byte)) {
    const begins = new TextDecoder()
      .decode(bytes.subarray(0, 60))
      .replace(/[\s\0]+/g, ' ')
      .trim();
    refuse(
      'input',
      `'${file}' is no WebAssembly file: ${begins ? `it begins with '${begins}'` : 'it is empty'}. Serve the files of netkin's folder dist/browser as they are.`,
    );
  }
  try {
    return await WebAssembly.compile(bytes);
  } catch (error) {
    if (await forbidden()) {
      refuse(
        'usage',
        `The content security policy of '${globalThis.location.href}' forbids WebAssembly: its script-src needs 'wasm-unsafe-eval'.`,
        error,
      );
    }
    return refuse('input', `'${file}' is a damaged WebAssembly file: ${(error as Error).message}`, error);
  }
}

/** Browsers tell of a policy in words of their own; none compiles even the empty module then. */
function forbidden(): Promise<boolean> {
  return WebAssembly.compile(EMPTY).then(
    () => false,
    () => true,
  );
}
