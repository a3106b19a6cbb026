/**
 * The rows of a perspective and who may use them: calls share one stack of kernel memory, so they take turns, and what
 * they put beside the rows goes with them.
 */
import { refuse } from '../errors.js';
import type { Inputs } from '../inputs.js';
import { Comparison } from '../similarity/comparison.js';
import { kindsOf, type SimilarityKernel } from '../similarity/kernels.js';
import type { RowSource } from '../similarity/source.js';
import { run, type Watch } from '../watch.js';
import type { Work } from '../work.js';
import type { PerspectiveContext } from './context.js';

/** Perspectives that go with the garbage release their workers' view of the memory, too. */
const forgotten = new FinalizationRegistry<() => void>((release) => release());

export class Turns {
  readonly #context: PerspectiveContext;
  #held: Comparison | null;
  #last: Promise<unknown> = Promise.resolve();

  constructor(source: RowSource, context: PerspectiveContext) {
    this.#held = new Comparison(source);
    this.#context = context;
    forgotten.register(this, context.release);
  }

  /** @throws NetkinError 'usage' once the rows were given back */
  get comparison(): Comparison {
    return this.#held ?? refuse('usage', 'This perspective was disposed of; capture the inputs again.');
  }

  /** Gives the rows back; a call under way still has its workers. */
  close(): void {
    this.#held = null;
    this.#last.finally(() => this.#context.release());
  }

  /** Runs work on the rows when its turn comes. */
  async run<Result>(stage: string, watch: Watch, work: (own: Comparison) => Work<Result>): Promise<Result> {
    // Awaited here, so that rows that only this call knows of are not collected meanwhile.
    return await this.#exclusive(() => run(stage, work(this.comparison), watch));
  }

  /**
   * The same with other inputs captured beside the rows for as long as the work takes; null without.
   * @param kernel what will be compared; default 'correlation'
   */
  async runBeside<Result>(
    stage: string,
    inputs: Inputs | undefined,
    watch: Watch,
    work: (own: Comparison, other: RowSource | null) => Work<Result>,
    kernel: SimilarityKernel = 'correlation',
  ): Promise<Result> {
    if (!inputs) return this.run(stage, watch, (own) => work(own, null));
    return await this.#exclusive(async () => {
      // Whitened rows stay, so they come before what is released.
      const { source } = this.comparison;
      source.prepare(kindsOf(kernel)[0]);
      const { arena } = source.site;
      const mark = arena.mark();
      try {
        const other = await this.#context.capture(inputs, watch);
        return await run(stage, work(this.comparison, other), watch);
      } finally {
        arena.release(mark);
      }
    });
  }

  #exclusive<Result>(body: () => Promise<Result>): Promise<Result> {
    const turn = this.#last.then(body);
    this.#last = turn.catch(() => undefined);
    return turn;
  }
}
