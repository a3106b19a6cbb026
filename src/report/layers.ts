/** Where a similarity comes from: the contribution of each layer, stacked from the first layer to the last. */
import { depthColour } from './colour.js';
import type { LayerShareRow, LayerShares, ReportData } from './data.js';
import { cssShare, decimal, percent } from './format.js';
import { type Html, html } from './html.js';
import { inputView } from './input.js';
import { type Section, table } from './section.js';

export function layersSection(data: ReportData): Section | null {
  const { layerShares } = data;
  if (layerShares === undefined || layerShares.rows.length === 0) return null;
  const { layers, rows } = layerShares;
  const scale = axis(rows);
  return {
    id: 'layers',
    short: 'Layers',
    title: 'Which layers make inputs alike',
    lead: 'Each bar is the similarity of one pair, cut into what each layer contributes: the pieces add up to the number at its end, and a piece to the left of zero makes the pair less alike.',
    next: 'see where the longest pieces lie: a pair carried by early layers tends to share raw features, one carried by the last layers mainly the decision.',
    body: html`
<figure class="card">
<ul class="legend">${layers.map((name, l) => html`<li><span class="key" style="background:${depthColour(l, layers.length)}"></span><bdi>${name}</bdi></li>`)}</ul>
<div class="shares">${rows.map((row) => rowView(data, layers, row, scale))}</div>
<figcaption>${table(
      'Mean contribution of each layer over the rows above',
      [
        { name: 'Layer' },
        { name: 'contribution', number: true },
        { name: 'part of the whole', number: true },
      ],
      means(layerShares),
    )}</figcaption>
</figure>`,
  };
}

interface Axis {
  readonly low: number;
  readonly high: number;
}

/** From the longest stack of negative pieces to the longest of positive ones, at least [0, 1]. */
function axis(rows: readonly LayerShareRow[]): Axis {
  const stack = (row: LayerShareRow, sign: 1 | -1) =>
    Array.from(row.shares).reduce((sum, share) => sum + Math.max(0, sign * share), 0);
  return {
    low: -Math.max(0, ...rows.map((row) => stack(row, -1))),
    high: Math.max(1, ...rows.map((row) => stack(row, 1))),
  };
}

function rowView(data: ReportData, layers: readonly string[], row: LayerShareRow, { low, high }: Axis): Html {
  const width = high - low;
  let right = 0;
  let left = 0;
  const pieces = Array.from(row.shares, (share, l) => {
    const start = share < 0 ? left + share : right;
    if (share < 0) left += share;
    else right += share;
    const place = `left:${cssShare((start - low) / width)};width:${cssShare(Math.abs(share) / width)};background:${depthColour(l, layers.length)}`;
    return html`<span style="${place}" title="${layers[l] ?? ''}: ${decimal(share, 3)}"></span>`;
  });
  const spoken = Array.from(row.shares, (share, l) => `${layers[l] ?? ''} ${decimal(share, 3)}`).join(', ');
  return html`<div class="share"><div class="strip">${row.pair?.map((index) => inputView(data, index))}</div><div><p>${row.name}</p><div class="meter"><div class="track stack" role="img" aria-label="${spoken}">${low < 0 && html`<i style="left:${cssShare(-low / width)}"></i>`}${pieces}</div><span>${decimal(row.similarity)}</span></div></div></div>`;
}

function means({ layers, rows }: LayerShares): readonly (readonly (string | Html)[])[] {
  const average = layers.map(
    (_, l) => rows.reduce((sum, row) => sum + (row.shares[l] ?? 0), 0) / rows.length,
  );
  const whole = average.reduce((sum, share) => sum + share, 0);
  return layers.map((name, l) => [
    html`<bdi>${name}</bdi>`,
    decimal(average[l]!, 3),
    percent(average[l]! / whole),
  ]);
}
