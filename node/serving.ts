/** A handler behind Node's http server. */
import { createServer, type Server } from 'node:http';
import type { AddressInfo } from 'node:net';
import { createRequestListener } from '@remix-run/node-fetch-server';
import { NetkinError } from '../src/errors.js';
import { failure } from '../src/serving/answers.js';
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
 * @param onError hears of what goes wrong here later on, and of what the handler throws
 * @throws NetkinError 'usage' where the port cannot be had
 */
export async function serve(
  handler: Handler,
  port: number,
  host: string,
  onError: (error: unknown) => void,
): Promise<Serving> {
  const answer = (request: Request) =>
    handler(request).catch((error) => {
      onError(error);
      return failure(500, 'worker', 'The server failed to answer.');
    });
  // What the handler throws is answered above: no Request could be made of what came.
  const unreadable = () => failure(400, 'input', 'No such request.');
  const server = createServer(createRequestListener(answer, { onError: unreadable }));
  await listening(server, port, host);
  server.on('error', onError);
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
    const refused = ({ code = '' }: NodeJS.ErrnoException) =>
      reject(
        new NetkinError(
          'usage',
          reasons[code]?.(port, host) ??
            `Port ${port} of ${host} cannot be listened on (${code}); choose another with --port.`,
        ),
      );
    server.once('error', refused);
    server.listen(port, host, () => {
      server.off('error', refused);
      resolve();
    });
  });
}

const noHost = (_: number, host: string) =>
  `'${host}' is no address of this machine; choose another with --host, as in 127.0.0.1.`;

const reasons: Readonly<Record<string, (port: number, host: string) => string>> = {
  EADDRINUSE: (port, host) => `Port ${port} of ${host} is in use; choose another with --port.`,
  EACCES: (port, host) =>
    `Port ${port} of ${host} may not be listened on; choose one above 1023 with --port.`,
  EADDRNOTAVAIL: noHost,
  ENOTFOUND: noHost,
  EAI_AGAIN: noHost,
  EINVAL: noHost,
};
