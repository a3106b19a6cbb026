/** How large an image may be, known from its header: decoding can make a thousand bytes of one. */
import { refuse } from '../errors.js';

export interface SizeLimit {
  readonly pixels: number;
  /** Completes "The image is 8000 × 8000 pixels, ". */
  readonly reason: string;
}

/** Above any network's input, and 64 MB for each channel. */
export const MOST_PIXELS: SizeLimit = { pixels: 64e6, reason: 'netkin reads up to 64 megapixels' };

/** @throws NetkinError 'input' before anything is allocated for an image that is empty or too large */
export function checkSize(width: number, height: number, name: string, limit: SizeLimit): void {
  if (width === 0 || height === 0)
    refuse('input', `${name} declares ${width} × ${height} pixels: damaged image.`);
  if (width * height > Math.min(limit.pixels, MOST_PIXELS.pixels)) {
    const { reason } = limit.pixels > MOST_PIXELS.pixels ? MOST_PIXELS : limit;
    refuse('input', `${name} is ${width} × ${height} pixels, ${reason}. Resize it.`);
  }
}
