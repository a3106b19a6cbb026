/**
 * Workers on one shared memory per perspective. Tasks wait for a free worker; a worker that dies fails its task at once
 * and ends the pool, so that no promise is left hanging. The engine starts another pool when it next needs one.
 */
import { type Failure, NetkinError } from '../errors.js';
import type { RemoteWorker, Runtime } from '../runtime.js';
import { Lifeline } from './lifeline.js';
import type { Service } from './service.js';

/** @param worker its number, from 0 */
type Call = (service: Service, worker: number) => Promise<Failure | null>;

interface Waiting {
  readonly call: Call;
  readonly resolve: () => void;
  readonly reject: (error: NetkinError) => void;
}

export class Pool {
  readonly #workers: readonly RemoteWorker[];
  readonly #idle: RemoteWorker[];
  readonly #queue: Waiting[] = [];
  readonly #lifeline = new Lifeline();

  private constructor(workers: readonly RemoteWorker[]) {
    this.#workers = workers;
    this.#idle = [...workers];
    for (const worker of workers) {
      worker.ended.then((reason) =>
        this.#end(new NetkinError('worker', `A worker ended in mid-work: ${reason}.`)),
      );
    }
  }

  /** Starts `threads` workers, all of them or none. */
  static async start(runtime: Runtime, threads: number): Promise<Pool> {
    const starts = await Promise.allSettled(Array.from({ length: threads }, () => runtime.spawn!()));
    const workers = starts.flatMap((start) => (start.status === 'fulfilled' ? [start.value] : []));
    const failed = starts.find((start) => start.status === 'rejected');
    if (!failed) return new Pool(workers);
    for (const worker of workers) worker.terminate();
    throw failed.reason;
  }

  /** Whether a worker died or the pool was closed. */
  get broken(): boolean {
    return this.#lifeline.fault !== null;
  }

  /** Runs a call on the next free worker. */
  submit(call: Call): Promise<void> {
    return new Promise((resolve, reject) => {
      const { fault } = this.#lifeline;
      if (fault) reject(fault);
      else this.#queue.push({ call, resolve, reject });
      this.#next();
    });
  }

  /** Runs a call on every worker. */
  async everywhere(call: Call): Promise<void> {
    await Promise.all(this.#workers.map((worker) => this.#run(worker, call)));
  }

  close(): void {
    this.#end(new NetkinError('worker', 'The workers were stopped.'));
  }

  #next(): void {
    while (this.#idle.length > 0 && this.#queue.length > 0) {
      const worker = this.#idle.pop()!;
      const { call, resolve, reject } = this.#queue.shift()!;
      this.#run(worker, call)
        .then(resolve, reject)
        .finally(() => {
          this.#idle.push(worker);
          this.#next();
        });
    }
  }

  async #run(worker: RemoteWorker, call: Call): Promise<void> {
    worker.hold(true);
    try {
      const number = this.#workers.indexOf(worker);
      const failure = await this.#lifeline.during(() => call(worker.service, number));
      if (failure) throw new NetkinError(failure.code, failure.message);
    } finally {
      worker.hold(false);
    }
  }

  #end(fault: NetkinError): void {
    if (this.broken) return;
    this.#lifeline.cut(fault);
    for (const { reject } of this.#queue.splice(0)) reject(fault);
    for (const worker of this.#workers) worker.terminate();
  }
}
