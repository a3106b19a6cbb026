/** The similarity of every pair in a sample ordered by class, as a picture that needs no script. */
import { refuse } from '../errors.js';
import { SIMILARITY_GRADIENT, similarityColour } from './colour.js';
import type { HeatMap, ReportData } from './data.js';
import { cssShare, decimal, whole } from './format.js';
import { type Content, type Html, html, jsonBlock } from './html.js';
import { className, classText, labelOf, pictureOf } from './input.js';
import { indexedPng } from './png.js';
import { type Section, table } from './section.js';

/** Similarities become 255 levels, so that 0 has one of its own; the last index marks what is not finite. */
const LEVELS = 255;
const MISSING = 255;
const PALETTE = [
  ...Array.from({ length: LEVELS }, (_, i) => similarityColour((2 * i) / (LEVELS - 1) - 1)),
  [128, 128, 128] as const,
];

export function heatMapSection(data: ReportData): Section | null {
  const { heatMap } = data;
  if (heatMap === undefined || heatMap.size === 0) return null;
  const { size, groups } = heatMap;
  if (heatMap.values.length !== size * size || heatMap.inputs.length !== size) {
    refuse(
      'usage',
      `The heat map says ${size} inputs but holds ${heatMap.values.length} values and ${heatMap.inputs.length} inputs: expected ${size * size} and ${size}.`,
    );
  }
  const order: Content = groups.length > 0 ? ', ordered by given class' : '';
  return {
    id: 'heat-map',
    short: 'Heat map',
    title: 'Every pair at a glance',
    lead: html`Row and column are the same ${whole(size)} inputs${order}: a dark red-brown cell is a pair that the network treats alike, a blue one a pair that pulls in opposite directions${groups.length > 0 && '; classes that it keeps apart stand out as squares along the diagonal'}.`,
    next:
      groups.length > 0 &&
      'look for dark blocks off the diagonal, which are classes that the network confuses, and for pale lines through a square, which are inputs that do not belong there.',
    body: html`
<figure class="card heat">
${picture(data, heatMap)}
<figcaption>
<div class="scale"><div style="background:${SIMILARITY_GRADIENT}"></div><ol><li>−1<br>opposite</li><li>0<br>unrelated</li><li>1<br>alike</li></ol></div>
<div class="readout" hidden><div class="strip"></div><output>Point at the map, or focus it and use the arrow keys, to read a pair.</output><button type="button" aria-pressed="false">Enlarge</button></div>
${groups.length > 1 && groupTable(data, heatMap)}
</figcaption>
</figure>
${jsonBlock('heat-data', pairsForScript(data, heatMap))}`,
  };
}

function picture(data: ReportData, { size, values, groups }: HeatMap): Html {
  const pixels = Uint8Array.from({ length: size * size }, (_, i) => {
    const value = values[i]!;
    if (!Number.isFinite(value)) return MISSING;
    return Math.round(((Math.min(1, Math.max(-1, value)) + 1) / 2) * (LEVELS - 1));
  });
  const { uri, offset } = indexedPng(size, size, pixels, PALETTE);
  const lines = groups.slice(1).map(({ from }) => `M0 ${from}H${size}M${from} 0V${size}`);
  const name = `Similarity of every pair among ${size} inputs${groups.length > 0 ? `, ordered by class: ${groups.map((group) => className(data, group.label)).join(', ')}` : ''}`;
  return html`
<div class="map"><div class="sheet">
${groups.length > 0 && html`<ol class="groups" aria-hidden="true">${groups.map((group) => html`<li style="top:${cssShare(group.from / size)};height:${cssShare((group.to - group.from) / size)}" title="${className(data, group.label)}">${classText(data, group.label)}</li>`)}</ol>`}
<div class="square" data-size="${size}" data-offset="${offset}"><img src="${uri}" width="${size}" height="${size}" alt="${name}"><svg viewBox="0 0 ${size} ${size}" preserveAspectRatio="none" aria-hidden="true"><path d="${lines.join('')}"/></svg><span class="cursor" hidden></span></div>
</div></div>`;
}

/** Mean similarity of two row ranges; the diagonal, where an input meets itself, is left out. */
export function blockMean(heatMap: HeatMap, rows: number, columns: number): number {
  const { size, values, groups } = heatMap;
  const a = groups[rows]!;
  const b = groups[columns]!;
  let sum = 0;
  let count = 0;
  for (let i = a.from; i < a.to; i++) {
    for (let j = b.from; j < b.to; j++) {
      const value = values[i * size + j]!;
      if (i === j || !Number.isFinite(value)) continue;
      sum += value;
      count++;
    }
  }
  return sum / count;
}

function groupTable(data: ReportData, heatMap: HeatMap): Html {
  const rows = heatMap.groups.map((group, i) => {
    const others = heatMap.groups
      .map((other, j) => ({ label: other.label, mean: i === j ? -Infinity : blockMean(heatMap, i, j) }))
      .sort((a, b) => b.mean - a.mean);
    const closest = others[0]!;
    return [
      classText(data, group.label),
      decimal(blockMean(heatMap, i, i)),
      classText(data, closest.label),
      decimal(closest.mean),
    ];
  });
  return table(
    'Mean similarity within each class, and to the class closest to it',
    [
      { name: 'Class' },
      { name: 'within', number: true },
      { name: 'Closest class' },
      { name: 'between', number: true },
    ],
    rows,
  );
}

function pairsForScript(data: ReportData, heatMap: HeatMap) {
  const inputs = Array.from(heatMap.inputs);
  return {
    inputs,
    names: inputs.map((index) => (labelOf(data, index) < 0 ? '' : className(data, labelOf(data, index)))),
    pictures: inputs.map((index) => pictureOf(data, index)),
  };
}
