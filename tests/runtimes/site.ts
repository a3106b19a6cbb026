/** A local site with the page that examines netkin in a browser. */
import { existsSync, readFileSync } from 'node:fs';
import { createServer, type IncomingMessage, type OutgoingHttpHeaders } from 'node:http';
import type { AddressInfo } from 'node:net';
import { basename, extname, join } from 'node:path';
import { text } from 'node:stream/consumers';
import { bundle, importing, root } from './bundle.js';
import { material } from './material.js';

/** netkin as browsers load it, served as it is under `netkin/`. */
const PACKAGE = join(root, 'dist/browser');

/** SharedArrayBuffer exists only in pages served with these. */
export const ISOLATED: OutgoingHttpHeaders = {
  'cross-origin-opener-policy': 'same-origin',
  'cross-origin-embedder-policy': 'require-corp',
};

/** The strictest policy that lets WebAssembly run. */
export const STRICT: OutgoingHttpHeaders = {
  'content-security-policy': "default-src 'self'; script-src 'self' 'wasm-unsafe-eval'",
};

const types: Readonly<Record<string, string>> = {
  '.html': 'text/html; charset=utf-8',
  '.js': 'text/javascript; charset=utf-8',
  '.json': 'application/json',
  '.wasm': 'application/wasm',
  '.bin': 'application/octet-stream',
};

export interface Site extends AsyncDisposable {
  /** Ends in '/'. */
  readonly address: string;
  /** What the page posts to `examination`. */
  readonly posted: Promise<string>;
}

/** Serves the page, the images and the model at a free port of this machine, every answer with the headers given. */
export async function openSite(headers: OutgoingHttpHeaders): Promise<Site> {
  const files = await pages();
  let post = (_: string) => {};
  const posted = new Promise<string>((resolve) => {
    post = resolve;
  });
  const server = createServer(async (request, response) => {
    const path = pathOf(request);
    if (request.method === 'POST') {
      response.writeHead(204).end();
      post(await text(request));
      return;
    }
    const content = files.get(path) ?? (path.startsWith('netkin/') ? ofPackage(path) : undefined);
    const type = types[extname(path || 'index.html')] ?? 'text/plain';
    response.writeHead(content ? 200 : 404, { ...headers, 'content-type': type }).end(content);
  });
  await new Promise<void>((listening) => server.listen(0, '127.0.0.1', listening));
  return {
    address: `http://localhost:${(server.address() as AddressInfo).port}/`,
    posted,
    async [Symbol.asyncDispose]() {
      server.closeAllConnections();
      server.close();
    },
  };
}

function pathOf({ url = '/' }: IncomingMessage): string {
  return new URL(url, 'http://localhost').pathname.slice(1);
}

function ofPackage(path: string): Uint8Array | undefined {
  const file = join(PACKAGE, basename(path));
  return existsSync(file) ? readFileSync(file) : undefined;
}

let built: Promise<ReadonlyMap<string, Uint8Array | string>> | undefined;

function pages(): Promise<ReadonlyMap<string, Uint8Array | string>> {
  built ??= (async () =>
    new Map<string, Uint8Array | string>([
      ['', '<!doctype html><title>netkin</title><script type="module" src="start.js"></script>'],
      ['start.js', await bundle('start', { external: ['./page.js'] })],
      ['page.js', await bundle('page', { plugins: [importing('./netkin/index.js')] })],
      ...(await material()),
    ]))();
  return built;
}
