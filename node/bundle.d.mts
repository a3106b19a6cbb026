import type { Plugin } from 'esbuild';

/** How the edge bundle is made. */
export const edgePlugins: Plugin[];
export function bundleAll(): Promise<void>;
