/** The nearest inputs as the network sees them, beside the nearest by plain distance. */
import type { NearestPanel, Neighbour, ReportData } from './data.js';
import { type Html, html } from './html.js';
import { classText, inputName, inputView, labelOf, neighbourTile } from './input.js';
import type { Section } from './section.js';

export function neighboursSection(data: ReportData): Section | null {
  const { nearest } = data;
  if (nearest === undefined || nearest.length === 0) return null;
  const plain = data.pictures === null ? 'features' : 'pixels';
  return {
    id: 'nearest',
    short: 'Nearest inputs',
    title: 'What the network finds alike',
    lead: html`For a few inputs, the upper row shows what the network treats most alike and the lower row what is closest by plain ${plain}; the number is the cosine, and ${data.labels === null ? '1 is the most it can be' : 'a dashed frame marks another label'}.`,
    next: html`where the upper row looks odd to you, the network relies on something other than what you see; where only the lower row strays, it has learnt to look past the ${plain}.`,
    body: html`<div class="panels">${nearest.map((panel) => panelView(data, panel, plain))}</div>`,
  };
}

function panelView(data: ReportData, panel: NearestPanel, plain: string): Html {
  const label = labelOf(data, panel.index);
  return html`
<article class="card panel">
<div class="subject">${inputView(data, panel.index)}<h3>${label < 0 ? inputName(data, panel.index) : classText(data, label)}</h3>${label >= 0 && html`<p class="quiet">${inputName(data, panel.index)}</p>`}</div>
<div class="rows">
${row(data, label, 'As the network sees them', panel.bySimilarity)}
${row(data, label, `By ${plain} alone`, panel.byPixels)}
</div>
</article>`;
}

function row(data: ReportData, label: number, title: string, neighbours: readonly Neighbour[]): Html {
  const same = neighbours.filter((neighbour) => labelOf(data, neighbour.index) === label).length;
  return html`<div><h4>${title}${label >= 0 && html` <span class="quiet">${same} of ${neighbours.length} share the label</span>`}</h4><div class="strip">${neighbours.map(
    (neighbour) =>
      neighbourTile(
        data,
        neighbour,
        label >= 0 && labelOf(data, neighbour.index) !== label ? 'differs' : undefined,
      ),
  )}</div></div>`;
}
