/** Folders as a static server would hand them out. */
import { existsSync, readFileSync, statSync } from 'node:fs';
import { createServer, type OutgoingHttpHeaders } from 'node:http';
import type { AddressInfo } from 'node:net';
import { extname, join } from 'node:path';

const types: Readonly<Record<string, string>> = {
  '.html': 'text/html; charset=utf-8',
  '.js': 'text/javascript; charset=utf-8',
  '.css': 'text/css',
  '.json': 'application/json',
  '.wasm': 'application/wasm',
  '.png': 'image/png',
};

/** The strictest policy that lets WebAssembly run. */
export const STRICT: OutgoingHttpHeaders = {
  'content-security-policy': "default-src 'self'; script-src 'self' 'wasm-unsafe-eval'; style-src 'self'",
};

export interface Served extends AsyncDisposable {
  /** Ends in '/'. */
  readonly address: string;
}

/** @param pages further files by path, such as `index.html`; they go before those of the folders */
export async function serve(
  folders: readonly string[],
  pages: Readonly<Record<string, string>> = {},
  headers: OutgoingHttpHeaders = STRICT,
): Promise<Served> {
  const server = createServer(({ url = '/' }, response) => {
    const path = new URL(url, 'http://localhost').pathname.replace(/\/$/, '/index.html').slice(1);
    const file = folders
      .map((folder) => join(folder, path))
      .find((place) => existsSync(place) && statSync(place).isFile());
    const content = pages[path] ?? (file === undefined ? null : readFileSync(file));
    const type = types[extname(path)] ?? 'application/octet-stream';
    response.writeHead(content === null ? 404 : 200, { ...headers, 'content-type': type }).end(content);
  });
  await new Promise<void>((listening) => server.listen(0, '127.0.0.1', listening));
  return {
    address: `http://localhost:${(server.address() as AddressInfo).port}/`,
    async [Symbol.asyncDispose]() {
      server.closeAllConnections();
      server.close();
    },
  };
}
