/** Under- and overfitting: how many neighbours each input has, and how much their labels differ. */
import type { FitPoints, ReportData } from './data.js';
import { plural, significant, whole } from './format.js';
import { type Html, html } from './html.js';
import { classText, inputName, labelOf, tile } from './input.js';
import type { Section } from './section.js';

export function fitSection(data: ReportData): Section | null {
  const { fit } = data;
  if (fit === undefined) return null;
  return {
    id: 'fit',
    short: 'Fit',
    title: 'Where the network under- or overfits',
    lead: html`Each dot is an input: to the right, how many neighbours it has; upwards, how much the labels of its ${whole(fit.neighbours)} nearest others differ. Top right the network holds inputs to be alike whose labels differ; on the left inputs stand alone.`,
    next: 'top right: it underfits there, or the labels are noise; train longer, use a larger network, or look at the suspects. On the left: such inputs can be learnt by heart, so do not trust a small training error there; more data of that kind helps.',
    body: html`
<figure class="card">
${scatter(fit)}
<figcaption>Across: soft count N<sub>S</sub>. Upwards: variance of the labels among the nearest others, each weighted by its similarity. Dashed: variance of all labels, <strong>${significant(fit.total)}</strong>; there neighbours say nothing.${fit.left > 0 && html` Left out for want of a similar neighbour: ${plural(fit.left, 'input')}.`}</figcaption>
</figure>
${mixed(data, fit)}`,
  };
}

const [WIDTH, HEIGHT] = [720, 300];
const [LEFT, BOTTOM, AROUND] = [52, 30, 10];

function scatter({ density, variance, total }: FitPoints): Html {
  const counts = Array.from(density);
  const low = counts.length > 0 ? Math.min(...counts) : 0;
  const high = Math.max(low + 1e-9, ...counts);
  const top = Math.max(1e-9, total, ...Array.from(variance));
  const x = (value: number) => LEFT + ((value - low) / (high - low)) * (WIDTH - LEFT - AROUND);
  const y = (value: number) => HEIGHT - BOTTOM - (value / top) * (HEIGHT - BOTTOM - AROUND);
  const dots = counts.map((count, i) => `M${x(count).toFixed(1)} ${y(variance[i]!).toFixed(1)}h0`);
  const floor = HEIGHT - BOTTOM;
  return html`<svg class="scatter" viewBox="0 0 ${WIDTH} ${HEIGHT}" role="img" aria-label="Soft count from ${significant(low)} to ${significant(high)} against label variance from 0 to ${significant(top)}; the variance of all labels is ${significant(total)}"><path class="axis-line" d="M${LEFT} ${AROUND}V${floor}H${WIDTH - AROUND}"/><path class="whole" d="M${LEFT} ${y(total).toFixed(1)}H${WIDTH - AROUND}"/><path class="dots" d="${dots.join('')}"/><text x="${LEFT}" y="${HEIGHT - 8}">${significant(low)}</text><text x="${WIDTH - AROUND}" y="${HEIGHT - 8}" text-anchor="end">${significant(high)} neighbours</text><text x="${LEFT - 6}" y="${floor}" text-anchor="end">0</text><text x="${LEFT - 6}" y="${AROUND + 8}" text-anchor="end">${significant(top)}</text></svg>`;
}

function mixed(data: ReportData, { mixed }: FitPoints): Html | null {
  if (mixed.length === 0) return null;
  return html`<div class="panels"><div class="card"><h3>Neighbours with the most different labels</h3><div class="strip large">${mixed.map(
    ({ index, variance }) => {
      const label = labelOf(data, index);
      return tile(
        data,
        index,
        html`<strong>${significant(variance)}</strong><br>${label >= 0 ? classText(data, label) : inputName(data, index)}`,
      );
    },
  )}</div></div></div>`;
}
