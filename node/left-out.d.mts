import type { Plugin } from 'esbuild';

export const wasmExports: readonly string[];
export const leftOut: Plugin;
