import { join } from 'node:path';
import { root } from './bundle.js';
import { processDriver } from './process.js';

const binary = join(root, 'node_modules/.bin/bun');

export const bun = processDriver('Bun', binary, ['run']);
export const bunWorker = processDriver('Bun, in a worker', binary, ['run'], 'worker');
