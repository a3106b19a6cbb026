/**
 * Plain data made ready to travel between threads with as few copies as can be: cloning a view would send all of its
 * buffer, and twice.
 */
import { refuse } from '../errors.js';

/** Marks what moves with a value instead of being cloned; Comlink's `transfer`. */
export type Transfer = <Value>(value: Value, moving: Transferable[]) => Value;

export interface Shipment<Value> {
  readonly value: Value;
  /** What moves with it. */
  readonly moving: ArrayBuffer[];
}

/**
 * The caller's data: arrays are copied, once, and the copies move; shared memory is sent as it is. Objects, arrays and
 * Maps are looked through.
 */
export function shipCopies<Value>(value: Value): Shipment<Value> {
  return ship(value, (view) => {
    try {
      return view.buffer.slice(view.byteOffset, view.byteOffset + view.byteLength);
    } catch (cause) {
      return refuse(
        'usage',
        'An array was transferred away before it was handed over: keep it, or a copy.',
        cause,
      );
    }
  });
}

/** Data that nobody here needs any more: arrays that fill their buffer move as they are. */
export function shipAway<Value>(value: Value): Shipment<Value> {
  return ship(value, (view) =>
    view.byteLength === view.buffer.byteLength
      ? view.buffer
      : view.buffer.slice(view.byteOffset, view.byteOffset + view.byteLength),
  );
}

type View = ArrayBufferView<ArrayBuffer> & { readonly length: number; readonly [Symbol.toStringTag]: string };
type ViewConstructor = new (buffer: ArrayBuffer) => View;

/** Typed arrays have subclasses, as Node's Buffer; cloned, they become plain ones in any case. */
function plainClass(view: View): ViewConstructor {
  return Reflect.get(globalThis, view[Symbol.toStringTag]);
}

function ship<Value>(value: Value, bufferOf: (view: View) => ArrayBuffer): Shipment<Value> {
  const moving = new Set<ArrayBuffer>();
  const visit = (item: unknown): unknown => {
    if (typeof item !== 'object' || item === null) return item;
    if (ArrayBuffer.isView(item)) {
      if (!(item.buffer instanceof ArrayBuffer) || item instanceof DataView) return item;
      const buffer = bufferOf(item as View);
      moving.add(buffer);
      return new (plainClass(item as View))(buffer);
    }
    if (Array.isArray(item)) return item.map(visit);
    if (item instanceof Map) return new Map(Array.from(item, ([key, entry]) => [key, visit(entry)]));
    if (Object.getPrototypeOf(item) !== Object.prototype) return item;
    return Object.fromEntries(Object.entries(item).map(([key, entry]) => [key, visit(entry)]));
  };
  return { value: visit(value) as Value, moving: [...moving] };
}
