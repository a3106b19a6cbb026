/**
 * The port: all that the core asks of the place it runs in. An adapter (node/, web/) implements it in about
 * sixty lines; nothing under src/ imports one.
 */
export interface Runtime {
  readonly name: 'node' | 'browser' | 'edge';
  /** Workers worth starting; 0 means: compute in the caller. */
  readonly threads: number;
  /** The compiled kernel module. Compiled here or handed over by the bundler, as the runtime allows. */
  kernel(): Promise<WebAssembly.Module>;
  /** Folder (URL ending in '/') of tfjs's wasm files; default: tfjs finds them beside itself. */
  readonly backendFiles?: string;
  /** Starts tfjs's wasm backend. Afterwards `tf.getBackend()` is `'wasm'`. */
  startBackend(start: () => Promise<void>): Promise<void>;
  /** All bytes at a path or URL; rejects with a `NetkinError` of code `input` that names the location. */
  read(location: string | URL): Promise<Uint8Array>;
}
