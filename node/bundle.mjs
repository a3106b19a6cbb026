// Makes self-contained folders for runtimes without node_modules: our JavaScript and tfjs in one, the wasm files beside.
import { copyFileSync, writeFileSync } from 'node:fs';
import { dirname, join } from 'node:path';
import { fileURLToPath } from 'node:url';
import { build } from 'esbuild';
import { notices } from './third-party.mjs';

const root = dirname(dirname(fileURLToPath(import.meta.url)));

/** Packages without what netkin does not use; of tfjs: other backends, the loaders of its wasm, its part for Node. */
const slim = {
  name: 'slim',
  setup({ onResolve, onLoad }) {
    const path = join(root, 'src/network/bundled-tfjs.ts');
    onResolve({ filter: /^@tensorflow\/tfjs$/ }, () => ({ path }));
    // The sources of ml-matrix: what the package names first is one CommonJS file that cannot be shaken.
    onResolve({ filter: /^ml-matrix$/ }, () => ({ path: join(root, 'node_modules/ml-matrix/src/index.js') }));
    // src/network/binary.ts starts the wasm binary instead.
    const unused =
      /[\\/]@tensorflow[\\/]tfjs-(backend-wasm[\\/]wasm-out|core[\\/]dist[\\/]platforms[\\/]platform_node)/;
    onLoad({ filter: unused }, () => ({ contents: 'export const wasmWorkerContents = "";' }));
  },
};

/**
 * Bundles entries, `{ name: source file }`, into `outdir` (relative to the root); parts that they share come once.
 * @param wasm files of dist/ that come along
 * @param options further options of esbuild
 */
async function bundle(entries, outdir, wasm, options = {}) {
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
    plugins: [slim],
    ...options,
  });
  for (const file of wasm) copyFileSync(join(root, 'dist', file), join(folder, file));
  writeFileSync(join(folder, 'THIRD-PARTY.txt'), notices(root, Object.keys(metafile.inputs)));
}

export async function bundleAll() {
  const wasm = ['kernel.wasm', 'kernel-shared.wasm', 'tfjs.wasm'];
  // One file, which any bundler and any server can pass on.
  await bundle({ worker: 'web/worker.ts' }, 'dist/browser', wasm, { splitting: false });
  await bundle({ index: 'web/index.ts', here: 'web/here.ts' }, 'dist/browser', [], {
    chunkNames: 'page-[hash]',
  });
  // The runtimes hand these files over compiled.
  const external = ['./kernel.wasm', './tfjs.wasm', './kernel.wasm?module', './tfjs.wasm?module'];
  const edge = { index: 'web/edge/workerd.ts', 'edge-light': 'web/edge/edge-light.ts' };
  await bundle(edge, 'dist/edge', ['kernel.wasm', 'tfjs.wasm'], { external, chunkNames: 'netkin' });
  await bundle({ index: 'web/elements/index.ts' }, 'dist/elements', []);
}
