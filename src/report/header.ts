/** The top of the page: what this is about, the key numbers, and what the reader must know first. */
import type { ReportData } from './data.js';
import { spread } from './density.js';
import { compact, duration, percent, significant, whole } from './format.js';
import { type Html, html } from './html.js';
import { totalTime } from './method.js';

/** The mark of netkin, at the top of every page. */
export const MARK: Html = html`<p class="mark"><svg viewBox="0 0 24 24" aria-hidden="true"><path d="M4 20 L20 15 M4 20 L12 4"/><circle cx="4" cy="20" r="2"/><circle cx="20" cy="15" r="2"/><circle cx="12" cy="4" r="2"/></svg>netkin</p>`;

export function header(data: ReportData): Html {
  return html`
<header>
${MARK}
<h1>${data.title}</h1>
<p class="lead">How alike ${whole(data.inputs)} inputs are to the network <bdi>${data.model.name}</bdi>: two inputs are alike when learning from one moves the answer for the other the same way.</p>
<dl class="numbers">${keyNumbers(data).map(([name, value]) => html`<div><dt>${name}</dt><dd>${value}</dd></div>`)}</dl>
</header>
${data.notes.length > 0 && html`<aside class="notes" aria-labelledby="notes-title"><h2 id="notes-title">Before you read on</h2><ul>${data.notes.map((note) => html`<li>${note}</li>`)}</ul></aside>`}`;
}

function keyNumbers(data: ReportData): readonly (readonly [string, string])[] {
  const numbers: [string, string][] = [
    ['inputs', whole(data.inputs)],
    ['parameters', compact(data.model.parameters)],
    ['outputs compared', whole(data.model.outputs)],
  ];
  const agreement = agreementWithLabels(data);
  if (agreement !== null) numbers.push(['predictions as labelled', percent(agreement)]);
  const found = data.density && spread(data.density.counts);
  if (found) numbers.push(['neighbours, median', significant(found.median)]);
  if (data.suspects !== undefined) numbers.push(['labels to check', whole(data.suspects.length)]);
  if (data.timings.length > 0) numbers.push(['computed in', duration(totalTime(data.timings))]);
  return numbers;
}

/** Share of the labelled inputs whose prediction equals the given label; null when unknown. */
function agreementWithLabels(data: ReportData): number | null {
  if (data.labels === null || data.predictions === undefined) return null;
  const { classes } = data.predictions;
  const labelled = Array.from(data.labels, (label, i) => ({ label, i })).filter(({ label }) => label >= 0);
  if (labelled.length === 0) return null;
  return labelled.filter(({ label, i }) => classes[i] === label).length / labelled.length;
}
