import { processDriver } from './process.js';

export const node = processDriver('Node', process.execPath, []);
