/**
 * Capturing a whole set: batch by batch in this thread, and by workers once the first batches show that the rest takes
 * long enough. The bits are the same: tfjs's wasm kernels do not depend on the batch, and every input is packed alone.
 */
import type { NdArray } from './array.js';
import type { SharedWork } from './crew.js';
import { type Examples, slice } from './inputs.js';
import { LANES } from './kernel/kernel.js';
import type { Network } from './network/network.js';
import { packNetwork } from './network/parcel.js';
import type { Objective, OutputChoice } from './network/selection.js';
import { reserveStaging } from './similarity/row-writer.js';
import type { Rows } from './similarity/rows.js';
import type { Work } from './work.js';

/** Milliseconds of remaining work that are worth starting tfjs and the model in every worker. */
const WORTHWHILE = 2500;

export interface CaptureRequest {
  readonly network: Network;
  readonly examples: Examples;
  readonly output: OutputChoice;
  readonly objective: Objective;
  /** Inputs per forward pass. */
  readonly batch: number;
}

/** Fills `rows`; `outputs`, where wanted, with the values of the heads (inputs × outputs). Yields the share done. */
export function* capture(
  request: CaptureRequest,
  rows: Rows,
  outputs: Float32Array | null,
  shared: SharedWork | null,
): Work<void> {
  const { network, examples, output, objective, batch } = request;
  const { size, arrays } = examples;
  const start = Date.now();
  for (let first = 0; first < size; first += batch) {
    // The first batch pays for compilation, so the second is the one to go by.
    const rest = first > batch ? ((Date.now() - start) / first) * (size - first) : 0;
    if (shared && outputs && rest > WORTHWHILE && first % LANES === 0) {
      let parcel: Awaited<ReturnType<typeof packNetwork>> = null;
      yield packNetwork(network, output, objective).then((packed) => {
        parcel = packed;
      });
      if (parcel) {
        yield shared.openNetwork(parcel);
        yield* captureByWorkers(request, rows, outputs, shared, first);
        return;
      }
    }
    const last = Math.min(first + batch, size);
    const captured = network.capture(slice(arrays, first, last), output, objective, first);
    rows.append(captured.batch);
    outputs?.set(captured.outputs, (first * outputs.length) / size);
    yield last / size;
  }
}

function* captureByWorkers(
  { examples: { arrays, size }, batch }: CaptureRequest,
  rows: Rows,
  outputs: Float32Array,
  shared: SharedWork,
  from: number,
): Work<void> {
  const { arena, raw, terms } = rows;
  const chunk = Math.max(LANES, Math.floor(batch / LANES) * LANES);
  const width = outputs.length / size;
  const mark = arena.mark();
  const running = new Map<number, Promise<number>>();
  try {
    const slots = Array.from({ length: shared.threads }, () => ({
      inputs: arrays.map(({ data }) => arena.allocate((data.length / size) * chunk * 4)),
      staging: reserveStaging(terms, rows.outputs, arena),
      outputs: arena.allocate(width * chunk * 4),
    }));
    const { outputs: functions, activities, values } = raw;
    const target = { terms, outputs: functions, size, activities, values };
    const begin = (slot: number, first: number) => {
      const { inputs, staging, outputs: place } = slots[slot];
      const last = Math.min(first + chunk, size);
      const own = slice(arrays, first, last);
      own.forEach(({ data }, i) => {
        arena.floats(inputs[i], data.length).set(data);
      });
      const told = own.map((array: NdArray, i) => ({ pointer: inputs[i], shape: array.shape }));
      const done = shared.capture({ inputs: told, first, target, staging, outputs: place }).then(() => {
        const length = (last - first) * width;
        outputs.set(arena.floats(place, length), first * width);
        return slot;
      });
      done.catch(() => undefined);
      running.set(slot, done);
    };
    let next = from;
    for (let slot = 0; slot < slots.length && next < size; slot++, next += chunk) begin(slot, next);
    while (running.size > 0) {
      let free = -1;
      yield Promise.race(running.values()).then((slot) => {
        free = slot;
      });
      if (free < 0) continue;
      running.delete(free);
      if (next < size) {
        begin(free, next);
        next += chunk;
      }
      yield Math.max(0, next - running.size * chunk) / size;
    }
  } finally {
    if (running.size > 0) yield Promise.allSettled(running.values());
    arena.release(mark);
  }
}
