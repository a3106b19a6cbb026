/** What the figures of experiments share: a sheet of paper, axes, ticks, labels that keep apart. Units are pixels. */
import { type Content, type Html, html, trusted } from '../report/html.js';

export interface Figure {
  /** Begins the ids inside, so that several figures can stand in one page. */
  readonly id: string;
  readonly width: number;
  readonly height: number;
  readonly title: string;
  /** What the figure shows, in words, for those who do not see it. */
  readonly description: string;
  readonly body: Content;
}

/** Maps numbers to places along an axis. */
export type Scale = (value: number) => number;

export function linear(
  [from, to]: readonly [number, number],
  [start, end]: readonly [number, number],
): Scale {
  return (value) => start + ((end - start) * (value - from)) / (to - from || 1);
}

export function logarithmic([from, to]: readonly [number, number], range: readonly [number, number]): Scale {
  const scale = linear([Math.log(from), Math.log(to)], range);
  return (value) => scale(Math.log(value));
}

/** A figure that stands alone as a file, and inside a page; it follows the reader's light or dark. */
export function drawn({ id, width, height, title, description, body }: Figure): Html {
  return html`<svg xmlns="http://www.w3.org/2000/svg" class="nk-figure" viewBox="0 0 ${width} ${height}" width="${width}" height="${height}" role="img" aria-labelledby="${id}-title ${id}-text">
<title id="${id}-title">${title}</title>
<desc id="${id}-text">${description}</desc>
<style>${trusted(STYLE)}</style>
<rect class="paper" width="${width}" height="${height}"/>
${body}
</svg>`;
}

/** Round numbers at even distances, about `count` of them, from 0 or `from` to `to`. */
export function roundTicks(from: number, to: number, count: number): number[] {
  const rough = (to - from) / count || 1;
  const power = 10 ** Math.floor(Math.log10(rough));
  const step = [1, 2, 2.5, 5, 10].map((factor) => factor * power).find((size) => size >= rough)!;
  const first = Math.ceil(from / step - 1e-9);
  const last = Math.floor(to / step + 1e-9);
  return Array.from({ length: last - first + 1 }, (_, i) => (first + i) * step);
}

/** 1, 2, 5, 10, … between two positive numbers. */
export function logTicks(from: number, to: number): number[] {
  const ticks: number[] = [];
  for (let power = 10 ** Math.floor(Math.log10(from)); power <= to; power *= 10) {
    for (const factor of [1, 2, 5]) {
      const tick = Number((factor * power).toPrecision(3));
      if (tick >= from && tick <= to) ticks.push(tick);
    }
  }
  return ticks;
}

/** Moves places until neighbours are `gap` apart, as little as possible, inside [low, high]; in the order given. */
export function apart(places: readonly number[], gap: number, low: number, high: number): number[] {
  const order = [...places.keys()].sort((a, b) => places[a]! - places[b]!);
  const result = [...places];
  // Groups of labels that touch share their middle.
  const groups: { members: number[]; centre: number }[] = [];
  const half = ({ members }: { members: number[] }) => (gap * (members.length - 1)) / 2;
  for (const label of order) {
    groups.push({ members: [label], centre: places[label]! });
    for (;;) {
      const [before, last] = groups.slice(-2);
      if (!before || !last || before.centre + half(before) + gap <= last.centre - half(last)) break;
      const members = [...before.members, ...last.members];
      const centre = members.reduce((sum, member) => sum + places[member]!, 0) / members.length;
      groups.splice(-2, 2, { members, centre });
    }
  }
  for (const group of groups) {
    const reach = half(group);
    const centre = Math.min(Math.max(group.centre, low + reach), high - reach);
    for (const [i, member] of group.members.entries()) result[member] = centre - reach + i * gap;
  }
  return result;
}

/** A path through points, one decimal each. */
export function path(points: readonly (readonly [number, number])[]): string {
  return points.map(([x, y], i) => `${i === 0 ? 'M' : 'L'}${place(x)} ${place(y)}`).join('');
}

export function place(value: number): string {
  return String(Number(value.toFixed(1)));
}

/**
 * Contrast of every text is at least 4.5 on its paper, of every line 3. Ten steps `s0` to `s9` of one scale, from blue-grey
 * to red, differ in lightness and in width, too: the further from the paper and the wider, the more.
 */
const STYLE = `
.nk-figure { --paper: #ffffff; --ink: #1c2026; --soft: #565d68; --grid: #e6e3dd; --blue: #0b62a8; --orange: #a84300; --points: #8a8f98;
  --s0: #6b93bd; --s1: #6f84b8; --s2: #7674b0; --s3: #7f63a5; --s4: #8a5197; --s5: #953f86; --s6: #9f2d72; --s7: #a81c5a; --s8: #ae0d3e; --s9: #b3001f;
  max-width: 100%; height: auto; font: 13px ui-sans-serif, system-ui, -apple-system, "Segoe UI", Roboto, "Helvetica Neue", "Noto Sans", Arial, sans-serif; font-variant-numeric: tabular-nums; }
@media (prefers-color-scheme: dark) { .nk-figure { --paper: #1b1e24; --ink: #e8e6e2; --soft: #a7acb6; --grid: #30343d; --blue: #7db9f0; --orange: #f2a45f; --points: #6c727d;
  --s0: #5f7fa8; --s1: #6f80b4; --s2: #8281bd; --s3: #9782c2; --s4: #ad83c2; --s5: #c285bb; --s6: #d589ac; --s7: #e59097; --s8: #f19b7f; --s9: #f9aa66; } }
.nk-figure .paper { fill: var(--paper); }
.nk-figure text { fill: var(--soft); }
.nk-figure .name { fill: var(--ink); }
.nk-figure .over { paint-order: stroke; stroke: var(--paper); stroke-width: 5px; stroke-linejoin: round; }
.nk-figure .strong { fill: var(--ink); font-weight: 650; }
.nk-figure .grid { stroke: var(--grid); fill: none; }
.nk-figure .guide { stroke: var(--soft); stroke-dasharray: 5 4; fill: none; }
.nk-figure .lead { stroke: var(--grid); fill: none; }
.nk-figure .line { fill: none; stroke-width: 2; stroke-linejoin: round; stroke-linecap: round; }
.nk-figure .soft { stroke: var(--ink); } .nk-figure .hard { stroke: var(--blue); } .nk-figure .power { stroke: var(--orange); stroke-dasharray: 7 3; }
.nk-figure text.hard { fill: var(--blue); stroke: none; } .nk-figure text.power { fill: var(--orange); stroke: none; }
.nk-figure .reference { fill: var(--paper); stroke: var(--ink); stroke-width: 1.5; stroke-dasharray: none; } .nk-figure .reference.hard { stroke: var(--blue); } .nk-figure .reference.power { stroke: var(--orange); }
.nk-figure .dot { stroke: none; } .nk-figure .dot.soft { fill: var(--ink); } .nk-figure .dot.hard { fill: var(--blue); } .nk-figure .dot.power { fill: var(--orange); }
.nk-figure .points { fill: none; stroke: var(--points); stroke-width: 2; stroke-linecap: round; stroke-opacity: .55; } .nk-figure .key { stroke-width: 6; stroke-opacity: 1; }
.nk-figure .truth { stroke: var(--ink); stroke-dasharray: 6 4; stroke-width: 1.5; fill: none; } .nk-figure .fit { stroke: var(--blue); stroke-width: 2.5; fill: none; }
${Array.from({ length: 10 }, (_, i) => `.nk-figure .s${i} { stroke: var(--s${i}); stroke-width: ${2 + i / 5}; } .nk-figure rect.s${i} { fill: var(--s${i}); stroke: none; }`).join('\n')}
`;
