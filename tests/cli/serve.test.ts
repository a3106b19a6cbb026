/** `netkin serve` as a process. */
import { spawn } from 'node:child_process';
import { once } from 'node:events';
import { createServer } from 'node:net';
import { join } from 'node:path';
import { beforeAll, expect, test } from 'vitest';
import { writePng } from '../../src/format/image.js';
import { classifier, saveModel, startTfjs } from './models.js';
import { makeWorkspace, points, program, refusal, saveNpy } from './workspace.js';

const folder = makeWorkspace();
const words = ['serve', 'model', 'x.npy', '--no-check'];

beforeAll(async () => {
  await startTfjs();
  await saveModel(classifier(), join(folder, 'model'));
  saveNpy(join(folder, 'x.npy'), points(20, 4));
});

test.each<[string, string, RegExp]>([
  ['--port', '65536', /ports run from 0 to 65535/],
  ['--port', '-1', /--port/],
  ['--port', '', /--port is ''/],
  ['--port', '80.5', /--port is '80.5'/],
  ['--host', '', /--host is ''/],
  ['--host', 'a b', /--host is 'a b'/],
  ['--host', '198.51.100.7', /'198.51.100.7' is no address of this machine.*--host/],
  ['--host', 'http://127.0.0.1', /--host is/],
  ['--largest-body', '0', /--largest-body is '0'/],
  ['--origin', 'https://example.org/page', /origin.*without a path/],
])('%s %j is refused in one line', (option, value, reason) => {
  expect(refusal(folder, ...words, `${option}=${value}`)).toMatch(reason);
});

test('a port that is in use is refused in one line', async () => {
  const other = createServer().listen(0, '127.0.0.1');
  await once(other, 'listening');
  const { port } = other.address() as { port: number };
  expect(refusal(folder, ...words, '--port', String(port))).toMatch(/in use.*--port/);
  other.close();
});

test('faults are printed as one line, and Ctrl-C ends it with 0', async () => {
  const fault =
    'const { json } = Response; Response.json = (value, init) => { if (value.prediction) throw new Error("it\\nbroke"); return json.call(Response, value, init); };';
  const child = spawn(
    process.execPath,
    [
      `--import=data:text/javascript,${encodeURIComponent(fault)}`,
      program,
      ...words,
      '--port',
      '0',
      '--quiet',
    ],
    { cwd: folder },
  );
  let stderr = '';
  child.stderr.setEncoding('utf8').on('data', (part: string) => (stderr += part));
  const [said] = await once(child.stdout, 'data');
  const [address] = /http:\S+/.exec(String(said))!;
  const body = new Uint8Array(
    writePng({ width: 2, height: 2, channels: 1, data: Uint8Array.of(1, 2, 3, 4) }),
  );
  expect((await fetch(address, { method: 'POST', body: 'hello' })).status).toBe(400);
  expect((await fetch(address, { method: 'POST', body })).status).toBe(500);
  child.kill('SIGINT');
  expect(await once(child, 'exit')).toEqual([0, null]);
  expect(stderr).toBe('netkin: failed to answer: it broke\n');
});
