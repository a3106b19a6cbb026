/** The page of the toy experiment: what it asks, what came out, beside the reference. Readable by itself. */
import { decimal, duration, significant, whole } from '../../report/format.js';
import { MARK } from '../../report/header.js';
import { type Content, type Html, html, trusted } from '../../report/html.js';
import { frame, type Section, table } from '../../report/section.js';
import { STYLE } from '../../report/style.js';
import { FIGURE_STYLE } from '../../report/style-figures.js';
import { denoisingFigure } from './denoising-figure.js';
import { densityFigure } from './density-figure.js';
import { ESTIMATORS, type Estimator } from './estimators.js';
import { estimatorsFigure } from './estimators-figure.js';
import { counted, deviation, type Finding, toyFindings } from './findings.js';
import type { DenoisingNumbers, ToyNumbers } from './numbers.js';
import { DENOISING } from './protocol.js';
import { denoisingReference, densityReference } from './reference.js';

/** How and where the numbers were made. */
export interface Making {
  /** The call that makes them again. */
  readonly command: string;
  readonly netkin: string;
  readonly node: string;
  readonly cpu: string;
  readonly cores: number;
  /** Date and time, UTC. */
  readonly date: string;
}

const POLICY = "default-src 'none'; style-src 'unsafe-inline'; base-uri 'none'; form-action 'none'";

const PAGE_STYLE = `
figure.card { overflow-x: auto; }
figure.card svg { display: block; min-width: 40rem; margin: 0 auto; }
.verdict { white-space: nowrap; font-weight: 650; }
.verdict.agrees { color: var(--blue); } .verdict.differs { color: var(--orange); } .verdict.open { color: var(--soft); }
code { font: .875em ui-monospace, SFMono-Regular, Menlo, Consolas, monospace; }
dl.facts { display: grid; grid-template-columns: max-content 1fr; gap: .375rem 1.5rem; max-width: 52rem; margin-top: 1.5rem; font-size: .9375rem; }
dl.facts dt { color: var(--soft); } dl.facts dd { margin: 0; }
sub, sup { line-height: 0; }
@media (max-width: 40rem) { dl.facts { grid-template-columns: 1fr; gap: 0; } dl.facts dd { margin-bottom: .625rem; } }
`;

/** @returns a complete HTML document, UTF-8, that loads nothing */
export function toyPage(numbers: ToyNumbers, making: Making): string {
  const { denoising } = numbers;
  const sections = [
    findingsSection(toyFindings(numbers)),
    densitySection(numbers),
    estimatorsSection(numbers),
    ...(denoising ? [denoisingSection(denoising, numbers)] : []),
    methodSection(numbers, making),
  ];
  return html`<!doctype html>
<html lang="en">
<head>
<meta charset="utf-8">
<meta http-equiv="Content-Security-Policy" content="${trusted(POLICY)}">
<meta name="viewport" content="width=device-width, initial-scale=1">
<meta name="color-scheme" content="light dark">
<meta name="generator" content="netkin">
<title>The toy experiment, reproduced</title>
<style>${trusted(STYLE + FIGURE_STYLE + PAGE_STYLE)}</style>
</head>
<body>
<a class="skip" href="#${sections[0]!.id}">Skip to the findings</a>
${header(numbers)}
<nav aria-label="Sections"><ul>${sections.map(({ id, short }) => html`<li><a href="#${id}">${short}</a></li>`)}</ul></nav>
<main>${sections.map(frame)}
</main>
<footer><p>${making.command}, ${making.date} UTC</p><p>This file holds all it shows: it loads nothing and sends nothing. Charpiat, Girard, Felardos, Tarabalka, <cite>Input Similarity from the Neural Network Perspective</cite>, NeurIPS 2019.</p></footer>
</body>
</html>
`.toString();
}

const SOFT = html`N<sub>S</sub>`;

function header({ options, trained, untrained }: ToyNumbers): Html {
  const { size, epochs, runs } = options;
  return html`
<header>
${MARK}
<h1>The toy experiment, reproduced</h1>
<p class="lead">A small network learns a sinusoid on a circle, y = sin(2πfα). Two samples are alike to it when learning from one moves its answer for the other the same way. How many of ${whole(size)} samples are alike to each one, and does a quicker sinusoid leave fewer?</p>
<dl class="numbers">
<div><dt>epochs</dt><dd>${whole(epochs)}</dd></div>
<div><dt>${runs === 1 ? 'run' : 'runs'} for each f</dt><dd>${whole(runs)}</dd></div>
<div><dt>mean ${SOFT}, untrained</dt><dd>${counted(untrained.means.N_S!, size)}</dd></div>
${trained.map(({ frequency, means }) => html`<div><dt>mean ${SOFT}, f = ${frequency}</dt><dd>${counted(means.N_S!, size)}</dd></div>`)}
</dl>
</header>`;
}

const VERDICTS: Readonly<Record<Finding['verdict'], string>> = {
  agrees: '✓ agrees',
  differs: '✗ differs',
  open: '? open',
};

function findingsSection(findings: readonly Finding[]): Section {
  return {
    id: 'findings',
    short: 'Findings',
    title: 'What agrees with the paper, and what does not',
    lead: 'Each line is a claim of the paper or of an independent implementation of its protocol, with what these numbers say to it.',
    body: table(
      'Claims, and what was found',
      [{ name: 'Claim' }, { name: 'found here' }, { name: 'verdict' }],
      findings.map(({ claim, found, verdict }) => [
        formulas(claim),
        formulas(found),
        html`<span class="verdict ${verdict}">${VERDICTS[verdict]}</span>`,
      ]),
    ),
  };
}

/** N_S, k^C and E_k as formulas are set. */
function formulas(text: string): Content {
  return text
    .split(/\b(N_S|k\^C|E_k)/)
    .map((part) =>
      part === 'N_S'
        ? SOFT
        : part === 'k^C'
          ? html`k<sup>C</sup>`
          : part === 'E_k'
            ? html`E<sub>k</sub>`
            : part,
    );
}

function densitySection(numbers: ToyNumbers): Section {
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

function estimatorsSection(numbers: ToyNumbers): Section {
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

function denoisingSection(found: DenoisingNumbers, { options, positions }: ToyNumbers): Section {
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
<p class="limit"><strong>Limit.</strong> E<sub>k</sub>[ε] is nearly the same number for all samples, so one experiment shows one draw of it: compare it with σφ, not digit by digit. σφ bounds the noise part alone: the shift, what averaging unlike samples costs, is far larger here, since the weights reach over the whole circle.${found.negative > 0 && html` ${whole(found.negative)} samples have a negative weight.`}${found.undefinedAt > 0 && html` For ${whole(found.undefinedAt)} samples no average is defined.`}</p>`,
  };
}

function methodSection({ options, seconds }: ToyNumbers, making: Making): Section {
  const { size, epochs, runs, frequencies, denoisingSteps, seed } = options;
  const facts: readonly (readonly [string, Html | string])[] = [
    [
      'data',
      html`α uniform in [0, 1), sorted; x = (cos 2πα, sin 2πα); y = sin(2πfα); N = ${whole(size)}. All runs and frequencies have the same α.`,
    ],
    [
      'network',
      '2-64-(64)×5-1, ReLU, 21,057 parameters; weights and biases start uniform in ±1/√fan_in. Run r starts alike for every f.',
    ],
    [
      'training',
      html`mean |ŷ − y|, Adam with rate 10⁻⁴, batches of 64 in a new order each epoch, ${whole(epochs)} epochs; on tfjs-wasm with netkin's own Adam`,
    ],
    [
      'measured',
      html`k<sup>C</sup> between the training inputs, exact, by netkin's own perspective; ${runs === 1 ? 'one run' : `of ${runs} runs the median of each sample`}, then the mean over the samples`,
    ],
    ...(denoisingSteps > 0
      ? [
          [
            'denoising',
            html`mean (ŷ − y)², all samples in each step, Adam with a cosine schedule from 10⁻³, ${whole(denoisingSteps)} steps; start of run 1`,
          ] as const,
        ]
      : []),
    ['seed', `${seed}; every random number depends on it, on what it is for and on its place only`],
    ['reference', 'an independent implementation of the same protocol; density over 5 runs, denoising one'],
    [
      'made by',
      html`<code>${making.command}</code> with netkin ${making.netkin}, Node ${making.node}, on ${making.cpu} (${making.cores} cores), ${making.date} UTC`,
    ],
    [
      'work',
      `${duration(seconds)} for ${whole(runs * (frequencies.length + 1) + (denoisingSteps > 0 ? 1 : 0))} networks, added up over all threads`,
    ],
    ['numbers', html`all of them in <code>numbers.json</code> beside this page`],
  ];
  return {
    id: 'method',
    short: 'Method',
    title: 'How this was made',
    lead: 'The protocol is the paper’s; where it leaves a choice, the choice is named.',
    body: html`<dl class="facts">${facts.map(([name, text]) => html`<dt>${name}</dt><dd>${text}</dd>`)}</dl>`,
  };
}
