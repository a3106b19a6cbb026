/** The edge function in a real workerd process, and the same handler in Node and Deno: one answer. */
import { execFileSync } from 'node:child_process';
import { once } from 'node:events';
import { readFileSync, writeFileSync } from 'node:fs';
import { createRequire } from 'node:module';
import { join } from 'node:path';
import type { Readable } from 'node:stream';
import { afterAll, beforeAll, describe, expect, test } from 'vitest';
import { type Installed, install, root } from '../package/installed.js';
import { type Running, start } from '../runtimes/running.js';

const image = readFileSync(join(root, 'examples/data/queries/sneaker.png'));
const require = createRequire(import.meta.url);
const { default: workerd } = require('workerd') as { default: string };
const deno = join(root, 'node_modules/.bin/deno');

let installed: Installed;
let folder: string;
const running: Running[] = [];

beforeAll(() => {
  installed = install(['examples']);
  folder = join(installed.folder, 'examples/edge-explain');
  execFileSync(process.execPath, ['make.mjs'], { cwd: folder });
  // As `npm install netkin` leaves it; Deno looks there.
  writeFileSync(join(installed.folder, 'package.json'), '{ "dependencies": { "netkin": "*" } }');
});
afterAll(async () => {
  for (const program of running) await program[Symbol.asyncDispose]();
  installed?.[Symbol.dispose]();
});

/** @returns the address, and milliseconds until the process listened */
async function workerdAddress(): Promise<{ address: string; listening: number }> {
  const started = performance.now();
  const program = start(
    workerd,
    ['serve', '--socket-addr=http=127.0.0.1:0', '--control-fd=3', 'config.capnp'],
    { cwd: folder, stdio: ['ignore', 'ignore', 'pipe', 'pipe'] },
  );
  running.push(program);
  const said = once(program.child.stdio[3] as Readable, 'data').then(String);
  const { port } = JSON.parse((await Promise.race([said, program.ended])).split('\n')[0]!) as {
    port: number;
  };
  return { address: `http://127.0.0.1:${port}/`, listening: performance.now() - started };
}

async function printedAddress(command: string, parameters: string[], env = {}): Promise<string> {
  const program = start(command, parameters, { cwd: folder, env: { ...process.env, ...env } });
  running.push(program);
  return new Promise((resolve, reject) => {
    const read = (chunk: string) => {
      const found = /http:\/\/[\d.:]+\//.exec(chunk);
      if (found) resolve(found[0]);
    };
    program.child.stdout!.on('data', read);
    program.child.stderr!.on('data', read);
    program.ended.then(() => reject(new Error('It ended before it served.')), reject);
  });
}

const explain = (address: string, body: BodyInit = image, search = '?k=3&layers=1') =>
  fetch(address + search, { method: 'POST', body });

test('a real image is explained by workerd, Node and Deno with the same words', async () => {
  const { address, listening } = await workerdAddress();
  const asked = performance.now();
  const answer = await (await explain(address)).text();
  const first = performance.now() - asked;
  await (await explain(address)).text();
  const second = performance.now() - asked - first;
  console.info(
    `edge-explain in workerd: listens after ${listening.toFixed(0)} ms; first answer ${first.toFixed(0)} ms, next ${second.toFixed(0)} ms: cold start ${(first - second).toFixed(0)} ms`,
  );
  const { prediction, neighbours, density } = JSON.parse(answer);
  expect(prediction).toMatchObject({ class: 7, name: 'Sneaker' });
  expect(neighbours).toHaveLength(3);
  expect(neighbours.map(({ className }: { className: string }) => className)).toEqual(
    Array(3).fill('Sneaker'),
  );
  expect(density.of).toBe(600);

  const netkin = join(installed.folder, 'node_modules/netkin/dist/node/cli.js');
  const words = ['serve', 'build/model.json', 'build/train.netkin', '--port', '0'];
  const inNode = await printedAddress(process.execPath, [netkin, ...words]);
  expect(await (await explain(inNode)).text()).toBe(answer);

  const permissions = ['--allow-read', '--allow-net', '--allow-env', '--allow-sys'];
  const inDeno = await printedAddress(deno, ['run', ...permissions, 'deno.js'], { PORT: '0' });
  expect(await (await explain(inDeno)).text()).toBe(answer);
});

describe('in workerd', () => {
  let address: string;
  beforeAll(async () => {
    ({ address } = await workerdAddress());
  });

  test.each<[string, Buffer | Uint8Array, string, number, RegExp]>([
    ['text', Buffer.from('hello'), '', 400, /neither a PNG nor a JPEG/],
    ['half an image', image.subarray(0, 300), '', 400, /./],
    ['a k that is none', image, '?k=-1', 400, /from 1 to 100/],
    ['too large a body', new Uint8Array(2 ** 20 + 1), '', 413, /larger than 1048576/],
  ])('%s is answered with the reason', async (_, body, search, status, reason) => {
    const response = await explain(address, body as Uint8Array<ArrayBuffer>, search);
    expect(response.status).toBe(status);
    expect((await response.json()).error.message).toMatch(reason);
  });

  test('callers that hang up at any time do not stop the others', async () => {
    const expected = await (await explain(address)).text();
    for (let round = 0; round < 40; round++) {
      const hangingUp = AbortSignal.timeout((round * 7) % 40);
      await fetch(`${address}?k=50&layers=1`, { method: 'POST', body: image, signal: hangingUp }).catch(
        () => undefined,
      );
    }
    expect(await (await explain(address)).text()).toBe(expected);
  });
});
