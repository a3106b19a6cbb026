/** Addresses that a page hands over, relative to it. */
import { refuse } from '../src/errors.js';

/** @throws NetkinError 'usage' that begins with `what`, where the address is none */
function addressOf(given: unknown, what: string): URL {
  const base = globalThis.document?.baseURI ?? globalThis.location.href;
  const text = typeof given === 'string' || given instanceof URL ? String(given).trim() : '';
  try {
    // The empty address would be that of the page.
    if (text) return new URL(text, base);
  } catch {
    // Said below.
  }
  return refuse(
    'usage',
    `${what} is ${typeof given === 'string' ? `'${given}'` : String(given)}; give a URL.`,
  );
}

/** Where a model lies. */
export function modelAddress(given: string): URL {
  return addressOf(given, "The model's location");
}

/** The folder of the option assets, whether its last slash was written or not; null: beside the module. */
export function assetsFolder(given: unknown): URL | null {
  if (given === undefined) return null;
  const folder = addressOf(given, 'Option assets');
  if (!folder.pathname.endsWith('/')) folder.pathname += '/';
  return folder;
}
