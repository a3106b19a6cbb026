/** Python's side of the benchmark: NumPy and PyTorch in processes that stay alive, one for each number of threads. */
import { type ChildProcessWithoutNullStreams, spawn } from 'node:child_process';
import { createInterface } from 'node:readline';
import { fileURLToPath } from 'node:url';
import { Timed } from './measure.js';

/** How peers come to be compared, for whoever has none. */
export const INSTALL =
  'install python3 with torch and numpy (Debian: python3-torch python3-numpy) to compare';

/** The first that has PyTorch is taken, or else the first that has NumPy. */
const INTERPRETERS = ['python3', '/usr/bin/python3'];
/** Milliseconds after an answer: OpenBLAS's threads go on spinning for some 20 ms, on the cores that are measured next. */
const REST = 60;

export type PeerName = 'loop' | 'hooks' | 'vmap' | 'structured';

export interface Hello {
  readonly python: string;
  readonly numpy: string | null;
  readonly torch: string | null;
  /** The module that offers vmap(grad). */
  readonly vmap: string | null;
  readonly peers: readonly PeerName[];
}

export interface Settings {
  readonly threads: number;
  /** OpenBLAS's kernels for one kind of processor, as in 'Haswell'. */
  readonly coreType?: string;
  /** Leaves PyTorch out, which takes seconds to import. */
  readonly numpyOnly?: boolean;
}

export class Peers implements Disposable {
  readonly hello: Hello;
  readonly #child: ChildProcessWithoutNullStreams;
  readonly #lines: AsyncIterator<string>;

  private constructor(child: ChildProcessWithoutNullStreams, lines: AsyncIterator<string>, hello: Hello) {
    this.hello = hello;
    this.#child = child;
    this.#lines = lines;
  }

  /** Null where there is no Python with NumPy. */
  static async start(settings: Settings): Promise<Peers | null> {
    let second: Peers | null = null;
    for (const interpreter of INTERPRETERS) {
      const found = await Peers.#open(interpreter, settings);
      if (found?.hello.torch || (found?.hello.numpy && settings.numpyOnly)) {
        second?.[Symbol.dispose]();
        return found;
      }
      if (found?.hello.numpy && !second) second = found;
      else found?.[Symbol.dispose]();
    }
    return second;
  }

  static async #open(interpreter: string, { threads, coreType, numpyOnly }: Settings): Promise<Peers | null> {
    // These two halve OpenBLAS where they are set for another machine; threads are the same for every library.
    const { OPENBLAS_CORETYPE: _, OPENBLAS_L2_SIZE: __, ...inherited } = process.env;
    const count = String(threads);
    const script = fileURLToPath(new URL('./peers.py', import.meta.url));
    const child = spawn(interpreter, [script, ...(numpyOnly ? ['--numpy'] : [])], {
      env: {
        ...inherited,
        OMP_NUM_THREADS: count,
        OPENBLAS_NUM_THREADS: count,
        MKL_NUM_THREADS: count,
        ...(coreType && { OPENBLAS_CORETYPE: coreType }),
      },
    });
    child.on('error', () => undefined); // no such interpreter: its output ends at once
    child.stdin.on('error', () => undefined);
    child.stderr.resume();
    const lines = createInterface({ input: child.stdout })[Symbol.asyncIterator]();
    const first = await lines.next();
    if (first.done) return null;
    return new Peers(child, lines, JSON.parse(first.value) as Hello);
  }

  /** Seconds that a peer measured, where it measured any. @throws Error with Python's own message */
  async ask(request: object): Promise<Timed> {
    this.#child.stdin.write(`${JSON.stringify(request)}\n`);
    const line = await this.#lines.next();
    if (line.done) throw new Error('Python ended');
    const answer = JSON.parse(line.value) as { error?: string; seconds: number };
    if (answer.error !== undefined) throw new Error(answer.error);
    await new Promise((resume) => setTimeout(resume, REST));
    return new Timed(answer.seconds);
  }

  [Symbol.dispose](): void {
    this.#child.kill();
  }
}

/** `PyTorch 1.13.0, functorch, NumPy 1.24.2`, or how to get them. */
export function versions(hello: Hello | undefined): string {
  if (!hello) return `no Python with NumPy found: ${INSTALL}`;
  const torch = hello.torch ? `PyTorch ${hello.torch} (${hello.vmap ?? 'without functorch'}), ` : '';
  return `${torch}NumPy ${hello.numpy}${torch ? '' : '; no PyTorch found'}`;
}
