/**
 * Capturing inputs of a set: batch by batch in this thread, or by workers where it takes long enough. The bits are the
 * same: tfjs's wasm kernels do not depend on the batch, and every input is packed alone.
 */
import { elements } from '../array.js';
import type { Examples } from '../inputs.js';
import { LANES } from '../kernel/kernel.js';
import type { Network } from '../network/network.js';
import { type NetworkParcel, packNetwork } from '../network/parcel.js';
import type { Objective, SettledChoice } from '../network/selection.js';
import { plain } from '../similarity/operand.js';
import { RowWriter, reserveStaging, stagingBytes } from '../similarity/row-writer.js';
import type { Shape, Variant } from '../similarity/rows.js';
import type { Work } from '../work.js';
import type { SharedWork } from '../workers/crew.js';

/** Milliseconds of work that are worth starting tfjs and the model in every worker. */
const WORTHWHILE = 2500;
/** The same where the network is open in the workers. */
const SHORT = 50;

export interface CaptureRequest {
  readonly network: Network;
  readonly examples: Examples;
  readonly output: SettledChoice;
  readonly objective: Objective;
  /** Inputs per forward pass. */
  readonly batch: number;
  /** Throws where the network is gone, or no longer the one that the first capture saw. */
  readonly assertSame: () => void;
}

/** Takes the values of the heads, inputs × outputs, of inputs `first`…; captured in ascending order or not. */
export type TakeOutputs = (first: number, outputs: Float32Array) => void;

/** Kernel memory that capturing takes beside the rows: staging here, and a run of inputs with its outputs for each worker. */
export function captureBytes(
  { examples, batch }: Pick<CaptureRequest, 'examples' | 'batch'>,
  shape: Shape,
  width: number,
  workers: number,
): number {
  const input = examples.arrays.reduce((sum, { shape: [, ...extents] }) => sum + elements(extents), 0);
  const staging = stagingBytes(shape.terms, shape.outputs);
  return staging + workers * (4 * (input + width) * chunkOf(batch) + staging + 512);
}

/** Inputs of a worker's task: whole panels. */
function chunkOf(batch: number): number {
  return Math.max(LANES, Math.floor(batch / LANES) * LANES);
}

/** Captures any inputs of one set, any number of times. */
export class Capturer {
  readonly #request: CaptureRequest;
  readonly #shared: SharedWork | null;
  readonly #take: TakeOutputs;
  /** Values of the heads of one input. */
  readonly #width: number;
  /** Milliseconds that one input took here; 0 before it is known. */
  #pace = 0;
  /** The network as workers get it; null where it cannot travel, undefined before that is known. */
  #parcel: NetworkParcel | null | undefined;

  constructor(request: CaptureRequest, width: number, shared: SharedWork | null, take: TakeOutputs) {
    this.#request = request;
    this.#width = width;
    this.#shared = shared;
    this.#take = take;
  }

  /** Kernel memory that capturing takes beside the rows. */
  bytes(shape: Shape): number {
    return captureBytes(this.#request, shape, this.#width, this.#shared?.threads ?? 0);
  }

  /** Fills the rows of inputs `rows.first` to before `rows.first + rows.size`. Yields the share done. */
  *range(rows: Variant): Work<void> {
    const { batch } = this.#request;
    const { arena, kernel } = rows.site;
    let start = 0;
    const mark = arena.mark();
    try {
      const writer = new RowWriter(kernel, arena, rows, reserveStaging(rows, arena));
      for (let done = 0; done < rows.size; done += batch) {
        // The first batch may pay for compilation, so it does not count.
        if (done === batch) start = Date.now();
        if (done > batch) this.#pace = (Date.now() - start) / (done - batch);
        if (done % LANES === 0 && (yield* this.#worthWorkers(rows.size - done))) {
          yield* this.#byWorkers(rows, done);
          return;
        }
        const first = rows.first + done;
        const last = Math.min(first + batch, rows.first + rows.size);
        writer.append(this.#capture(first, last));
        yield (last - rows.first) / rows.size;
      }
    } finally {
      arena.release(mark);
    }
  }

  /** Fills `rows` with those of some inputs of the set. */
  *some(rows: Variant, inputs: ArrayLike<number>): Work<void> {
    const { batch } = this.#request;
    const { arena, kernel } = rows.site;
    const mark = arena.mark();
    try {
      const writer = new RowWriter(kernel, arena, rows, reserveStaging(rows, arena));
      for (let place = 0; place < inputs.length; ) {
        // Neighbours in the set go through the network together.
        let count = 1;
        while (count < batch && inputs[place + count] === inputs[place] + count) count++;
        writer.append(this.#capture(inputs[place], inputs[place] + count));
        place += count;
        yield place / inputs.length;
      }
    } finally {
      arena.release(mark);
    }
  }

  #capture(first: number, last: number) {
    const { network, examples, output, objective, assertSame } = this.#request;
    assertSame();
    const captured = network.capture(examples.slice(first, last), output, objective, first);
    this.#take(first, captured.outputs);
    return captured.batch;
  }

  /** Whether workers take the rest; opens the network there when they do so for the first time. */
  *#worthWorkers(rest: number): Work<boolean> {
    const { network, output, objective } = this.#request;
    const shared = this.#shared;
    if (!shared || this.#parcel === null || rest <= chunkOf(this.#request.batch)) return false;
    if (rest * this.#pace < (this.#parcel ? SHORT : WORTHWHILE)) return false;
    if (!this.#parcel) {
      yield packNetwork(network, output, objective).then((packed) => {
        this.#parcel = packed;
      });
      if (!this.#parcel) return false;
    }
    let opened = true;
    yield shared.openNetwork(this.#parcel).catch((error) => {
      // Layers of the caller's own, which only this thread knows.
      if (error.code !== 'unsupported') throw error;
      opened = false;
    });
    if (!opened) this.#parcel = null;
    return opened;
  }

  *#byWorkers(rows: Variant, from: number): Work<void> {
    const { examples } = this.#request;
    const shared = this.#shared!;
    const { arena } = rows.site;
    const chunk = chunkOf(this.#request.batch);
    const mark = arena.mark();
    const running = new Map<number, Promise<number>>();
    try {
      const slots = Array.from({ length: shared.threads }, () => ({
        inputs: examples.arrays.map(({ shape }) => arena.allocate(elements(shape.slice(1)) * chunk * 4)),
        staging: reserveStaging(rows, arena),
        outputs: arena.allocate(this.#width * chunk * 4),
      }));
      const target = plain(rows);
      const begin = (slot: number, place: number) => {
        const { inputs, staging, outputs } = slots[slot];
        const first = rows.first + place;
        const last = rows.first + Math.min(place + chunk, rows.size);
        const own = examples.slice(first, last);
        own.forEach(({ data }, i) => {
          arena.floats(inputs[i], data.length).set(data);
        });
        const told = own.map(({ shape }, i) => ({ pointer: inputs[i], shape }));
        const done = shared.capture({ inputs: told, first, place, target, staging, outputs }).then(() => {
          this.#take(first, arena.floats(outputs, (last - first) * this.#width));
          return slot;
        });
        done.catch(() => undefined);
        running.set(slot, done);
      };
      let next = from;
      for (let slot = 0; slot < slots.length && next < rows.size; slot++, next += chunk) begin(slot, next);
      while (running.size > 0) {
        let free = -1;
        yield Promise.race(running.values()).then((slot) => {
          free = slot;
        });
        if (free < 0) continue;
        running.delete(free);
        if (next < rows.size) {
          begin(free, next);
          next += chunk;
        }
        yield Math.max(0, next - running.size * chunk) / rows.size;
      }
    } finally {
      if (running.size > 0) yield Promise.allSettled(running.values());
      arena.release(mark);
    }
  }
}
