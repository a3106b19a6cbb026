/** A real workerd process that serves one worker over HTTP. */
import { spawn } from 'node:child_process';
import { mkdtempSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { createRequire } from 'node:module';
import { tmpdir } from 'node:os';
import { dirname, extname, join } from 'node:path';
import { fileURLToPath } from 'node:url';

const edge = join(dirname(dirname(dirname(fileURLToPath(import.meta.url)))), 'dist/edge');

const require = createRequire(import.meta.url);
const { default: executable } = require('workerd') as { default: string };

/** How workerd takes a module, by the ending of its name; anything else is handed over as an ArrayBuffer. */
const kinds: Readonly<Record<string, string>> = { '.js': 'esModule', '.wasm': 'wasm' };

export interface Served {
  /** Ends in '/'. */
  readonly url: string;
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
  const stdio = ['ignore', 'ignore', 'pipe', 'pipe'] as const;
  const child = spawn(executable, ['serve', '--control-fd=3', join(folder, 'config.capnp')], {
    stdio: [...stdio],
  });
  const ended = new Promise<void>((resolve) => child.once('close', () => resolve()));
  const stop = async () => {
    child.kill();
    await ended;
    rmSync(folder, { recursive: true, force: true });
  };
  let printed = '';
  child.stderr?.on('data', (text) => {
    printed += text;
  });
  const port = await new Promise<number | null>((resolve) => {
    child.stdio[3]?.once('data', (event) => resolve(JSON.parse(String(event).split('\n')[0]).port));
    ended.then(() => resolve(null));
  });
  if (port === null) {
    await stop();
    throw new Error(`workerd ended: ${printed}`);
  }
  return { url: `http://127.0.0.1:${port}/`, listening: performance.now() - started, stop };
}
