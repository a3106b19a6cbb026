/** Calls to the worker that an engine lives in. A worker that ends fails its calls; nothing is left pending. */
import { NetkinError } from '../errors.js';
import type { RemoteWorker } from '../runtime.js';
import { assertWatch } from '../watch.js';
import { Lifeline } from '../workers/lifeline.js';
import type { Host } from './host.js';
import type { Answer, Request } from './messages.js';
import { shipCopies } from './shipping.js';
import { CallerEnd, type Watcher } from './watching.js';

/** Workers of engines that were forgotten, all perspectives with them, end. */
const forgotten = new FinalizationRegistry<RemoteWorker>((worker) => worker.terminate());

export class Calls {
  readonly #worker: RemoteWorker;
  /** An object of its own, so that a living worker does not keep its caller. */
  readonly #lifeline = new Lifeline();

  constructor(worker: RemoteWorker) {
    const lifeline = this.#lifeline;
    this.#worker = worker;
    worker.ended.then((reason) => {
      const words = `The worker that the engine lived in ended: ${reason}. Open the model again.`;
      lifeline.cut(new NetkinError('worker', words));
      // In a browser it may live on after an error that nothing caught.
      worker.terminate();
    });
    forgotten.register(this, worker, this);
  }

  /** One exchange; its error is a NetkinError again. */
  async ask<Result>(send: (host: Host) => Promise<Answer<Result>>): Promise<Result> {
    this.#worker.hold(true);
    try {
      const answer = await this.#lifeline.during(() => send(this.#worker.host));
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
   * @param options its last parameter; what cannot travel (signal, progress, visit) is watched from here
   */
  async call<Method, Result>(
    send: (host: Host, request: Request<Method>) => Promise<Answer<Result>>,
    method: Method,
    parameters: readonly unknown[],
    options?: Watcher,
  ): Promise<Result> {
    const { signal, progress, visit, ...rest } = options ?? {};
    assertWatch({ signal, progress });
    const { value, moving } = shipCopies({ method, parameters, options: options ? rest : null });
    if (!(signal || progress || visit)) {
      const request = this.#worker.transfer({ ...value, watched: null }, moving);
      return this.ask((host) => send(host, request));
    }
    const end = new CallerEnd({ signal, progress, visit });
    const { watched } = end;
    try {
      const request = this.#worker.transfer({ ...value, watched }, [...moving, watched.port]);
      const result = await this.ask((host) => send(host, request));
      await this.#lifeline.during(() => end.ended);
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
    forgotten.unregister(this);
    this.#lifeline.cut(new NetkinError('usage', 'This engine was disposed of; open the model again.'));
    this.#worker.terminate();
  }
}
