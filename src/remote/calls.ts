/** Calls to the worker that an engine lives in. A worker that ends fails its calls; nothing is left pending. */
import { NetkinError } from '../errors.js';
import type { RemoteWorker } from '../runtime.js';
import type { Host } from './host.js';
import type { Answer, Request } from './messages.js';
import { shipCopies } from './shipping.js';
import { CallerEnd, type Watcher } from './watching.js';

export class Calls {
  readonly #worker: RemoteWorker;
  #fault: NetkinError | null = null;
  /** Settles when the worker has ended. */
  readonly #ended: Promise<void>;

  constructor(worker: RemoteWorker) {
    this.#worker = worker;
    this.#ended = worker.ended.then((reason) => {
      this.#fault ??= new NetkinError(
        'worker',
        `The worker that the engine lived in ended: ${reason}. Open the model again.`,
      );
    });
  }

  /** One exchange; its error is a NetkinError again. */
  async ask<Result>(send: (host: Host) => Promise<Answer<Result>>): Promise<Result> {
    if (this.#fault) throw this.#fault;
    this.#worker.hold(true);
    try {
      // Comlink leaves calls to a dead worker pending for ever, hence the race.
      const answer = await Promise.race([send(this.#worker.host), this.#ended]);
      if (!answer) throw this.#fault;
      if ('failure' in answer) throw new NetkinError(answer.failure.code, answer.failure.message);
      return answer.result;
    } finally {
      this.#worker.hold(false);
    }
  }

  /** Sends data as copies that move. */
  moved<Value>(given: Value): Value {
    const { value, moving } = shipCopies(given);
    return this.#worker.transfer(value, moving);
  }

  /**
   * A call of a method.
   * @param options its last parameter; what can not travel (signal, progress, visit) is watched from here
   */
  async call<Result>(
    send: (host: Host, request: Request) => Promise<Answer<Result>>,
    method: string,
    parameters: readonly unknown[],
    options?: Watcher,
  ): Promise<Result> {
    if (!options) {
      const request = { method, parameters, watched: null };
      return this.ask((host) => send(host, this.moved(request)));
    }
    const { signal: _, progress: __, visit: ___, ...rest } = options;
    const end = new CallerEnd(options);
    try {
      const { value, moving } = shipCopies({ method, parameters: [...parameters, rest] });
      const { watched } = end;
      const request = this.#worker.transfer({ ...value, watched }, [...moving, watched.port]);
      const result = await this.ask((host) => send(host, request));
      await Promise.race([end.ended, this.#ended]);
      end.assertSound();
      return result;
    } catch (error) {
      end.assertSound();
      throw error;
    } finally {
      end.close();
    }
  }

  /** Ends the worker; calls under way fail. */
  async end(): Promise<void> {
    if (this.#fault) return;
    this.#fault = new NetkinError('usage', 'This engine was disposed of; open the model again.');
    this.#worker.terminate();
  }
}
