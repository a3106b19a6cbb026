/** The entry of a worker thread. */
import { parentPort } from 'node:worker_threads';
import comlink from 'comlink';
import nodeEndpoint from 'comlink/dist/esm/node-adapter.mjs';
import { makeHost } from '../src/remote/host.js';
import { makeService } from '../src/workers/service.js';
import { nodeRuntime } from './runtime.js';

const face = { service: makeService(nodeRuntime), host: makeHost(nodeRuntime, comlink.transfer) };
comlink.expose(face, nodeEndpoint(parentPort!));
