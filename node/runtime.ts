/** The port for Node: files, and the kernel module beside the compiled code. */
import { readFile } from 'node:fs/promises';
import { fileURLToPath } from 'node:url';
import { refuse } from '../src/errors.js';
import type { Runtime } from '../src/runtime.js';

const reasons: Readonly<Record<string, string>> = {
  ENOENT: 'does not exist',
  EACCES: 'may not be read',
  EISDIR: 'is a folder',
  ENOTDIR: 'lies below something that is no folder',
};

/** Reads a whole file; refuses with the path and the reason. */
export async function readBytes(location: string | URL): Promise<Uint8Array> {
  try {
    return await readFile(
      location instanceof URL && location.protocol === 'file:' ? fileURLToPath(location) : location,
    );
  } catch (error) {
    const { code = '' } = error as NodeJS.ErrnoException;
    return refuse(
      'input',
      `'${location}' ${reasons[code] ?? `cannot be read (${code})`}. Check the path.`,
      error,
    );
  }
}

const rethrowing = ['uncaughtException', 'unhandledRejection'] as const;

export const nodeRuntime: Runtime = {
  name: 'node',
  threads: 0,
  async kernel() {
    return WebAssembly.compile(new Uint8Array(await readBytes(new URL('../kernel.wasm', import.meta.url))));
  },
  async startBackend(start) {
    const before = rethrowing.map((event) => process.listeners(event as 'uncaughtException'));
    try {
      await start();
    } finally {
      // Emscripten leaves handlers behind that rethrow every error of the whole process; the caller's own stay.
      rethrowing.forEach((event, i) => {
        for (const listener of process.listeners(event as 'uncaughtException')) {
          const emscripten = /^function ?\((ex|reason)\) ?\{[^}]*throw \1/.test(
            String(listener).replace(/\s+/g, ' '),
          );
          if (emscripten && !before[i].includes(listener)) process.removeListener(event, listener);
        }
      });
    }
  },
  read: readBytes,
};
