/** The entry of a worker thread. */
import { parentPort } from 'node:worker_threads';
import comlink from 'comlink';
import nodeEndpoint from 'comlink/dist/esm/node-adapter.mjs';
import { makeService } from '../src/workers/service.js';
import { nodeRuntime } from './runtime.js';

comlink.expose(makeService(nodeRuntime), nodeEndpoint(parentPort!));
