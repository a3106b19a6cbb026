import type { NetkinError } from '../errors.js';

/**
 * What a worker's callers hang on: when it ends, whatever they wait for fails. `Promise.race` with a promise of the end
 * would keep every result for as long as the worker lives.
 */
export class Lifeline {
  readonly #waiting = new Set<(fault: NetkinError) => void>();
  #fault: NetkinError | null = null;

  /** Why it was cut; null while it holds. */
  get fault(): NetkinError | null {
    return this.#fault;
  }

  /** Fails what is waited for, now and later; the first reason counts. */
  cut(fault: NetkinError): void {
    if (this.#fault) return;
    this.#fault = fault;
    for (const fail of this.#waiting) fail(fault);
    this.#waiting.clear();
  }

  /** The result of some work, or the fault where that comes first. Comlink leaves calls to a dead worker pending. */
  during<Result>(work: () => Promise<Result>): Promise<Result> {
    return new Promise((resolve, reject) => {
      if (this.#fault) {
        reject(this.#fault);
        return;
      }
      this.#waiting.add(reject);
      work()
        .then(resolve, reject)
        .finally(() => this.#waiting.delete(reject));
    });
  }
}
