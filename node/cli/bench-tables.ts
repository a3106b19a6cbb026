/** What `netkin bench` measured, in tables of 80 columns: one for each task, then the goals. */
import type { Bench, BenchRow, Goal } from '../bench/rows.js';
import { bytes, count, facts, table } from './table.js';

const RIGHT = { align: 'right' } as const;

export function describeBench({ machine, rows, goals }: Bench): string {
  const { cpu, cores, node, peers } = machine;
  return [
    facts([
      ['machine', `${cpu}, ${cores} cores, Node ${node}`],
      ['peers', peers],
    ]),
    ...groups(rows).map(([task, group]) => `${task}\n${tasks(group)}`),
    `Goals\n${goalTable(goals)}`,
  ].join('\n\n');
}

/** Rows by task, in their order. */
function groups(rows: readonly BenchRow[]): [string, BenchRow[]][] {
  const found = new Map<string, BenchRow[]>();
  for (const row of rows) {
    const group = found.get(row.task) ?? [];
    group.push(row);
    found.set(row.task, group);
  }
  return [...found];
}

function tasks(rows: readonly BenchRow[]): string {
  if (rows.some(({ gigaflops }) => gigaflops !== undefined)) return rates(rows);
  return new Set(rows.map(({ inputs }) => inputs)).size > 1 || rows.some(({ peakMemory }) => peakMemory)
    ? growth(rows)
    : times(rows);
}

function rates(rows: readonly BenchRow[]): string {
  return table(
    [{ title: 'by' }, { title: 'seconds', ...RIGHT }, { title: 'GF/s', ...RIGHT }],
    rows.map(({ by, seconds, gigaflops }) => [by, seconds.toPrecision(3), (gigaflops ?? 0).toFixed(1)]),
  );
}

/** Threads side by side; the first is netkin itself, the others are so many times as slow. */
function times(rows: readonly BenchRow[]): string {
  const threads = [...new Set(rows.map((row) => row.threads))];
  const find = (by: string, thread: number) =>
    rows.find((row) => row.by === by && row.threads === thread)?.seconds;
  const first = rows[0]!.by;
  const shown = (value: number | undefined) => (value === undefined ? '' : `${value.toPrecision(3)} s`);
  return table(
    [
      { title: 'by' },
      ...threads.flatMap((thread) => [
        { title: thread === 1 ? '1 thread' : `${thread} threads`, ...RIGHT },
        { title: '×', ...RIGHT },
      ]),
    ],
    [...new Set(rows.map(({ by }) => by))].map((by) => [
      by,
      ...threads.flatMap((thread) => {
        const [own, ours] = [find(by, thread), find(first, thread)];
        return [shown(own), own === undefined || !ours ? '' : (own / ours).toPrecision(3)];
      }),
    ]),
  );
}

function growth(rows: readonly BenchRow[]): string {
  return table(
    [
      { title: 'inputs', ...RIGHT },
      { title: 'by' },
      { title: 'threads', ...RIGHT },
      { title: 'seconds', ...RIGHT },
      { title: 'memory', ...RIGHT },
    ],
    rows.map(({ by, threads, seconds, inputs, peakMemory }) => [
      count(inputs ?? 0),
      by,
      String(threads),
      seconds.toPrecision(3),
      peakMemory === undefined ? '' : bytes(peakMemory),
    ]),
  );
}

function goalTable(goals: Readonly<Record<string, Goal>>): string {
  return table(
    [{ title: '#', ...RIGHT }, { title: 'goal' }, { title: 'measured', ...RIGHT }, { title: 'met' }],
    Object.entries(goals).map(([number, { goal, measured, met }]) => [
      number,
      goal,
      measured === null ? '-' : measured.toPrecision(3),
      measured === null ? 'not measured' : met ? 'yes' : 'no',
    ]),
  );
}
