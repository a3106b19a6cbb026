/** Memory of the caller's that another thread has now: its views are of length 0. */
import { refuse } from './errors.js';

export function givenAway(): never {
  refuse(
    'usage',
    'The bytes of the index were transferred away, and rows are read from them: hand over a copy, or keep them.',
  );
}

/** @throws NetkinError 'usage' for a view, of one number or more once, whose memory is gone */
export function assertThere(view: { readonly length: number }): void {
  if (view.length === 0) givenAway();
}
