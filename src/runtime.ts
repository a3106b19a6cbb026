import type { Host } from './remote/host.js';
import type { Transfer } from './remote/shipping.js';
import type { Service } from './workers/service.js';

/**
 * The port: all that the core asks of the place it runs in. An adapter (node/, web/) implements it in about
 * sixty lines; nothing under src/ imports one.
 */
export interface Runtime {
  readonly name: 'node' | 'browser' | 'edge';
  /** Workers worth starting; below 2 the caller computes alone. */
  readonly threads: number;
  /** The compiled kernel module. Compiled here or handed over by the bundler, as the runtime allows. */
  kernel(): Promise<WebAssembly.Module>;
  /** The compiled module of tfjs's `tfjs-backend-wasm-simd.wasm`; asked for only where tfjs is not running yet. */
  tfjs(): Promise<WebAssembly.Module>;
  /** All bytes at a path or URL; rejects with a `NetkinError` of code `input` that names the location. */
  read(location: string | URL): Promise<Uint8Array>;
  /** The kernels for a shared memory; only with `spawn`. */
  sharedKernel?(): Promise<WebAssembly.Module>;
  /**
   * Asks the engine to fuse 128-bit operations of modules compiled from now on into 256-bit ones, for the whole process;
   * false where it cannot.
   */
  revectorize?(): boolean;
  /** Starts a worker; absent where there are none. */
  spawn?(): Promise<RemoteWorker>;
}

/** What a worker exposes through Comlink. */
export interface WorkerFace {
  /** Strips and captures on memory shared with an engine. */
  readonly service: Service;
  /** An engine of its own. */
  readonly host: Host;
}

/** A worker, seen from outside. */
export interface RemoteWorker extends WorkerFace {
  /** Marks what moves with a call instead of being cloned. */
  readonly transfer: Transfer;
  /** Settles with the reason when the worker has ended, however. */
  readonly ended: Promise<string>;
  terminate(): void;
  /** Whether the process must stay alive for it. */
  hold(busy: boolean): void;
}
