/** Files of the web. */
import { NetkinError, refuse } from '../src/errors.js';

/** All bytes at a URL. @throws NetkinError 'input' that names the URL and the reason */
export async function fetchBytes(location: string | URL): Promise<Uint8Array<ArrayBuffer>> {
  try {
    const response = await fetch(location);
    if (!response.ok) refuse('input', `'${location}' answers ${response.status}. Check the address.`);
    return new Uint8Array(await response.arrayBuffer());
  } catch (error) {
    if (error instanceof NetkinError) throw error;
    return refuse('input', `'${location}' cannot be fetched: ${(error as Error).message}.`, error);
  }
}
