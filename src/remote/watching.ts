/**
 * Progress, visited strips and cancellation of one call, over a port of its own that is closed when the call ends:
 * the caller says 'abort'; the host sends progress and strips, and 'end' when no more will come.
 */
import type { PairStrip } from '../similarity/comparison.js';
import type { Progress, Watch } from '../watch.js';
import type { Watched } from './messages.js';

export type Watcher = Watch & { readonly visit?: (strip: PairStrip) => void };

type Notice = { readonly progress: Progress } | { readonly strip: PairStrip } | 'end';

/** The caller's end. */
export class CallerEnd {
  readonly watched: Watched;
  /** Settles when every notice was handed on. */
  readonly ended: Promise<void>;
  readonly #port: MessagePort;
  readonly #signal: AbortSignal | undefined;
  readonly #abort = () => this.#port.postMessage('abort');
  #fault: { readonly error: unknown } | null = null;

  constructor({ signal, progress, visit }: { [Name in keyof Watcher]: Watcher[Name] | undefined }) {
    const { port1, port2 } = new MessageChannel();
    this.#port = port1;
    this.#signal = signal;
    this.watched = {
      port: port2,
      aborted: signal?.aborted === true,
      progress: progress !== undefined,
      visit: visit !== undefined,
    };
    this.ended = new Promise((resolve) => {
      port1.onmessage = ({ data }: MessageEvent<Notice>) => {
        if (data === 'end') return resolve();
        try {
          if ('progress' in data) progress?.(data.progress);
          else visit?.(data.strip);
        } catch (error) {
          this.#fault ??= { error };
          this.#abort();
        }
      };
    });
    signal?.addEventListener('abort', this.#abort, { once: true });
  }

  /** Throws what the caller's own function threw, if it did: that ends its call. */
  assertSound(): void {
    if (this.#fault) throw this.#fault.error;
  }

  close(): void {
    this.#signal?.removeEventListener('abort', this.#abort);
    this.#port.close();
  }
}

/** The host's end of a watched call; ends with {@link HostEnd.close}. */
export class HostEnd {
  readonly watcher: Watcher;
  readonly #port: MessagePort;

  constructor({ port, aborted, progress, visit }: Watched) {
    const stopping = new AbortController();
    if (aborted) stopping.abort();
    port.onmessage = () => stopping.abort();
    this.#port = port;
    this.watcher = {
      signal: stopping.signal,
      ...(progress && { progress: (progress) => port.postMessage({ progress } satisfies Notice) }),
      ...(visit && {
        visit: (strip) => {
          const copy = compact(strip);
          port.postMessage({ strip: copy } satisfies Notice, [copy.values.buffer]);
        },
      }),
    };
  }

  close(): void {
    this.#port.postMessage('end' satisfies Notice);
    this.#port.onmessage = null;
  }
}

/** A strip that outlives its visit. */
function compact({ values, stride, ...place }: PairStrip) {
  const { rows, columns } = place;
  const copy = new Float32Array(rows * columns);
  for (let r = 0; r < rows; r++) copy.set(values.subarray(r * stride, r * stride + columns), r * columns);
  return { ...place, values: copy, stride: columns };
}
