/**
 * Spearman's rank correlation of two lists of n numbers, in [-1, 1]: whether one rises with the other, however. Equal
 * numbers share their mean rank; NaN where all numbers of a list are equal.
 */
export function rankCorrelation(one: ArrayLike<number>, other: ArrayLike<number>): number {
  const [a, b] = [ranks(one), ranks(other)];
  const middle = (one.length - 1) / 2;
  let [both, first, second] = [0, 0, 0];
  for (let i = 0; i < a.length; i++) {
    const [left, right] = [a[i]! - middle, b[i]! - middle];
    both += left * right;
    first += left * left;
    second += right * right;
  }
  return both / Math.sqrt(first * second);
}

/** From 0 on. */
function ranks(values: ArrayLike<number>): Float64Array {
  const order = Array.from(values, (_, i) => i).sort((i, j) => values[i]! - values[j]!);
  const result = new Float64Array(values.length);
  for (let from = 0; from < order.length; ) {
    let to = from;
    while (to + 1 < order.length && values[order[to + 1]!] === values[order[from]!]) to++;
    for (let place = from; place <= to; place++) result[order[place]!] = (from + to) / 2;
    from = to + 1;
  }
  return result;
}
