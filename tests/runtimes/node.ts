import { processDriver } from './process.js';

export const node = processDriver('Node', process.execPath, []);

export const nodeWorker = processDriver('Node, in a worker', process.execPath, [], 'worker');
