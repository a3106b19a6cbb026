/** Neighbours found through a perspective; a newer question ends the older one. */
import type { ReactiveController, ReactiveControllerHost } from 'lit';
import type { Inputs } from '../../src/inputs.js';
import type { Perspective } from '../../src/perspective.js';
import { answers } from './faults.js';
import type { Neighbour } from './neighbour.js';

export interface Question {
  readonly perspective: Pick<Perspective, 'size' | 'nearest' | 'explain'>;
  /** An input of the set, which is then left out itself, or one outside. */
  readonly input: number | Inputs;
  readonly count: number;
  readonly layers: boolean;
}

export class Search implements ReactiveController {
  /** Kept while a newer search is under way: nothing jumps. */
  found: readonly Neighbour[] | null = null;
  under = false;
  failure: string | null = null;
  readonly #host: ReactiveControllerHost;
  #stop = new AbortController();
  #question: Question | null = null;

  constructor(host: ReactiveControllerHost) {
    this.#host = host;
    host.addController(this);
  }

  /** @param question null: there is nothing to look for */
  async ask(question: Question | null): Promise<void> {
    this.#stop.abort();
    this.#stop = new AbortController();
    const { signal } = this.#stop;
    this.#question = question;
    this.failure = null;
    this.under = question !== null;
    if (question === null) this.found = null;
    else {
      try {
        const found = await find(question, signal);
        if (signal.aborted) return;
        this.found = found;
      } catch (error) {
        if (signal.aborted) return;
        this.found = null;
        this.failure = error instanceof Error ? error.message : String(error);
      }
      this.under = false;
    }
    this.#host.requestUpdate();
  }

  /** An element that is moved in the page goes on where it was stopped. */
  hostConnected(): void {
    if (this.under) void this.ask(this.#question);
  }

  hostDisconnected(): void {
    this.#stop.abort();
  }
}

async function find(
  { perspective, input, count, layers }: Question,
  signal: AbortSignal,
): Promise<Neighbour[]> {
  const inside = typeof input === 'number';
  const { indices, similarities } = answered(
    'nearest',
    await perspective.nearest(input, Math.min(inside ? count + 1 : count, perspective.size), { signal }),
  );
  const neighbours = Array.from(indices, (index, i) => ({ index, similarity: similarities[i]! }))
    .filter(({ index }) => index !== input)
    .slice(0, count);
  if (!layers) return neighbours;
  const others = neighbours.map(({ index }) => index);
  const explained = answered('explain', await perspective.explain(input, others, { signal }));
  return neighbours.map((neighbour, i) => ({ ...neighbour, layers: explained[i]!.layers }));
}

/** An answer of a perspective, which a page may have made itself. */
function answered<Answer>(method: keyof typeof answers, answer: Answer): Answer {
  const fault = answers[method](answer, `The answer of perspective.${method}`);
  if (fault !== null) throw new TypeError(fault);
  return answer;
}
