/** Labels that the neighbourhood disputes, one card each; and, in a demonstration, how well that works. */
import type { ReportData, Suspect } from './data.js';
import { cssShare, decimal, percent, plural } from './format.js';
import { type Html, html } from './html.js';
import { className, classText, inputName, inputView, neighbourTile } from './input.js';
import type { Section } from './section.js';

const SHOWN_AT_ONCE = 12; // two screens of cards; the rest opens on demand
const NEIGHBOURS_SHOWN = 8;

export function suspectsSection(data: ReportData): Section | null {
  const { suspects } = data;
  if (suspects === undefined) return null;
  const frameOf = { id: 'suspects', short: 'Labels to check', title: 'Labels worth a second look' };
  if (suspects.length === 0) {
    return {
      ...frameOf,
      lead: 'No label stands out: for every input, the inputs that the network treats alike agree with the label given.',
      body: null,
    };
  }
  const cards = suspects.map((suspect, rank) => card(data, suspect, rank + 1));
  const more = cards.length - SHOWN_AT_ONCE;
  return {
    ...frameOf,
    lead: 'Each card is an input whose most similar inputs, as the network sees them, mostly carry another label than its own; the most disputed comes first.',
    next: 'compare the picture with both labels, from the top; correct what is wrong, and stop when most cards turn out right.',
    body: html`
${truthSummary(suspects)}
<div class="tools">
<ul class="legend" aria-label="Frames of the neighbours"><li><span class="key agrees"></span>votes for the suggestion</li><li><span class="key differs"></span>votes for the given label</li><li><span class="key"></span>another label</li></ul>
${filter(data, suspects)}
</div>
<div class="cards">${cards.slice(0, SHOWN_AT_ONCE)}</div>
${more > 0 && html`<details class="more" id="more-suspects"><summary>Show ${more} more</summary><div class="cards">${cards.slice(SHOWN_AT_ONCE)}</div></details>`}
<details class="more"><summary>The list as CSV</summary><pre tabindex="0">${csv(data, suspects)}</pre></details>`,
  };
}

function card(data: ReportData, suspect: Suspect, rank: number): Html {
  const neighbours = suspect.neighbours.slice(0, NEIGHBOURS_SHOWN);
  const votes = neighbours.filter((neighbour) => neighbour.label === suspect.suggested).length;
  const predicted = data.predictions?.classes[suspect.index];
  return html`
<article class="card suspect" data-given="${suspect.label}">
<div class="subject">${inputView(data, suspect.index)}</div>
<div class="verdict">
<h3><span class="rank">${rank}</span> <span class="from"><span class="quiet">given</span> ${classText(data, suspect.label)}</span> <span class="to"><span class="quiet">suggested</span> ${classText(data, suspect.suggested)}</span></h3>
<div class="meter"><div class="track"><div style="width:${cssShare(suspect.score)}"></div></div><span>${decimal(suspect.score)}</span></div>
<p class="quiet">${inputName(data, suspect.index)}${
    suspect.confidence !== null &&
    html` · predicted ${predicted !== undefined && html`${classText(data, predicted)} `}with ${percent(suspect.confidence)}`
  }</p>
</div>
<div class="strip">${neighbours.map((neighbour) =>
    neighbourTile(
      data,
      neighbour,
      neighbour.label === suspect.suggested
        ? 'agrees'
        : neighbour.label === suspect.label
          ? 'differs'
          : undefined,
    ),
  )}</div>
<div class="votes">${neighbours.length > 0 && html`<p class="quiet">${votes} of the ${neighbours.length} nearest are labelled ${classText(data, suspect.suggested)}</p>`}${truthBadge(data, suspect)}</div>
</article>`;
}

function truthBadge(data: ReportData, suspect: Suspect): Html | null {
  if (suspect.truth === undefined) return null;
  return suspect.truth === suspect.label
    ? html`<p class="badge right">label was right</p>`
    : html`<p class="badge wrong">hidden wrong label: truly ${classText(data, suspect.truth)}</p>`;
}

function truthSummary(suspects: readonly Suspect[]): Html | null {
  const known = suspects.filter((suspect) => suspect.truth !== undefined);
  if (known.length === 0) return null;
  const wrong = known.filter((suspect) => suspect.truth !== suspect.label).length;
  return html`<p class="summary"><strong>${wrong} of these ${known.length}</strong> are labels that were changed on purpose for this demonstration; the network was trained on them and the ranking never saw the truth.</p>`;
}

/** Choice by given label; needs the script, and stays hidden without. */
function filter(data: ReportData, suspects: readonly Suspect[]): Html {
  const given = [...new Set(suspects.map((suspect) => suspect.label))].sort((a, b) => a - b);
  return html`<p class="filter" hidden><label for="given-label">Given label</label> <select id="given-label"><option value="">all</option>${given.map(
    (id) => html`<option value="${id}">${className(data, id)}</option>`,
  )}</select> <output for="given-label">${plural(suspects.length, 'card')}</output></p>`;
}

function csv(data: ReportData, suspects: readonly Suspect[]): string {
  const quote = (text: string) => `"${text.replaceAll('"', '""')}"`;
  const rows = suspects.map((suspect) =>
    [
      suspect.index,
      quote(className(data, suspect.label)),
      quote(className(data, suspect.suggested)),
      decimal(suspect.score, 3),
    ].join(','),
  );
  return ['index,given,suggested,score', ...rows].join('\n');
}
