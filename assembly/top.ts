/**
 * The best k columns of each row, kept as a list sorted by value descending, ties by smaller index.
 *
 * That order is total, so the list depends on the set of columns seen and not on the order they came in.
 * A full list is left alone by most columns: four at a time are compared with its last value.
 */

/** Puts (value, index) into a sorted list of `count` entries with room for k; returns the new count. */
function insert(value: f32, index: i32, values: usize, indices: usize, count: i32, k: i32): i32 {
  let place = count;
  while (place > 0) {
    const before = load<f32>(values + ((<usize>(place - 1)) << 2));
    if (before > value) break;
    if (before == value && load<i32>(indices + ((<usize>(place - 1)) << 2)) < index) break;
    place--;
  }
  if (place >= k) return count;
  const last = min(count, k - 1);
  for (let i = last; i > place; i--) {
    const to = (<usize>i) << 2;
    store<f32>(values + to, load<f32>(values + to - 4));
    store<i32>(indices + to, load<i32>(indices + to - 4));
  }
  store<f32>(values + ((<usize>place) << 2), value);
  store<i32>(indices + ((<usize>place) << 2), index);
  return last + 1;
}

export function keepTop(
  values: usize,
  rows: i32,
  columns: i32,
  stride: i32,
  firstColumn: i32,
  k: i32,
  topValues: usize,
  topIndices: usize,
  topCounts: usize,
  ownFirst: i32,
): void {
  if (k <= 0) return;
  for (let r = 0; r < rows; r++) {
    const row = values + ((<usize>r * <usize>stride) << 2);
    const bestValues = topValues + ((<usize>r * <usize>k) << 2);
    const bestIndices = topIndices + ((<usize>r * <usize>k) << 2);
    const own = ownFirst < 0 ? -1 : ownFirst + r;
    let count = load<i32>(topCounts + ((<usize>r) << 2));
    let c = 0;
    while (c < columns) {
      if (count == k) {
        const least = f32x4.splat(load<f32>(bestValues + ((<usize>(k - 1)) << 2)));
        while (c + 4 <= columns && !v128.any_true(f32x4.ge(v128.load(row + ((<usize>c) << 2)), least)))
          c += 4;
      }
      for (const end = min(c + 4, columns); c < end; c++) {
        const value = load<f32>(row + ((<usize>c) << 2));
        const index = firstColumn + c;
        if (value == value && index != own) count = insert(value, index, bestValues, bestIndices, count, k);
      }
    }
    store<i32>(topCounts + ((<usize>r) << 2), count);
  }
}
