/** The sections of the toy experiment's page that show numbers: a figure, and a table beside the reference. */
import { decimal, significant, whole } from '../../report/format.js';
import { type Html, html } from '../../report/html.js';
import { type Section, table } from '../../report/section.js';
import { denoisingFigure } from './denoising-figure.js';
import { densityFigure } from './density-figure.js';
import { ESTIMATORS, type Estimator } from './estimators.js';
import { estimatorsFigure } from './estimators-figure.js';
import { counted, deviation } from './findings.js';
import type { DenoisingNumbers, ToyNumbers } from './numbers.js';
import { DENOISING } from './protocol.js';
import { denoisingReference, densityReference } from './reference.js';

/** The symbol of the soft count. */
export const SOFT: Html = html`N<sub>S</sub>`;

export function densitySection(numbers: ToyNumbers): Section {
  const { options, trained } = numbers;
  const { size } = options;
  const reference = densityReference(options)?.N_S;
  const difference = (frequency: number) => {
    const share = deviation(numbers, frequency);
    return share === null ? '–' : `${share < 0 ? '−' : '+'}${(100 * Math.abs(share)).toFixed(1)} %`;
  };
  return {
    id: 'density',
    short: 'Density',
    title: 'How many samples are alike to each one',
    lead: html`The soft count ${SOFT} of a sample is the sum of its similarities k<sup>C</sup> to all ${whole(options.size)} samples, itself included: if the network held all to be the same, it would be ${whole(options.size)}.`,
    body: html`
<figure class="card">
${densityFigure(numbers)}
<figcaption>${SOFT} of each sample${options.runs > 1 && html`, the median of ${options.runs} runs`}; the colour is the curvature of the curve y = sin(2πfα) over α, on a logarithmic scale. <em>With curvature</em>, below, is the rank correlation of ${SOFT} with it: −1 where the most curved samples have the fewest neighbours.</figcaption>
</figure>
${table(
  html`Mean ${SOFT} over the samples${reference && html`, beside the reference at ${whole(options.epochs)} epochs`}`,
  [
    { name: 'f' },
    { name: 'netkin', number: true },
    { name: 'lowest – highest run', number: true },
    { name: 'reference', number: true },
    { name: 'difference', number: true },
    { name: 'smallest kᶜ', number: true },
    { name: 'mean |ŷ − y|', number: true },
    { name: 'with curvature', number: true },
  ],
  trained.map(({ frequency, means, runs, smallest, error, curvature }) => [
    frequency,
    counted(means.N_S!, size),
    `${counted(Math.min(...runs), size)} – ${counted(Math.max(...runs), size)}`,
    reference?.[frequency] ?? '–',
    difference(frequency),
    decimal(smallest, 3),
    significant(error),
    decimal(curvature),
  ]),
)}`,
  };
}

export function estimatorsSection(numbers: ToyNumbers): Section {
  const { trained, untrained, options } = numbers;
  const { size } = options;
  const reference = densityReference(options);
  const referenced = reference && Object.keys(reference).length > 1;
  return {
    id: 'estimators',
    short: 'Estimators',
    title: 'Other ways of counting, against the frequency',
    lead: html`Besides the soft count, the paper counts the samples with a similarity of at least τ (hard), and sums powers α of the positive similarities. All start from the same similarities.`,
    body: html`
<figure class="card">
${estimatorsFigure(numbers)}
<figcaption>Means over the samples. The dashed line has the slope of the law 1/f. Power α = 1 is left out: it is ${SOFT} where no similarity is negative.</figcaption>
</figure>
${table(
  html`Mean number of neighbours${referenced && html`, in brackets the reference`}`,
  [
    { name: 'Estimator' },
    { name: 'untrained', number: true },
    ...trained.map(({ frequency }) => ({ name: `f = ${frequency}`, number: true })),
  ],
  ESTIMATORS.map((estimator) => [
    symbol(estimator),
    counted(untrained.means[estimator.name]!, size),
    ...trained.map(({ frequency, means }) => {
      const known = reference?.[estimator.name]?.[frequency];
      return html`${counted(means[estimator.name]!, size)}${known !== undefined && html` <span class="quiet">(${known})</span>`}`;
    }),
  ]),
)}`,
  };
}

function symbol({ family, parameter }: Estimator): Html {
  if (family === 'soft') return html`soft, ${SOFT}`;
  return family === 'hard'
    ? html`hard, N<sub>τ</sub> with τ = ${parameter}`
    : html`power, N<sub>α</sub><sup>+</sup> with α = ${parameter}`;
}

export function denoisingSection(found: DenoisingNumbers, { options, positions }: ToyNumbers): Section {
  const reference = denoisingReference(options);
  const row = (name: Html | string, own: number, known: number | undefined) => [
    name,
    significant(own),
    known === undefined ? '–' : significant(known),
  ];
  return {
    id: 'denoising',
    short: 'Denoising',
    title: 'A network trained on noisy labels averages the noise away',
    lead: html`The same network, f = ${DENOISING.frequency}, labels with normal noise of deviation σ = ${found.noise}, squared error. A network trained to the end answers each sample with a weighted average of labels; the factor φ says by how much that shrinks independent noise. φ√N is 1 at best: the plain mean of all.`,
    body: html`
<figure class="card">
${denoisingFigure(found, positions)}
<figcaption>${whole(options.size)} labels, what the network made of them, and the sinusoid behind them.</figcaption>
</figure>
${table(
  html`Self-denoising, ${whole(options.denoisingSteps)} steps${reference && html`, beside the reference (one run each)`}`,
  [{ name: 'Quantity' }, { name: 'netkin', number: true }, { name: 'reference', number: true }],
  [
    row('distance of the network from the truth, root mean square', found.error, reference?.error),
    row('mean φ', found.factor, reference?.factor),
    row('mean φ√N', found.factorTimesRootN, reference?.factorTimesRootN),
    row(
      html`residual of the identity, rms(E<sub>k</sub>[ŷ] − E<sub>k</sub>[label])`,
      found.residual,
      reference?.residual,
    ),
    row(html`averaged noise, rms(E<sub>k</sub>[ε])`, found.averagedNoise, reference?.averagedNoise),
    row('σφ, its deviation over all possible noises', found.noise * found.factor, reference?.spread),
    row(html`mean shift |ŷ − E<sub>k</sub>[ŷ]|`, found.shift, undefined),
  ],
)}
<p class="limit"><strong>Limit.</strong> Where φ√N is near 1, E<sub>k</sub>[ε] is nearly the same number for all samples, and one experiment shows one draw of it: compare it with σφ, not digit by digit. σφ bounds the noise part alone, not the shift, which is what averaging unlike samples costs.${found.negative > 0 && html` ${whole(found.negative)} samples have a negative weight.`}${found.undefinedAt > 0 && html` For ${whole(found.undefinedAt)} samples no average is defined.`}</p>`,
  };
}
