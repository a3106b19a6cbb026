import { createRequire } from 'node:module';
import { dirname, join } from 'node:path';
import { processDriver } from './process.js';

const require = createRequire(import.meta.url);
const folder = dirname(require.resolve('bun/package.json'));
/** So called on every platform. */
const binary = join(folder, 'bin/bun.exe');

export const bun = processDriver('Bun', binary, ['run']);
export const bunWorker = processDriver('Bun, in a worker', binary, ['run'], 'worker');
