/** The page of the toy experiment: what it asks, what came out, beside the reference. Readable by itself. */
import { duration, whole } from '../../report/format.js';
import { MARK } from '../../report/header.js';
import { type Content, type Html, html, trusted } from '../../report/html.js';
import { frame, type Section, table } from '../../report/section.js';
import { STYLE } from '../../report/style.js';
import { FIGURE_STYLE } from '../../report/style-figures.js';
import { counted, type Finding, toyFindings } from './findings.js';
import type { ToyNumbers } from './numbers.js';
import { denoisingSection, densitySection, estimatorsSection, SOFT } from './sections.js';

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

const FORMULAS: ReadonlyMap<string, Html> = new Map([
  ['N_S', SOFT],
  ['k^C', html`k<sup>C</sup>`],
  ['E_k', html`E<sub>k</sub>`],
]);

/** Words with their formulas set. */
function formulas(text: string): Content {
  return text.split(/\b(N_S|k\^C|E_k)/).map((part) => FORMULAS.get(part) ?? part);
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
