/** The port for browsers: files are fetched; several cores only where the page may share memory. */
import type { RemoteWorker, Runtime } from '../src/runtime.js';
import { compile } from './compile.js';
import { fetchBytes } from './fetch.js';

/** Where the wasm files lie. */
export interface WasmFiles {
  readonly kernel: URL;
  readonly sharedKernel: URL;
  readonly tfjs: URL;
}

export function browserRuntime(files: WasmFiles, spawn: () => Promise<RemoteWorker>): Runtime {
  return {
    name: 'browser',
    // Without cross-origin isolation there is no shared memory, and all is computed in one thread.
    threads: globalThis.crossOriginIsolated ? navigator.hardwareConcurrency : 0,
    kernel: () => compile(files.kernel),
    sharedKernel: () => compile(files.sharedKernel),
    tfjs: () => compile(files.tfjs),
    read: fetchBytes,
    spawn,
  };
}
