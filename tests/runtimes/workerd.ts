/** workerd, the runtime of Cloudflare Workers: serves a worker that imports dist/edge. */
import { once } from 'node:events';
import { mkdirSync, mkdtempSync, readdirSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { basename, dirname, extname, join } from 'node:path';
import type { Readable } from 'node:stream';
import { bundle, importing, root } from './bundle.js';
import { type Driver, inTime } from './driver.js';
import type { Examination } from './inside/examine.js';
import { material } from './material.js';
import { start } from './running.js';

const PACKAGE = join(root, 'dist/edge');

/** The kinds of modules that workerd knows. */
const kinds: Readonly<Record<string, string>> = { '.js': 'esModule', '.wasm': 'wasm' };

export const workerd: Driver = {
  name: 'workerd',
  async run() {
    const folder = mkdtempSync(join(tmpdir(), 'netkin-runtime-'));
    try {
      const { default: binary, version, compatibilityDate } = await import('workerd');
      const config = await install(folder, compatibilityDate);
      await using server = start(binary, ['serve', '--control-fd=3', config], {
        stdio: ['ignore', 'pipe', 'pipe', 'pipe'],
      });
      const listening = once(server.child.stdio[3] as Readable, 'data').then(String);
      const said = await inTime('workerd did not listen', Promise.race([listening, server.ended]));
      const [, port] = /"port":\s*(\d+)/.exec(said)!;
      const answer = inTime('workerd did not answer', request(`http://127.0.0.1:${port}/`));
      const response = await Promise.race([answer, server.ended]);
      return { ...(JSON.parse(response) as Examination), version, faults: [] };
    } finally {
      rmSync(folder, { recursive: true, force: true });
    }
  },
};

async function request(address: string): Promise<string> {
  const form = new FormData();
  for (const [path, content] of await material()) {
    form.set(path, new Blob([new Uint8Array(content)]), basename(path));
  }
  const response = await fetch(address, { method: 'POST', body: form });
  const said = await response.text();
  if (!response.ok) throw new Error(`The worker in workerd failed: ${said}`);
  return said;
}

/** Writes the worker with its modules and their list; returns the path of that. */
async function install(folder: string, compatibilityDate: string): Promise<string> {
  const files = new Map<string, Uint8Array>([
    ['worker.js', await bundle('edge', { plugins: [importing('./netkin/index.js')] })],
  ]);
  for (const name of readdirSync(PACKAGE)) {
    if (extname(name) in kinds) files.set(`netkin/${name}`, readFileSync(join(PACKAGE, name)));
  }
  for (const [path, content] of files) {
    mkdirSync(dirname(join(folder, path)), { recursive: true });
    writeFileSync(join(folder, path), content);
  }
  const modules = Array.from(
    files.keys(),
    (path) => `(name = "${path}", ${kinds[extname(path)]} = embed "${path}")`,
  );
  const config = join(folder, 'config.capnp');
  writeFileSync(
    config,
    `using Workerd = import "/workerd/workerd.capnp";
const config :Workerd.Config = (
  services = [(name = "examine", worker = .examine)],
  sockets = [(name = "http", address = "127.0.0.1:0", http = (), service = "examine")]
);
const examine :Workerd.Worker = (
  modules = [${modules.join(', ')}],
  compatibilityDate = "${compatibilityDate}"
);
`,
  );
  return config;
}
