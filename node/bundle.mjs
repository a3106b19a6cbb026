// Makes self-contained folders for runtimes without node_modules: our JavaScript and tfjs in one, the wasm files beside.
import { copyFileSync, readFileSync, writeFileSync } from 'node:fs';
import { dirname, join } from 'node:path';
import { fileURLToPath } from 'node:url';
import { build } from 'esbuild';
import { direct } from './direct.mjs';
import { leftOut, wasmExports } from './left-out.mjs';
import { notices } from './third-party.mjs';
import { wasmWithout } from './wasm-without.mjs';

const root = dirname(dirname(fileURLToPath(import.meta.url)));

/**
 * Packages without what netkin does not use; of tfjs: other backends, the loaders of its wasm, its part for Node; of
 * jpeg-js what writes files.
 */
const slim = {
  name: 'slim',
  setup({ onResolve, onLoad }) {
    const path = join(root, 'src/network/bundled-tfjs.ts');
    onResolve({ filter: /^@tensorflow\/tfjs$/ }, () => ({ path }));
    // The sources of ml-matrix: what the package names first is one CommonJS file that cannot be shaken.
    onResolve({ filter: /^ml-matrix$/ }, () => ({ path: join(root, 'node_modules/ml-matrix/src/index.js') }));
    // tfjs uses one of its generators.
    onResolve({ filter: /^seedrandom$/ }, () => ({
      path: join(root, 'node_modules/seedrandom/lib/alea.js'),
    }));
    onLoad({ filter: /[\\/]seedrandom[\\/]lib[\\/]alea\.js$/ }, ({ path }) => ({
      contents: `${readFileSync(path, 'utf8')}\nmodule.exports.alea = module.exports;`,
    }));
    // src/network/binary.ts starts the wasm binary instead.
    const unused =
      /[\\/]@tensorflow[\\/]tfjs-(backend-wasm[\\/]wasm-out|core[\\/]dist[\\/]platforms[\\/]platform_node)/;
    onLoad({ filter: unused }, () => ({
      contents: 'export const wasmWorkerContents = ""; export default null;',
    }));
    onLoad(
      { filter: /[\\/]@tensorflow[\\/]tfjs-(core|layers|backend-(wasm|cpu))[\\/]dist[\\/].*\.js$/ },
      ({ path }) => ({
        contents: direct(readFileSync(path, 'utf8')),
      }),
    );
    onLoad({ filter: /[\\/]jpeg-js[\\/]lib[\\/]encoder\.js$/ }, () => ({
      contents: 'module.exports = null;',
    }));
    // What ml-matrix adds to its matrices: element-wise operations, and how Node's console shows them.
    const empty = (...names) => names.map((name) => `export function ${name}() {}`).join('\n');
    onLoad({ filter: /[\\/]ml-matrix[\\/]src[\\/]mathOperations\.js$/ }, () => ({
      contents: empty('installMathOperations'),
    }));
    onLoad({ filter: /[\\/]ml-matrix[\\/]src[\\/]inspect\.js$/ }, () => ({
      contents: empty('inspectMatrix', 'inspectMatrixWithOptions'),
    }));
  },
};

/**
 * What our modules import lazily is imported at once: there is one file anyway, and esbuild would wrap every module that
 * such an import reaches, all of tfjs among them, into functions of their own.
 */
const atOnce = {
  name: 'at once',
  setup({ onLoad }) {
    onLoad({ filter: /\.ts$/ }, ({ path }) => {
      const places = [];
      const body = direct(readFileSync(path, 'utf8')).replace(/\bimport\('(\.[^']+)'\)/g, (lazy, place) => {
        if (place === './here.js') return lazy;
        places.push(place);
        return `Promise.resolve(lazy${places.length})`;
      });
      const imports = places.map((place, i) => `import * as lazy${i + 1} from '${place}';`);
      return { contents: [...imports, body].join('\n'), loader: 'ts' };
    });
  },
};

/** How the edge bundle is made. */
export const edgePlugins = [leftOut, slim, atOnce];

/** A module of ours that stays a file of its own, beside the bundle. */
const beside = (name, file) => ({
  name: `${file} beside it`,
  setup({ onResolve }) {
    onResolve({ filter: new RegExp(`^\\.{1,2}/${name}\\.js$`) }, () => ({
      path: `./${file}.js`,
      external: true,
    }));
  },
});

/** Makes one file of an entry and all that it needs. @returns the files that are in it */
async function bundle(entry, outfile, { external = [], plugins = [slim, atOnce] } = {}) {
  const { metafile } = await build({
    absWorkingDir: root,
    entryPoints: [entry],
    outfile: join(root, outfile),
    bundle: true,
    format: 'esm',
    target: 'es2022',
    minify: true,
    mainFields: ['module', 'main'],
    legalComments: 'external',
    banner: { js: '// netkin, with the packages named in THIRD-PARTY.txt' },
    metafile: true,
    logLevel: 'warning',
    logOverride: { 'import-is-undefined': 'error' },
    external,
    plugins,
  });
  return Object.keys(metafile.inputs);
}

/** Puts beside the bundles of a folder the wasm that they need, and the licences of what is in them. */
function complete(folder, wasm, bundles) {
  for (const file of wasm) copyFileSync(join(root, 'dist', file), join(root, folder, file));
  writeFileSync(join(root, folder, 'THIRD-PARTY.txt'), notices(root, bundles.flat()));
}

export async function bundleAll() {
  // Few files, which any bundler and any server can pass on.
  complete(
    'dist/browser',
    ['kernel.wasm', 'kernel-shared.wasm', 'tfjs.wasm'],
    [
      await bundle('web/index.ts', 'dist/browser/index.js', {
        plugins: [beside('here', 'here'), slim, atOnce],
      }),
      await bundle('web/here.ts', 'dist/browser/here.js'),
      await bundle('web/worker.ts', 'dist/browser/worker.js'),
    ],
  );
  // The runtimes hand these files over compiled.
  const external = ['./kernel.wasm', './tfjs.wasm', './kernel.wasm?module', './tfjs.wasm?module'];
  const plugins = [beside('edge', 'netkin'), atOnce];
  complete(
    'dist/edge',
    ['kernel.wasm', 'tfjs.wasm'],
    [
      await bundle('web/edge.ts', 'dist/edge/netkin.js', { plugins: edgePlugins }),
      await bundle('web/edge/workerd.ts', 'dist/edge/index.js', { external, plugins }),
      await bundle('web/edge/edge-light.ts', 'dist/edge/edge-light.js', { external, plugins }),
    ],
  );
  const tfjs = join(root, 'dist/edge/tfjs.wasm');
  writeFileSync(tfjs, await wasmWithout(readFileSync(tfjs), wasmExports));
  complete('dist/elements', [], [await bundle('web/elements/index.ts', 'dist/elements/index.js')]);
}
