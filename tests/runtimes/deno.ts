import { join } from 'node:path';
import { root } from './bundle.js';
import { processDriver } from './process.js';

const binary = join(root, 'node_modules/.bin/deno');

export const deno = processDriver('Deno', binary, [
  'run',
  '--quiet',
  '--allow-all',
  '--node-modules-dir=manual',
]);
