/** Times that can be compared: all cases of one table run in turn, several rounds, and the medians count. */

/** Runs every case once to warm up, then `rounds` times in turn; median seconds of each. */
export async function interleave(
  cases: Readonly<Record<string, () => unknown>>,
  rounds: number,
): Promise<Map<string, number>> {
  const times = new Map<string, number[]>(Object.keys(cases).map((name) => [name, []]));
  for (const work of Object.values(cases)) await work();
  for (let round = 0; round < rounds; round++) {
    for (const [name, work] of Object.entries(cases)) {
      const start = performance.now();
      await work();
      times.get(name)!.push((performance.now() - start) / 1000);
    }
  }
  return new Map(Array.from(times, ([name, all]) => [name, median(all)]));
}

function median(values: readonly number[]): number {
  const sorted = [...values].sort((a, b) => a - b);
  return sorted[Math.floor(sorted.length / 2)]!;
}
