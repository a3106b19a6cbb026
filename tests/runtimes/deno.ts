import { join } from 'node:path';
import { root } from './bundle.js';
import { processDriver } from './process.js';

const binary = join(root, 'node_modules/.bin/deno');

const parameters = ['run', '--quiet', '--allow-all', '--node-modules-dir=manual'];

export const deno = processDriver('Deno', binary, parameters);
export const denoWorker = processDriver('Deno, in a worker', binary, parameters, 'worker');
