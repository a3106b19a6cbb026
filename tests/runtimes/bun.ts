import { join } from 'node:path';
import { root } from './bundle.js';
import { processDriver } from './process.js';

export const bun = processDriver('Bun', join(root, 'node_modules/.bin/bun'), ['run']);
