/** Programs that a test starts and must not leave behind. */
import { type ChildProcess, type SpawnOptions, spawn } from 'node:child_process';

export interface Running extends AsyncDisposable {
  readonly child: ChildProcess;
  /** What it said on stderr so far. */
  readonly said: () => string;
  /** What it printed, once it has ended by itself; rejects where it could not start, or failed. */
  readonly ended: Promise<string>;
}

/** Disposing of what it gives ends the program. */
export function start(command: string, parameters: readonly string[], options: SpawnOptions = {}): Running {
  const child = spawn(command, parameters, { stdio: ['ignore', 'pipe', 'pipe'], ...options });
  const said = { stdout: '', stderr: '' };
  for (const stream of ['stdout', 'stderr'] as const) {
    child[stream]?.setEncoding('utf8').on('data', (text: string) => {
      said[stream] += text;
    });
  }
  const ended = new Promise<string>((resolve, reject) => {
    child.once('error', reject);
    child.once('close', (code, signal) => {
      if (code === 0) resolve(said.stdout);
      else reject(new Error(`${command} ended with ${signal ?? `exit code ${code}`}:\n${said.stderr}`));
    });
  });
  // Nobody may be listening when we end it ourselves.
  ended.catch(() => {});
  return {
    child,
    said: () => said.stderr,
    ended,
    async [Symbol.asyncDispose]() {
      child.kill();
      const timer = setTimeout(() => child.kill('SIGKILL'), 5000);
      await ended.catch(() => {});
      clearTimeout(timer);
    },
  };
}
