/**
 * What a worker exposes through Comlink. It shares the caller's kernel memory, so tasks carry addresses; results and
 * inputs lie in that memory, and nothing large is cloned.
 */
import { elements } from '../array.js';
import { type Failure, failureOf } from '../errors.js';
import { type Kernel, wasmKernel } from '../kernel/kernel.js';
import { Views } from '../kernel/views.js';
import { widened } from '../kernel/wide.js';
import type { NetworkParcel, OpenNetwork } from '../network/parcel.js';
import type { Runtime } from '../runtime.js';
import { computeMoments, type MomentsTask } from '../similarity/moments.js';
import type { Operand } from '../similarity/operand.js';
import { RowWriter, type Staging } from '../similarity/row-writer.js';
import { computeStrip, type StripTask } from '../similarity/strip-task.js';

/** A run of inputs to be captured. */
export interface CaptureTask {
  /** Address and shape of each model input, float32. */
  readonly inputs: readonly { readonly pointer: number; readonly shape: readonly number[] }[];
  /** The first input's number in the set, and its place in the target, a multiple of 16. */
  readonly first: number;
  readonly place: number;
  readonly target: Operand;
  readonly staging: readonly Staging[];
  /** Address for the values of the heads, inputs × outputs. */
  readonly outputs: number;
}

/** Every call answers null, or why it failed: errors lose their class on the way. */
export interface Service {
  /**
   * Makes a memory known by a number of the caller's.
   * @param wide scratch of this worker's own for 256-bit kernels, or 0: without them
   */
  attach(
    id: number,
    kernel: WebAssembly.Module,
    memory: WebAssembly.Memory,
    wide: number,
  ): Promise<Failure | null>;
  detach(id: number): Promise<Failure | null>;
  strip(id: number, task: StripTask): Promise<Failure | null>;
  moments(id: number, task: MomentsTask): Promise<Failure | null>;
  /** Opens a network for captures into memory `id`; {@link Service.detach} closes it. */
  openNetwork(id: number, parcel: NetworkParcel): Promise<Failure | null>;
  capture(id: number, task: CaptureTask): Promise<Failure | null>;
}

interface Place {
  readonly kernel: Kernel;
  readonly views: Views;
}

/** The worker's side. @param runtime where the worker runs; it starts tfjs only for {@link Service.openNetwork} */
export function makeService(runtime: Runtime): Service {
  const places = new Map<number, Place>();
  const networks = new Map<number, OpenNetwork>();

  const answer = async (act: () => void | Promise<void>): Promise<Failure | null> => {
    try {
      await act();
      return null;
    } catch (error) {
      return failureOf(error);
    }
  };
  const placeOf = (id: number): Place => {
    const place = places.get(id);
    if (!place) throw new Error(`Memory ${id} is not attached.`);
    return place;
  };

  return {
    attach: (id, module, memory, wide) =>
      answer(() => {
        const kernel = wasmKernel(module, memory);
        places.set(id, { kernel: wide ? widened(kernel, wide) : kernel, views: new Views(memory) });
      }),
    detach: (id) =>
      answer(() => {
        places.delete(id);
        networks.get(id)?.close();
        networks.delete(id);
      }),
    strip: (id, task) =>
      answer(() => {
        const { kernel, views } = placeOf(id);
        computeStrip(kernel, views, task);
      }),
    moments: (id, task) =>
      answer(() => {
        const { kernel, views } = placeOf(id);
        computeMoments(kernel, views, task);
      }),
    openNetwork: (id, parcel) =>
      answer(async () => {
        const { openParcel } = await import('../network/parcel.js');
        const opened = await openParcel(parcel, runtime);
        // The memory may be gone, or the network open a second time, after the wait.
        networks.get(id)?.close();
        if (places.has(id)) networks.set(id, opened);
        else opened.close();
      }),
    capture: (id, task) =>
      answer(() => {
        const network = networks.get(id);
        if (!network) throw new Error(`No network is open for memory ${id}.`);
        captureTask(placeOf(id), network, task);
      }),
  };
}

function captureTask({ kernel, views }: Place, network: OpenNetwork, task: CaptureTask): void {
  const inputs = task.inputs.map(({ pointer, shape }) => {
    // tfjs takes no view of shared memory.
    return { shape, data: views.floats(pointer, elements(shape)).slice() };
  });
  const { batch, outputs } = network.capture(inputs, task.first);
  new RowWriter(kernel, views, task.target, task.staging, task.place).append(batch);
  views.floats(task.outputs, outputs.length).set(outputs);
}
