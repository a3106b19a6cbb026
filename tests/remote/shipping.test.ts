/** Data made ready for another thread. */
import { expect, test, vi } from 'vitest';
import { shipAway, shipCopies } from '../../src/remote/shipping.js';

class Halves extends Float32Array {}

test('subclasses of typed arrays travel as plain ones, without a warning', () => {
  const warned = vi.spyOn(process, 'emitWarning');
  const given = { image: Buffer.from([1, 2, 3]), values: new Halves([0.5, 1.5]), rest: Int16Array.of(-7) };
  for (const ship of [shipCopies, shipAway]) {
    const { value, moving } = ship(given);
    expect(value).toEqual({
      image: Uint8Array.of(1, 2, 3),
      values: Float32Array.of(0.5, 1.5),
      rest: Int16Array.of(-7),
    });
    expect(value.image.constructor).toBe(Uint8Array);
    expect(value.values.constructor).toBe(Float32Array);
    expect(moving).toHaveLength(3);
  }
  expect(warned).not.toHaveBeenCalled();
});

test('an array that was transferred away is refused', () => {
  const gone = new Float32Array(4);
  structuredClone(null, { transfer: [gone.buffer] });
  expect(() => shipCopies([gone])).toThrow(expect.objectContaining({ name: 'NetkinError', code: 'usage' }));
});
