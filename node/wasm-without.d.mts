/** A wasm file without some of its exports, and without what only they used. */
export function wasmWithout(bytes: Uint8Array, exports: readonly string[]): Uint8Array;
