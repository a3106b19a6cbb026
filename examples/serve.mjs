// A static server for examples 02 and 04; any other will do. Serves this folder, and the installed netkin under /netkin/.
import { readFile } from 'node:fs/promises';
import { createServer } from 'node:http';
import { extname } from 'node:path';
import { fileURLToPath } from 'node:url';

const here = new URL('./', import.meta.url);
const netkin = new URL('./', import.meta.resolve('netkin/package.json'));
const types = {
  '.html': 'text/html; charset=utf-8',
  '.js': 'text/javascript',
  '.css': 'text/css',
  '.json': 'application/json',
  '.wasm': 'application/wasm',
};
const headers = {
  // The strictest policy that lets WebAssembly run.
  'content-security-policy': "default-src 'self'; script-src 'self' 'wasm-unsafe-eval'",
  // Without these two, netkin computes on one core.
  'cross-origin-opener-policy': 'same-origin',
  'cross-origin-embedder-policy': 'require-corp',
};

/** The file that a request asks for; null where there is none, whatever the request says. */
async function fileAt(address) {
  try {
    const path = new URL(address, 'http://localhost').pathname.replace(/\/$/, '/index.html');
    const file = path.startsWith('/netkin/')
      ? new URL(`dist${path.slice('/netkin'.length)}`, netkin)
      : new URL(`.${path}`, here);
    const content = await readFile(fileURLToPath(file));
    return { content, type: types[extname(path)] ?? 'application/octet-stream' };
  } catch {
    return null;
  }
}

const server = createServer(async (request, response) => {
  const file = await fileAt(request.url);
  response
    .writeHead(file ? 200 : 404, { ...headers, ...(file && { 'content-type': file.type }) })
    .end(file?.content);
});
server.listen(Number(process.env.PORT ?? 8080), 'localhost', () =>
  console.log(`http://localhost:${server.address().port}/02-plain-page/`),
);
