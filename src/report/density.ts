/** How crowded the data are around each input, by the soft count N_S. */
import type { Density, DensityBin, InputCount, ReportData } from './data.js';
import { cssShare, plural, significant, whole } from './format.js';
import { type Html, html } from './html.js';
import { classText, inputName, inputView, labelOf, tile } from './input.js';
import type { Section } from './section.js';

/** Smallest, middle and largest of the finite counts; null when there are none. */
export function spread(
  counts: ArrayLike<number>,
): { readonly low: number; readonly median: number; readonly high: number } | null {
  const sorted = Float64Array.from(counts).filter(Number.isFinite).sort();
  if (sorted.length === 0) return null;
  const middle = (sorted.length - 1) / 2;
  const median = (sorted[Math.floor(middle)]! + sorted[Math.ceil(middle)]!) / 2;
  return { low: sorted[0]!, median, high: sorted[sorted.length - 1]! };
}

export function densitySection(data: ReportData): Section | null {
  const { density } = data;
  if (density === undefined) return null;
  return {
    id: 'density',
    short: 'Density',
    title: 'How many neighbours each input has',
    lead: html`The soft count of an input is the sum of its similarities to all ${whole(data.inputs)} inputs, itself included: the columns show how many inputs have how many such neighbours, with one example under each.`,
    next: 'look at the left end: isolated inputs are often rare cases, damaged data, or examples that the network had to memorise; more data of that kind is the first thing to try.',
    body: html`
<figure class="card">
${histogram(data, density.bins)}
<figcaption>${summary(data, density)}</figcaption>
</figure>
<div class="pair">
${extremes(data, 'Most isolated', density.isolated)}
${extremes(data, 'Most crowded', density.crowded)}
</div>`,
  };
}

function summary(data: ReportData, density: Density): Html {
  const found = spread(density.counts);
  if (found === null) return html`Number of inputs by soft count.`;
  return html`Number of inputs by soft count N<sub>S</sub>. Half of them have fewer than <strong>${significant(found.median)}</strong> neighbours out of ${whole(data.inputs)}; the range is ${significant(found.low)} to ${significant(found.high)}.`;
}

function histogram(data: ReportData, bins: readonly DensityBin[]): Html {
  const highest = Math.max(1, ...bins.map((bin) => bin.count));
  return html`<ol class="columns">${bins.map(
    (bin) =>
      html`<li title="${plural(bin.count, 'input')} with ${significant(bin.from)} to ${significant(bin.to)} neighbours"><span class="count">${whole(bin.count)}</span><div class="bar"><div style="height:${cssShare(bin.count / highest)}"></div></div><div class="example">${bin.example !== null && inputView(data, bin.example)}</div><span class="edge">${significant(bin.from)}<span class="upper">–${significant(bin.to)}</span></span></li>`,
  )}</ol>`;
}

function extremes(data: ReportData, title: string, inputs: readonly InputCount[]): Html | null {
  if (inputs.length === 0) return null;
  return html`<div class="card"><h3>${title}</h3><div class="strip large">${inputs.map(({ index, count }) => {
    const label = labelOf(data, index);
    return tile(
      data,
      index,
      html`<strong>${significant(count)}</strong><br>${label >= 0 ? classText(data, label) : inputName(data, index)}`,
    );
  })}</div></div>`;
}
