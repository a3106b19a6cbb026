import { createRequire } from 'node:module';
import { dirname, join } from 'node:path';
import { processDriver } from './process.js';

const require = createRequire(import.meta.url);
const folder = dirname(require.resolve('deno/package.json'));
const binary = join(folder, process.platform === 'win32' ? 'deno.exe' : 'deno');
const parameters = ['run', '--quiet', '--allow-all', '--node-modules-dir=manual'];

export const deno = processDriver('Deno', binary, parameters);
export const denoWorker = processDriver('Deno, in a worker', binary, parameters, 'worker');
