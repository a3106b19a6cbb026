/** The port for Node: files, and the wasm modules beside the compiled code. */
import type { Stats } from 'node:fs';
import { readFile, stat } from 'node:fs/promises';
import { availableParallelism } from 'node:os';
import { fileURLToPath } from 'node:url';
import { setFlagsFromString } from 'node:v8';
import { Worker } from 'node:worker_threads';
import comlink from 'comlink';
import nodeEndpoint from 'comlink/dist/esm/node-adapter.mjs';
import { NetkinError, refuse } from '../src/errors.js';
import type { Host } from '../src/remote/host.js';
import type { Runtime, WorkerFace } from '../src/runtime.js';
import type { Service } from '../src/workers/service.js';

const reasons: Readonly<Record<string, string>> = {
  ENOENT: 'does not exist',
  EACCES: 'may not be read',
  ENOTDIR: 'lies below something that is no folder',
};

/** Reads a whole regular file; refuses with the path and the reason. Devices and pipes may never end. */
export async function readBytes(location: string | URL): Promise<Uint8Array> {
  const path = location instanceof URL && location.protocol === 'file:' ? fileURLToPath(location) : location;
  try {
    assertRegular(await stat(path), path);
    return await readFile(path);
  } catch (error) {
    if (error instanceof NetkinError) throw error;
    const { code = '' } = error as NodeJS.ErrnoException;
    return refuse(
      'input',
      `'${location}' ${reasons[code] ?? `cannot be read (${code})`}. Check the path.`,
      error,
    );
  }
}

/** @throws NetkinError 'input' naming what stands there instead of a file */
export function assertRegular(found: Stats, path: string | URL): void {
  if (found.isFile()) return;
  const kind = found.isDirectory()
    ? 'a folder'
    : found.isFIFO()
      ? 'a pipe'
      : found.isSocket()
        ? 'a socket'
        : 'a device';
  refuse('input', `'${path}' is ${kind}, not a file. Check the path.`);
}

async function compile(file: string): Promise<WebAssembly.Module> {
  return WebAssembly.compile(new Uint8Array(await readBytes(new URL(`../${file}`, import.meta.url))));
}

export const nodeRuntime: Runtime = {
  name: 'node',
  threads: availableParallelism(),
  kernel: () => compile('kernel.wasm'),
  tfjs: () => compile('tfjs.wasm'),
  sharedKernel: () => compile('kernel-shared.wasm'),
  revectorize: () => {
    if (Number(process.versions.node.split('.')[0]) < 24) return false;
    setFlagsFromString('--experimental-wasm-revectorize');
    return true;
  },
  async spawn() {
    const worker = new Worker(new URL('./worker.js', import.meta.url), { execArgv: [] });
    const ended = new Promise<string>((resolve) => {
      worker.once('error', (error) => resolve(error.message));
      worker.once('exit', (code) => resolve(`exit code ${code}`));
    });
    const { service, host } = comlink.wrap<WorkerFace>(nodeEndpoint(worker));
    let calls = 0;
    worker.unref();
    return {
      service: service as unknown as Service,
      host: host as unknown as Host,
      transfer: comlink.transfer,
      ended,
      terminate: () => void worker.terminate(),
      // A call under way keeps the process alive, an idle worker does not.
      hold: (busy) => {
        calls += busy ? 1 : -1;
        if (calls > 0) worker.ref();
        else worker.unref();
      },
    };
  },
  read: readBytes,
};
