/** A real workerd process that serves one worker over HTTP. */
import { once } from 'node:events';
import { mkdtempSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { createRequire } from 'node:module';
import { tmpdir } from 'node:os';
import { dirname, extname, join } from 'node:path';
import type { Readable } from 'node:stream';
import { fileURLToPath } from 'node:url';
import { start } from '../runtimes/running.js';

const edge = join(dirname(dirname(dirname(fileURLToPath(import.meta.url)))), 'dist/edge');

const require = createRequire(import.meta.url);
const { default: executable } = require('workerd') as { default: string };

/** How workerd takes a module, by the ending of its name; anything else is handed over as an ArrayBuffer. */
const kinds: Readonly<Record<string, string>> = { '.js': 'esModule', '.wasm': 'wasm' };

export interface Served {
  /** Ends in '/'. */
  readonly url: string;
  /** What the process said on stderr so far. */
  readonly said: () => string;
  /** Milliseconds from starting the process until it listens. */
  readonly listening: number;
  stop(): Promise<void>;
}

/**
 * Serves `worker`, a module that can import the bundle's `./index.js`, and `files` by their names.
 * @throws Error with what workerd printed, where it does not start
 */
export async function serve(worker: string, files: ReadonlyMap<string, Uint8Array>): Promise<Served> {
  const folder = mkdtempSync(join(tmpdir(), 'netkin-workerd-'));
  const bundled = ['index.js', 'netkin.js', 'kernel.wasm', 'tfjs.wasm'];
  const modules = new Map<string, string | Uint8Array>([['worker.js', worker], ...files]);
  for (const name of bundled) modules.set(name, readFileSync(join(edge, name)));
  for (const [name, content] of modules) writeFileSync(join(folder, name), content);
  const listed = Array.from(
    modules.keys(),
    (name) => `(name = "${name}", ${kinds[extname(name)] ?? 'data'} = embed "${name}")`,
  );
  writeFileSync(
    join(folder, 'config.capnp'),
    `using Workerd = import "/workerd/workerd.capnp";
    const config :Workerd.Config = (
      services = [(name = "main", worker = .worker)],
      sockets = [(name = "http", address = "127.0.0.1:0", http = (), service = "main")],
    );
    const worker :Workerd.Worker = (compatibilityDate = "2026-01-01", modules = [${listed.join(',\n')}]);`,
  );

  const started = performance.now();
  const running = start(executable, ['serve', '--control-fd=3', join(folder, 'config.capnp')], {
    stdio: ['ignore', 'ignore', 'pipe', 'pipe'],
  });
  const stop = async () => {
    await running[Symbol.asyncDispose]();
    rmSync(folder, { recursive: true, force: true });
  };
  // workerd says there where it listens.
  const listening = once(running.child.stdio[3] as Readable, 'data').then(String);
  try {
    const said = await Promise.race([listening, running.ended]);
    const { port } = JSON.parse(said.split('\n')[0]) as { port: number };
    return {
      url: `http://127.0.0.1:${port}/`,
      listening: performance.now() - started,
      said: running.said,
      stop,
    };
  } catch (error) {
    await stop();
    throw error;
  }
}
