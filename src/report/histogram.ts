/** How the similarities of all pairs are distributed, pairs with equal labels apart from the others. */
import type { ReportData } from './data.js';
import { decimal, percent, whole } from './format.js';
import { type Html, html } from './html.js';
import type { Section } from './section.js';

const TICK = 0.25; // the axis starts at a multiple of this

export function histogramSection(data: ReportData): Section | null {
  const { similarities } = data;
  if (similarities === undefined || similarities.counts.length === 0) return null;
  const { byLabel } = similarities;
  const series: readonly Series[] = byLabel
    ? [
        { name: 'different labels', style: 'different', counts: byLabel.different },
        { name: 'same label', style: 'same', counts: byLabel.same },
      ]
    : [{ name: 'all pairs', style: 'same', counts: similarities.counts }];
  const pairs = total(similarities.counts);
  return {
    id: 'similarities',
    short: 'All pairs',
    title: 'How alike pairs of inputs are',
    lead: byLabel
      ? 'Each curve shows how often a similarity occurs among its pairs: the further the two curves lie apart, the better the network tells the classes apart.'
      : 'The curve shows how often each similarity occurs among all pairs: 1 means that the network treats both inputs as one, 0 that they have nothing to do with each other.',
    next: byLabel
      ? 'where the curves overlap, labels and network disagree; if both sit near 1, the network is hardly trained or sees too little.'
      : 'if everything sits near 1, the network is hardly trained or sees too little.',
    body: html`
<figure class="card">
${chart(series)}
<figcaption>${whole(pairs)} pairs${byLabel && ', each curve drawn as shares of its own pairs'}. ${series.map((one) => html`Mean, ${one.name}: <strong>${decimal(mean(one.counts))}</strong>. `)}</figcaption>
</figure>`,
  };
}

interface Series {
  readonly name: string;
  readonly style: 'same' | 'different';
  readonly counts: ArrayLike<number>;
}

function total(counts: ArrayLike<number>): number {
  return Array.from(counts).reduce((sum, count) => sum + count, 0);
}

/** Mean similarity, each pair placed in the middle of its bin. */
export function mean(counts: ArrayLike<number>): number {
  const weighted = Array.from(counts).reduce(
    (sum, count, i) => sum + count * (-1 + (2 * i + 1) / counts.length),
    0,
  );
  return weighted / total(counts);
}

function chart(series: readonly Series[]): Html {
  const bins = series[0]!.counts.length;
  const edge = (i: number) => -1 + (2 * i) / bins;
  const occupied = (i: number) => series.some((one) => one.counts[i]! > 0);
  let first = 0;
  while (first < bins - 1 && !occupied(first)) first++;
  const start = Math.min(0, Math.floor(edge(first) / TICK) * TICK);
  const from = Math.max(0, Math.floor(((start + 1) / 2) * bins));
  const shares = series.map((one) => {
    const sum = total(one.counts) || 1;
    return Array.from(one.counts, (count) => count / sum).slice(from);
  });
  const highest = Math.max(1e-9, ...shares.flat());
  const ticks = Array.from({ length: Math.round((1 - start) / TICK) + 1 }, (_, i) => start + i * TICK);
  const minor = (i: number) => ticks.length > 6 && (ticks.length - 1 - i) % 2 === 1; // left out on narrow screens
  return html`
<ul class="legend">${series.map((one) => html`<li><span class="key ${one.style}"></span>${one.name}</li>`)}</ul>
<div class="plot">
<svg viewBox="0 0 ${bins - from} 100" preserveAspectRatio="none" role="img" aria-label="Histogram of the similarity of pairs from ${decimal(start)} to 1; ${series.map((one) => `${one.name}: mean ${decimal(mean(one.counts))}, `)}highest bin ${percent(highest)}">${shares.map(
    (heights, s) => outline(heights, highest, series[s]!.style),
  )}</svg>
<ol class="axis">${ticks.map((tick, i) => html`<li${minor(i) && html` class="minor"`}>${decimal(tick)}</li>`)}</ol>
</div>`;
}

function outline(shares: readonly number[], highest: number, style: string): Html {
  const steps = shares.map((share, i) => {
    const y = (100 - (98 * share) / highest).toFixed(2);
    return `L${i} ${y}L${i + 1} ${y}`;
  });
  return html`<path class="${style}" d="M0 100${steps.join('')}L${shares.length} 100"/>`;
}
