// Builds dist/: the wasm kernels from assembly/ (for a memory of one thread, and for a shared one), tfjs's wasm, then
// the TypeScript of src/, web/ and node/; beside them the benchmark's measure of the machine and its Python. At last the bundles.
import { spawnSync } from 'node:child_process';
import { chmodSync, copyFileSync, rmSync } from 'node:fs';
import { createRequire } from 'node:module';
import { dirname, join } from 'node:path';
import { fileURLToPath } from 'node:url';
import { bundleAll } from './bundle.mjs';

const root = dirname(dirname(fileURLToPath(import.meta.url)));
const require = createRequire(import.meta.url);

function run(packageName, executable, ...parameters) {
  const folder = dirname(require.resolve(`${packageName}/package.json`));
  const { status } = spawnSync(process.execPath, [join(folder, executable), ...parameters], {
    cwd: root,
    stdio: ['ignore', 2, 2],
  });
  if (status !== 0) process.exit(1);
}

rmSync(join(root, 'dist'), { recursive: true, force: true });
run('assemblyscript', 'bin/asc.js', '--config', 'asconfig.json', '--target', 'release');
run('assemblyscript', 'bin/asc.js', '--config', 'asconfig.json', '--target', 'shared');
run('assemblyscript', 'bin/asc.js', '--config', 'assembly/asconfig.peak.json', '--target', 'peak');
copyFileSync(
  require.resolve('@tensorflow/tfjs-backend-wasm/dist/tfjs-backend-wasm-simd.wasm'),
  join(root, 'dist/tfjs.wasm'),
);
run('typescript', 'bin/tsc', '--project', 'node/tsconfig.json');
chmodSync(join(root, 'dist/node/cli.js'), 0o755);
copyFileSync(join(root, 'node/bench/peers.py'), join(root, 'dist/node/bench/peers.py'));
await bundleAll();
