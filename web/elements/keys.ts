/** Where the arrow keys lead in a list with one stop for Tab. */

/** @returns the place after this key, or null where the key means nothing to a list */
export function placeAfter(key: string, place: number, size: number): number | null {
  const last = size - 1;
  switch (key) {
    case 'ArrowDown':
      return Math.min(place + 1, last);
    case 'ArrowUp':
      return Math.max(place - 1, 0);
    case 'Home':
      return 0;
    case 'End':
      return last;
    default:
      return null;
  }
}
