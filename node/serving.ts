/** A handler behind Node's http server. */
import { createServer, type Server } from 'node:http';
import type { AddressInfo } from 'node:net';
import { createRequestListener } from '@remix-run/node-fetch-server';
import { NetkinError } from '../src/errors.js';
import type { Handler } from '../src/serving/explainer.js';

export interface Serving {
  /** Ends in '/'. */
  readonly address: string;
  /** Lets answers under way be finished for a second, then ends every connection. */
  close(): Promise<void>;
}

const GRACE = 1000;

/**
 * @param port 0: any free one
 * @throws NetkinError 'usage' where the port cannot be had
 */
export async function serve(handler: Handler, port: number, host: string): Promise<Serving> {
  const refuseRequest = () =>
    Response.json({ error: { code: 'input', message: 'No such request.' } }, { status: 400 });
  const server = createServer(createRequestListener(handler, { onError: refuseRequest }));
  await listening(server, port, host);
  const { address, port: found, family } = server.address() as AddressInfo;
  return {
    address: `http://${family === 'IPv6' ? `[${address}]` : address}:${found}/`,
    close: () =>
      new Promise((closed) => {
        server.close(() => closed());
        server.closeIdleConnections();
        setTimeout(() => server.closeAllConnections(), GRACE).unref();
      }),
  };
}

function listening(server: Server, port: number, host: string): Promise<void> {
  return new Promise((resolve, reject) => {
    server.once('error', ({ code }: NodeJS.ErrnoException) => {
      const reason = code === 'EADDRINUSE' ? 'is in use' : `cannot be listened on (${code})`;
      reject(new NetkinError('usage', `Port ${port} of ${host} ${reason}; choose another with --port.`));
    });
    server.listen(port, host, resolve);
  });
}
