/**
 * The one door to tfjs 4.22.0. What is private in its types but used here (the engine's `runKernel` and two
 * depth counters, the wasm backend's heap) is named in this file only; upstream is frozen at this version.
 */
import * as tf from '@tensorflow/tfjs';
import { BackendWasm } from '@tensorflow/tfjs-backend-wasm';
import { refuse } from '../errors.js';
import type { Runtime } from '../runtime.js';
import { outOfMemory, startBinary, type TfjsBinary } from './binary.js';

export { tf };

/** The parts of tfjs's engine that recording needs. */
export interface TfjsEngine {
  runKernel(name: string, inputs: tf.NamedTensorMap, attributes?: object): tf.Tensor | tf.Tensor[];
  makeTensorFromTensorInfo(info: tf.TensorInfo): tf.Tensor;
  readonly state: {
    gradientDepth: number;
    kernelDepth: number;
    activeTape: { readonly saved?: readonly tf.Tensor[] }[] | null;
  };
}

/** tfjs's own rank of the backend, so that it stays the first choice. */
const WASM_PRIORITY = 2;

interface WasmBackend extends tf.KernelBackend {
  readonly wasm: {
    readonly asm: { readonly memory: WebAssembly.Memory };
    _malloc(bytes: number): number;
    _free(pointer: number): void;
  };
  readonly dataIdMap: { get(id: object): { readonly memoryOffset: number } };
  makeOutput(shape: readonly number[], dtype: tf.DataType): tf.TensorInfo;
}

export function tfjsEngine(): TfjsEngine {
  return tf.engine() as unknown as TfjsEngine;
}

function wasmBackend(): WasmBackend {
  if (tf.getBackend() !== 'wasm')
    refuse('usage', `tfjs runs on its '${tf.getBackend()}' backend; netkin needs 'wasm'.`);
  return tf.backend() as unknown as WasmBackend;
}

/** Starts the wasm backend once; tfjs's registry is global, so this also holds for the caller's own tfjs. */
export async function startTfjs(runtime: Runtime): Promise<void> {
  // The caller may be starting it at this moment.
  if (tf.getBackend() === 'wasm') await tf.ready();
  if (!isRegistered()) {
    const binary = await startBinary(await runtime.tfjs());
    // Two calls may have come this far: from here to the registration nothing waits, and the first one counts.
    if (!isRegistered()) register(binary);
  }
  if (tf.getBackend() !== 'wasm') await tf.setBackend('wasm');
  if (!(tfjsMemory().buffer instanceof ArrayBuffer)) {
    refuse(
      'unsupported',
      "tfjs runs its threaded wasm, whose heap netkin's kernels cannot import. Set tfjs's flag WASM_HAS_MULTITHREAD_SUPPORT to false first, or let netkin start it.",
    );
  }
  guardHeap();
}

const OVERRUN =
  "tfjs's heap is full, and its allocator lost count: start anew. The heap that netkin starts (await ready() before anything else of tfjs) can be used further.";
/** Heaps that refuse when they are full. */
const guarded = new WeakSet<object>();

/**
 * A heap that the caller started answers 0 when it is full, and tfjs would write there; its allocator also counts past
 * 4 GiB from 0 again, and what it says afterwards does not hold.
 */
function guardHeap(): void {
  const { wasm } = wasmBackend();
  if (guarded.has(wasm)) return;
  guarded.add(wasm);
  // Emscripten puts the true function in the place of this one at the first call.
  wasm._free(wasm._malloc(8));
  const { memory } = wasm.asm;
  const allocate = wasm._malloc;
  let overrun = false;
  wasm._malloc = (bytes) => {
    const pointer = overrun ? 0 : allocate(bytes) >>> 0;
    if (pointer > 0 && pointer + bytes <= memory.buffer.byteLength) return pointer;
    overrun ||= pointer > 0;
    return refuse('memory', overrun ? OVERRUN : outOfMemory(memory));
  };
}

/** Whether a backend 'wasm' runs, whoever started it; it need not be the current one. */
function isRegistered(): boolean {
  return Object.hasOwn(tf.engine().registry, 'wasm');
}

/** Puts a started binary in the place of tfjs's own way of starting it. */
function register(binary: TfjsBinary): void {
  guarded.add(binary);
  if (tf.findBackendFactory('wasm')) tf.removeBackend('wasm');
  type Emscripten = ConstructorParameters<typeof BackendWasm>[0];
  tf.registerBackend('wasm', () => new BackendWasm(binary as unknown as Emscripten), WASM_PRIORITY);
}

/** tfjs's own heap: our kernels run on its tensors without copying. */
export function tfjsMemory(): WebAssembly.Memory {
  return wasmBackend().wasm.asm.memory;
}

/** Where a tensor's values start in tfjs's heap, in bytes. Holds until the next allocation frees or moves it. */
export function address(tensor: tf.TensorInfo): number {
  return wasmBackend().dataIdMap.get(tensor.dataId as object).memoryOffset;
}

/** The values of a float32 tensor where they lie. Holds until anything is allocated: the heap may move. */
export function floats(tensor: tf.Tensor): Float32Array {
  return new Float32Array(tfjsMemory().buffer, address(tensor), tensor.size);
}

/** A float32 tensor on tfjs's heap with **uninitialised** values, for a kernel of ours to fill. */
export function uninitialised(shape: readonly number[]): tf.TensorInfo {
  return wasmBackend().makeOutput(shape, 'float32');
}

/** The same as a tensor of the current tidy scope. */
export function uninitialisedTensor(shape: readonly number[]): tf.Tensor {
  return tfjsEngine().makeTensorFromTensorInfo(uninitialised(shape));
}

/** Frees what the tape of a failed gradient holds on to: tfjs does that only for gradients that succeed. */
export function abandonTape(): void {
  const { state } = tfjsEngine();
  if (state.gradientDepth > 0) return;
  for (const { saved } of state.activeTape ?? []) tf.dispose([...(saved ?? [])]);
  state.activeTape = null;
}

export type RunKernel = TfjsEngine['runKernel'];

/** Every kernel that tfjs starts while `body` runs passes through `intercept`, which calls `run` itself. */
export function interceptKernels<Value>(intercept: (run: RunKernel) => RunKernel, body: () => Value): Value {
  const engine = tfjsEngine();
  const own = Object.hasOwn(engine, 'runKernel');
  const original = engine.runKernel;
  engine.runKernel = intercept((kernel, inputs, attributes) =>
    original.call(engine, kernel, inputs, attributes),
  );
  try {
    return body();
  } finally {
    if (own) engine.runKernel = original;
    else Reflect.deleteProperty(engine, 'runKernel');
  }
}
