/**
 * The one door to tfjs 4.22.0. What is private in its types but used here (the engine's `runKernel` and two
 * depth counters, the wasm backend's heap) is named in this file only; upstream is frozen at this version.
 */
import * as tf from '@tensorflow/tfjs';
import { setWasmPaths } from '@tensorflow/tfjs-backend-wasm';
import { refuse } from '../errors.js';
import type { Runtime } from '../runtime.js';

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

interface WasmBackend extends tf.KernelBackend {
  readonly wasm: { readonly asm: { readonly memory: WebAssembly.Memory } };
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
  if (tf.getBackend() === 'wasm') return;
  if (runtime.backendFiles) setWasmPaths(runtime.backendFiles);
  // The threaded build has a shared heap, which our kernels cannot import, and hangs when minified.
  tf.env().set('WASM_HAS_MULTITHREAD_SUPPORT', false);
  await runtime.startBackend(async () => {
    const started = await tf.setBackend('wasm');
    if (!started)
      refuse('unsupported', "tfjs's wasm backend did not start: WebAssembly may be switched off here.");
    await tf.ready();
  });
}

/** tfjs's own heap: our kernels run on its tensors without copying. */
export function tfjsMemory(): WebAssembly.Memory {
  return wasmBackend().wasm.asm.memory;
}

/** Where a tensor's values start in tfjs's heap, in bytes. Holds until the next allocation frees or moves it. */
export function address(tensor: tf.TensorInfo): number {
  return wasmBackend().dataIdMap.get(tensor.dataId as object).memoryOffset;
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
