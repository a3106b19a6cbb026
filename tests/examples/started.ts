/** Programs that say where they serve. */
import { type ChildProcess, spawn } from 'node:child_process';

export interface Started extends AsyncDisposable {
  /** The first address that the program printed. */
  readonly address: string;
}

/** Starts a Node script and waits for an address in what it prints. */
export async function start(
  folder: string,
  script: string,
  parameters: readonly string[] = [],
): Promise<Started> {
  const child = spawn(process.execPath, [script, ...parameters], {
    cwd: folder,
    env: { ...process.env, PORT: '0', NO_COLOR: '1', FORCE_COLOR: '0' },
  });
  const address = await printedAddress(child);
  return {
    address,
    async [Symbol.asyncDispose]() {
      if (child.exitCode !== null) return;
      const ended = new Promise((resolve) => child.once('exit', resolve));
      child.kill();
      await ended;
    },
  };
}

function printedAddress(child: ChildProcess): Promise<string> {
  return new Promise((resolve, reject) => {
    let printed = '';
    const read = (chunk: Buffer) => {
      printed += chunk;
      const [address] = /http:\/\/[^\s]+/.exec(printed) ?? [];
      if (address) resolve(address);
    };
    child.stdout!.on('data', read);
    child.stderr!.on('data', read);
    child.once('exit', (code) => reject(new Error(`Ended with ${code} before it served: ${printed}`)));
  });
}
