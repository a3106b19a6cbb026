/** The handler behind Node's server: whose fault it is, and that nothing ends the server. */
import diagnostics from 'node:diagnostics_channel';
import type { Server } from 'node:http';
import { connect } from 'node:net';
import { afterEach, expect, test, vi } from 'vitest';
import { untilAborted } from '../../node/cli/interruption.js';
import { type Serving, serve } from '../../node/serving.js';

let serving: Serving;
afterEach(() => serving?.close());

test('what the handler throws is the server’s fault', async () => {
  const onError = vi.fn();
  const fault = new Error('secret');
  serving = await serve(() => Promise.reject(fault), 0, '127.0.0.1', onError);
  const response = await fetch(serving.address);
  expect(response.status).toBe(500);
  expect(await response.text()).not.toContain('secret');
  expect(onError.mock.calls).toEqual([[fault]]);
});

test('what is no request is the caller’s', async () => {
  const onError = vi.fn();
  serving = await serve(async () => new Response('fine'), 0, '127.0.0.1', onError);
  const { port } = new URL(serving.address);
  const answer = await new Promise<string>((resolve) => {
    const socket = connect(Number(port), '127.0.0.1');
    socket.once('data', (data) => resolve(String(data)));
    socket.write('GET / HTTP/1.1\r\nHost: [\r\nConnection: close\r\n\r\n');
  });
  expect(answer).toMatch(/^HTTP\/1.1 400 .*No such request\./s);
  expect(onError).not.toHaveBeenCalled();
});

test('errors of the server are heard, all of them, and do not end it', async () => {
  const onError = vi.fn();
  serving = await serve(async () => new Response('fine'), 0, '127.0.0.1', onError);
  let server: Server | undefined;
  const seen = (message: unknown) => {
    ({ server } = message as { server: Server });
  };
  diagnostics.subscribe('http.server.request.start', seen);
  await fetch(serving.address);
  diagnostics.unsubscribe('http.server.request.start', seen);
  for (const name of ['first', 'second']) server!.emit('error', new Error(name));
  expect(onError).toHaveBeenCalledTimes(2);
  expect(await (await fetch(serving.address)).text()).toBe('fine');
});

test('a stop that came before anyone waits for it is heard', async () => {
  await untilAborted(AbortSignal.abort());
  const stop = new AbortController();
  const heard = untilAborted(stop.signal);
  stop.abort();
  await heard;
});
