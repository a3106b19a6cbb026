/**
 * Reverse mode on float64 arrays, one example at a time: the slow and plain implementation that netkin is compared
 * with. Nothing here or beside it imports from src/.
 */

/** An array of the forward pass and the slope of the chosen output with respect to it. Row-major, no batch axis. */
export interface Value {
  readonly shape: readonly number[];
  readonly data: Float64Array;
  readonly slope: Float64Array;
}

export function count(shape: readonly number[]): number {
  return shape.reduce((product, extent) => product * extent, 1);
}

export class Tape {
  readonly #values: Value[] = [];
  readonly #steps: (() => void)[] = [];

  value(shape: readonly number[], data: Float64Array = new Float64Array(count(shape))): Value {
    const made = { shape, data, slope: new Float64Array(data.length) };
    this.#values.push(made);
    return made;
  }

  /** Registers what sends the slope of an operation's result on to its operands. */
  step(back: () => void): void {
    this.#steps.push(back);
  }

  /** Fills every slope with the derivative of element `index` of `output`. */
  differentiate(output: Value, index: number): void {
    this.differentiateSum([{ output, weights: output.data.map((_, i) => (i === index ? 1 : 0)) }]);
  }

  /** Fills every slope with the derivative of the weighted sum of all elements of all outputs. */
  differentiateSum(outputs: readonly { output: Value; weights: ArrayLike<number> }[]): void {
    for (const { slope } of this.#values) slope.fill(0);
    for (const { output, weights } of outputs) output.slope.set(weights);
    for (const back of [...this.#steps].reverse()) back();
  }
}

/** The same numbers under another shape. */
export function reshaped(value: Value, shape: readonly number[]): Value {
  return { ...value, shape };
}

/** y_i = f(x_i) with the derivative f'(x_i, y_i). */
export function pointwise(
  tape: Tape,
  x: Value,
  f: (x: number) => number,
  derivative: (x: number, y: number) => number,
): Value {
  const y = tape.value(x.shape, x.data.map(f));
  tape.step(() => {
    for (let i = 0; i < y.slope.length; i++) x.slope[i] += y.slope[i] * derivative(x.data[i], y.data[i]);
  });
  return y;
}

/** y_i = f(a_i, b_i) for operands of one shape, with both derivatives. */
export function pairwise(
  tape: Tape,
  a: Value,
  b: Value,
  f: (a: number, b: number) => number,
  derivatives: (a: number, b: number) => readonly [number, number],
): Value {
  const y = tape.value(
    a.shape,
    a.data.map((value, i) => f(value, b.data[i])),
  );
  tape.step(() => {
    for (let i = 0; i < y.slope.length; i++) {
      const [left, right] = derivatives(a.data[i], b.data[i]);
      a.slope[i] += y.slope[i] * left;
      b.slope[i] += y.slope[i] * right;
    }
  });
  return y;
}

/** y_i = x_{from(i)}: every operation that moves, repeats, cuts or pads (from = -1 gives 0). */
export function gathered(tape: Tape, x: Value, shape: readonly number[], from: (i: number) => number): Value {
  const places = Int32Array.from({ length: count(shape) }, (_, i) => from(i));
  const y = tape.value(
    shape,
    Float64Array.from(places, (place) => (place < 0 ? 0 : x.data[place])),
  );
  tape.step(() => {
    places.forEach((place, i) => {
      if (place >= 0) x.slope[place] += y.slope[i];
    });
  });
  return y;
}
