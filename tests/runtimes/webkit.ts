/**
 * WebKitGTK, which has its engine from Safari: WebKitWebDriver starts its MiniBrowser on a virtual screen. There is
 * none but on Linux; elsewhere Playwright's WebKit takes its place.
 */
import { once } from 'node:events';
import { createServer } from 'node:http';
import type { AddressInfo } from 'node:net';
import type { Readable } from 'node:stream';
import { setTimeout as pause } from 'node:timers/promises';
import { webkit as playwrightWebkit } from 'playwright';
import { browserDriver, playwrightVisit, type Visit } from './browser.js';
import { need } from './programs.mjs';
import { type Running, start } from './running.js';

interface Session {
  readonly sessionId: string;
  readonly capabilities: { readonly browserVersion: string };
}

const visit: Visit = async (address, until) => {
  await using screen = start(need('Xvfb'), ['-displayfd', '3', '-nolisten', 'tcp'], {
    stdio: ['ignore', 'ignore', 'pipe', 'pipe'],
  });
  // Xvfb picks a free display and writes its number there.
  const number = once(screen.child.stdio[3] as Readable, 'data').then(String);
  const display = `:${(await Promise.race([number, screen.ended])).trim()}`;
  const port = await freePort();
  await using driver = start(need('WebKitWebDriver'), ['--host=127.0.0.1', `--port=${port}`], {
    env: { ...process.env, DISPLAY: display },
  });
  const request = (method: string, path: string, body?: object) =>
    webDriver(driver, `http://127.0.0.1:${port}${path}`, method, body);
  const { sessionId, capabilities } = (await request('POST', '/session', {
    capabilities: { alwaysMatch: { browserName: 'MiniBrowser' } },
  })) as Session;
  try {
    await request('POST', `/session/${sessionId}/url`, { url: address });
    await Promise.race([until, driver.ended, screen.ended]);
    return capabilities.browserVersion;
  } finally {
    await request('DELETE', `/session/${sessionId}`);
  }
};

/** One WebDriver command; waits for a driver that is still starting. */
async function webDriver(driver: Running, url: string, method: string, body?: object): Promise<unknown> {
  const options = { method, ...(body && { body: JSON.stringify(body) }) };
  for (let attempt = 0; ; attempt++) {
    try {
      const response = await fetch(url, options);
      const { value } = (await response.json()) as { value: unknown };
      if (response.ok) return value;
      throw new Error(`WebKitWebDriver answers ${response.status}: ${JSON.stringify(value)}`);
    } catch (error) {
      // `fetch failed`: nobody listens at the port yet.
      if (!(error instanceof TypeError) || attempt === 100) throw error;
      await Promise.race([pause(100), driver.ended]);
    }
  }
}

/** WebKitWebDriver says nowhere which port it took, so it is told one. */
async function freePort(): Promise<number> {
  const server = createServer().listen(0, '127.0.0.1');
  await once(server, 'listening');
  const { port } = server.address() as AddressInfo;
  server.close();
  return port;
}

/** In a page without isolation or policy. */
export const webkit =
  process.platform === 'linux'
    ? browserDriver('WebKitGTK', {}, visit)
    : browserDriver(
        'WebKit',
        {},
        playwrightVisit(() => playwrightWebkit.launch()),
      );
