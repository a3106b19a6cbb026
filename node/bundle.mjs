// Makes self-contained folders for runtimes without node_modules: our JavaScript and tfjs in one, the wasm files beside.
import { copyFileSync, writeFileSync } from 'node:fs';
import { dirname, join } from 'node:path';
import { fileURLToPath } from 'node:url';
import { build } from 'esbuild';
import { notices } from './third-party.mjs';

const root = dirname(dirname(fileURLToPath(import.meta.url)));
const wasm = ['kernel.wasm', 'tfjs.wasm'];

/** tfjs without what netkin does not use: other backends, the loaders of its wasm, its part for Node. */
const slimTfjs = {
  name: 'slim tfjs',
  setup({ onResolve, onLoad }) {
    const path = join(root, 'src/network/bundled-tfjs.ts');
    onResolve({ filter: /^@tensorflow\/tfjs$/ }, () => ({ path }));
    // src/network/binary.ts starts the wasm binary instead.
    const unused =
      /[\\/]@tensorflow[\\/]tfjs-(backend-wasm[\\/]wasm-out|core[\\/]dist[\\/]platforms[\\/]platform_node)/;
    onLoad({ filter: unused }, () => ({ contents: 'export const wasmWorkerContents = "";' }));
  },
};

/**
 * Bundles entries, `{ name: source file }`, into `outdir` (relative to the root); parts that they share come once.
 * @param options further options of esbuild
 */
async function bundle(entries, outdir, options = {}) {
  const folder = join(root, outdir);
  const { metafile } = await build({
    absWorkingDir: root,
    entryPoints: entries,
    outdir: folder,
    bundle: true,
    splitting: true,
    chunkNames: '[name]-[hash]',
    format: 'esm',
    target: 'es2022',
    minify: true,
    mainFields: ['module', 'main'],
    legalComments: 'external',
    banner: { js: '// netkin, with the packages named in THIRD-PARTY.txt' },
    metafile: true,
    logLevel: 'warning',
    plugins: [slimTfjs],
    ...options,
  });
  for (const file of wasm) copyFileSync(join(root, 'dist', file), join(folder, file));
  writeFileSync(join(folder, 'THIRD-PARTY.txt'), notices(root, Object.keys(metafile.inputs)));
}

export async function bundleAll() {
  // The runtimes hand these files over compiled.
  const external = ['./kernel.wasm', './tfjs.wasm', './kernel.wasm?module', './tfjs.wasm?module'];
  const edge = { index: 'web/edge/workerd.ts', 'edge-light': 'web/edge/edge-light.ts' };
  await bundle(edge, 'dist/edge', { external, chunkNames: 'netkin' });
}
