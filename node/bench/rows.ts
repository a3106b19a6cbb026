/** The rows of the benchmark and the goals that they answer (performance goals 1 to 10 of the project). */

export interface BenchRow {
  /** What was computed, on what. */
  readonly task: string;
  /** Who computed it. */
  readonly by: string;
  readonly threads: number;
  readonly seconds: number;
  /** Useful floating-point operations per second in units of 10⁹, where that is what counts. */
  readonly gigaflops?: number;
  /** Inputs, where the same is measured for several numbers of them. */
  readonly inputs?: number;
  /** The most memory that the process had at any time, in bytes: all of it, inputs, Node and tfjs included. */
  readonly peakMemory?: number;
}

export interface Goal {
  readonly goal: string;
  /** A ratio or an error, in the goal's own terms; null where this run could not measure it. */
  readonly measured: number | null;
  readonly met: boolean;
  /** How it was measured, or why not. */
  readonly how: string;
}

export interface Machine {
  readonly cpu: string;
  readonly cores: number;
  readonly node: string;
  /** Versions of the peers, or why there are none. */
  readonly peers: string;
}

export interface Bench {
  readonly machine: Machine;
  readonly rows: readonly BenchRow[];
  readonly goals: Readonly<Record<string, Goal>>;
}

/** What one part of the benchmark adds. */
export interface Part {
  readonly rows: readonly BenchRow[];
  readonly goals: Readonly<Record<string, Goal>>;
}

export function goal(
  text: string,
  measured: number | null,
  met: (value: number) => boolean,
  how: string,
): Goal {
  return { goal: text, measured, met: measured !== null && met(measured), how };
}
