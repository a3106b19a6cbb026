/** Scripts for runtimes: the claims and what runs them as one file. */
import { dirname, join } from 'node:path';
import { fileURLToPath } from 'node:url';
import { type BuildOptions, build, type Plugin } from 'esbuild';

export const root = dirname(dirname(dirname(fileURLToPath(import.meta.url))));

/** @param entry the name of a file under `inside/` */
export async function bundle(entry: string, options: BuildOptions = {}): Promise<Uint8Array> {
  const { outputFiles } = await build({
    entryPoints: [join(root, 'tests/runtimes/inside', `${entry}.ts`)],
    bundle: true,
    write: false,
    format: 'esm',
    target: 'es2022',
    mainFields: ['module', 'main'],
    logLevel: 'error',
    ...options,
  });
  return outputFiles![0]!.contents;
}

/** Leaves netkin out of the bundle: it is imported from a place of the runtime's. */
export function importing(place: string): Plugin {
  return {
    name: 'importing',
    setup({ onResolve }) {
      onResolve({ filter: /^netkin$/ }, () => ({ path: place, external: true }));
    },
  };
}
