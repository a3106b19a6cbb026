/** Self-denoising: by how much the network averages label noise away. Method: `E_k[a]_i = Σ_j w_ij a_j`. */
import type { Denoising, DenoisingRow, ReportData } from './data.js';
import { percent, significant } from './format.js';
import { type Content, type Html, html } from './html.js';
import { classText, inputView } from './input.js';
import { type Section, table } from './section.js';

const COMPONENTS_SHOWN = 4;

export function denoisingSection(data: ReportData): Section | null {
  const { denoising } = data;
  if (denoising === undefined) return null;
  const { meanFactor, noise } = denoising;
  return {
    id: 'denoising',
    short: 'Denoising',
    title: 'How much label noise the network averages away',
    lead: html`A trained network fits each input together with those like it: the standard deviation of independent label noise is multiplied by φ, here <strong>${significant(meanFactor)}</strong> on average${noise !== undefined && html`, so that noise of ${significant(noise)} leaves about ${significant(noise * meanFactor)}`}.`,
    next: 'trust averaged labels where φ is small; the shift is what averaging costs, so a large shift means that the neighbours are not alike enough.',
    body: html`
${keyNumbers(data, denoising)}
<p class="limit"><strong>Limit.</strong> The identity behind this holds for an L2 loss at a stationary point of training, which is why the residual is given: it should be far below the noise. σφ bounds the noise part alone, not the whole error.</p>
${denoising.rows.length > 0 && rowTable(data, denoising.rows)}`,
  };
}

function keyNumbers(data: ReportData, { meanFactor, residual, averagedNoise }: Denoising): Html {
  return html`<dl class="numbers">
<div><dt>mean φ</dt><dd>${significant(meanFactor)}</dd></div>
<div><dt>φ·√N, at best 1</dt><dd>${significant(meanFactor * Math.sqrt(data.inputs))}</dd></div>
<div><dt>residual of the identity</dt><dd>${significant(residual)}</dd></div>
${averagedNoise !== undefined && html`<div><dt>noise that remains</dt><dd>${significant(averagedNoise)}</dd></div>`}
</dl>`;
}

function rowTable(data: ReportData, rows: readonly DenoisingRow[]): Html {
  const flagged = rows.some((row) => row.flag !== undefined);
  return table(
    'Given label and label averaged over the neighbourhood',
    [
      { name: 'Input' },
      { name: 'given' },
      { name: 'averaged' },
      { name: 'shift', number: true },
      { name: 'φ', number: true },
      ...(flagged ? [{ name: 'note' }] : []),
    ],
    rows.map((row) => [
      inputView(data, row.index),
      labelView(data, row.given),
      labelView(data, row.averaged),
      significant(row.shift),
      significant(row.factor),
      ...(flagged ? [row.flag ?? ''] : []),
    ]),
  );
}

/** A distribution over the classes is named by its largest part; anything else by its first numbers. */
function labelView(data: ReportData, label: ArrayLike<number>): Content {
  const values = Array.from(label);
  if (data.classes !== null && values.length === data.classes.length && values.length > 1) {
    const best = values.reduce((top, value, i) => (value > values[top]! ? i : top), 0);
    return html`${classText(data, best)}${values[best]! < 0.995 && html` <span class="quiet">${percent(values[best]!)}</span>`}`;
  }
  const shown = values.slice(0, COMPONENTS_SHOWN).map(significant).join(', ');
  return values.length > COMPONENTS_SHOWN ? `${shown}, …` : shown;
}
