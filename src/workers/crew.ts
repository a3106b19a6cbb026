/**
 * An engine's workers, started when work is worth it, and what one perspective sees of them. Results do not depend on
 * them: each value is computed by one thread in one order, and sums are made by the caller.
 */
import { NetkinError } from '../errors.js';
import { WIDE_SCRATCH_BYTES } from '../kernel/wide.js';
import type { NetworkParcel } from '../network/parcel.js';
import type { Runtime } from '../runtime.js';
import type { MomentsTask } from '../similarity/moments.js';
import type { StripTask } from '../similarity/strip-task.js';
import type { Executor } from '../similarity/strips.js';
import type { Work } from '../work.js';
import { Pool } from './pool.js';
import type { CaptureTask } from './service.js';

/** Multiply-adds, of all calls together, below which starting workers (some 0.1 s) costs more than it saves. */
const WORTHWHILE = 5e9;
/** Multiply-adds (some 3 ms) below which workers that run already are not asked. */
const CRUMBS = 1e8;

export class Crew {
  readonly threads: number;
  readonly #runtime: Runtime;
  #pool: Promise<Pool> | null = null;
  #met = 0;
  #closed = false;
  #memories = 0;

  constructor(runtime: Runtime, threads: number) {
    this.#runtime = runtime;
    this.threads =
      runtime.spawn && runtime.sharedKernel && typeof SharedArrayBuffer !== 'undefined' ? threads : 0;
  }

  /** Whether perspectives should lie in shared memory. */
  get shares(): boolean {
    return this.threads >= 2;
  }

  /** The pool; a new one where the last has broken. */
  async pool(): Promise<Pool> {
    const known = this.#pool;
    const present = await known?.catch(() => null);
    if (this.#closed) throw new NetkinError('worker', 'The workers were stopped.');
    if (present && !present.broken) return present;
    // Another call may have started one meanwhile.
    if (!this.#pool || this.#pool === known) this.#pool = Pool.start(this.#runtime, this.threads);
    return this.#pool;
  }

  /** A number by which the workers know a memory. */
  nextMemory(): number {
    this.#memories += 1;
    return this.#memories;
  }

  /** Whether so much work is for workers: they are started once as much was met as their start costs. */
  worth(multiplyAdds: number): boolean {
    this.#met += multiplyAdds;
    return !this.#closed && this.#met >= WORTHWHILE && multiplyAdds >= CRUMBS;
  }

  close(): void {
    this.#closed = true;
    const closing = this.#pool;
    this.#pool = null;
    closing?.then(
      (pool) => pool.close(),
      () => undefined,
    );
  }
}

/** Strips under way: two for each worker, so that the next is there when one is done. */
export function slotsOf(workers: number): number {
  return Math.max(1, 2 * workers);
}

/** The crew on the memory of one perspective. */
export class SharedWork implements Executor {
  readonly #crew: Crew;
  readonly #kernel: WebAssembly.Module;
  readonly #memory: WebAssembly.Memory;
  readonly #wide: number;
  readonly #id: number;
  #pool: Pool | null = null;
  /** The pool in which the network is open. */
  #opened: Pool | null = null;

  /** @param wide scratch for 256-bit kernels, {@link WIDE_SCRATCH_BYTES} for each worker, or 0: without them */
  constructor(crew: Crew, kernel: WebAssembly.Module, memory: WebAssembly.Memory, wide: number) {
    this.#crew = crew;
    this.#id = crew.nextMemory();
    this.#kernel = kernel;
    this.#memory = memory;
    this.#wide = wide;
  }

  get slots(): number {
    return slotsOf(this.#crew.threads);
  }

  get threads(): number {
    return this.#crew.threads;
  }

  *ready(multiplyAdds: number): Work<boolean> {
    if (!this.#crew.worth(multiplyAdds)) return false;
    yield this.#attach();
    return true;
  }

  strip(task: StripTask): Promise<void> {
    return this.#working.submit((service) => service.strip(this.#id, task));
  }

  moments(task: MomentsTask): Promise<void> {
    return this.#working.submit((service) => service.moments(this.#id, task));
  }

  /** Opens a network in every worker, where it is not open yet, so that {@link capture} can be called. */
  async openNetwork(parcel: NetworkParcel): Promise<void> {
    await this.#attach();
    if (this.#opened === this.#pool) return;
    await this.#working.everywhere((service) => service.openNetwork(this.#id, parcel));
    this.#opened = this.#pool;
  }

  capture(task: CaptureTask): Promise<void> {
    return this.#working.submit((service) => service.capture(this.#id, task));
  }

  /** Lets the workers forget the memory. */
  release(): void {
    const pool = this.#pool;
    this.#pool = this.#opened = null;
    if (pool && !pool.broken) pool.everywhere((service) => service.detach(this.#id)).catch(() => undefined);
  }

  async #attach(): Promise<void> {
    const pool = await this.#crew.pool();
    if (pool === this.#pool) return;
    await pool.everywhere((service, worker) => {
      const wide = this.#wide && this.#wide + worker * WIDE_SCRATCH_BYTES;
      return service.attach(this.#id, this.#kernel, this.#memory, wide);
    });
    this.#pool = pool;
  }

  get #working(): Pool {
    if (!this.#pool) throw new NetkinError('worker', 'The workers were released; make another perspective.');
    return this.#pool;
  }
}
