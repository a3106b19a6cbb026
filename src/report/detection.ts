/** Demonstrations: the share of hidden wrong labels found by each score, baselines and chance beside it. */
import type { Detection, ReportData } from './data.js';
import { cssShare, percent } from './format.js';
import { type Html, html } from './html.js';
import { type Section, table } from './section.js';

export function detectionSection(data: ReportData): Section | null {
  const { detection } = data;
  if (detection === undefined || detection.length === 0) return null;
  return {
    id: 'detection',
    short: 'Detection',
    title: 'How many wrong labels would you find?',
    lead: 'Here the wrong labels are known, so each way of ranking can be judged: the bar is the share of them among the first inputs that you would inspect; longer is better.',
    body: table(
      'Wrong labels found, by ranking',
      [{ name: 'Ranking' }, { name: 'in the first 5\u202f%' }, { name: 'in the first 10\u202f%' }],
      detection.map((row) => [
        row.kind === 'netkin' ? html`<strong>${row.name}</strong>` : row.name,
        bar(row, row.first5),
        bar(row, row.first10),
      ]),
    ),
  };
}

function bar(row: Detection, share: number): Html {
  return html`<div class="meter ${row.kind}"><div class="track"><div style="width:${cssShare(share)}"></div></div><span>${percent(share)}</span></div>`;
}
