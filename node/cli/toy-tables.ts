/** What `netkin reproduce toy` found, in tables of 80 columns beside the reference. */
import { ESTIMATORS } from '../../src/reproduce/toy/estimators.js';
import { counted, deviation, toyFindings } from '../../src/reproduce/toy/findings.js';
import type { DenoisingNumbers, ToyNumbers } from '../../src/reproduce/toy/numbers.js';
import { denoisingReference, densityReference } from '../../src/reproduce/toy/reference.js';
import { plural, table, WIDTH, wrapped } from './table.js';

const RIGHT = { align: 'right' } as const;
const MISSING = '-';

export function describeToy(numbers: ToyNumbers): string {
  const { size, epochs, runs, seed } = numbers.options;
  const what = `${plural(size, 'sample')}, ${plural(epochs, 'epoch')}, ${plural(runs, 'run')}, seed ${seed}`;
  return [
    `TOY SINUSOID: ${what}`,
    `Mean N_S: soft number of neighbours${runs > 1 ? ', median of the runs' : ''}\n${densities(numbers)}`,
    `Every estimator, mean over the samples\n${estimators(numbers)}`,
    ...(numbers.denoising
      ? [`Denoising: f = 2, noise ${numbers.denoising.noise}\n${denoising(numbers.denoising, numbers)}`]
      : []),
    toyFindings(numbers)
      .map(({ verdict, claim, found }) => paragraph(verdict.padEnd(7), `${claim} ${found}`))
      .join('\n'),
  ].join('\n\n');
}

function densities(numbers: ToyNumbers): string {
  const { options, trained, untrained } = numbers;
  const reference = densityReference(options)?.N_S;
  const columns = ['netkin', 'lowest run', 'highest run', 'reference', 'difference'];
  const row = (name: string, means: number, runs: readonly number[], ...rest: string[]) => [
    name,
    ...[means, Math.min(...runs), Math.max(...runs)].map((value) => counted(value, options.size)),
    ...rest,
  ];
  return table(
    [{ title: 'f' }, ...columns.map((title) => ({ title, ...RIGHT }))],
    [
      row('untrained', untrained.means.N_S!, untrained.runs, '> 2030', MISSING),
      ...trained.map(({ frequency, means, runs }) => {
        const share = deviation(numbers, frequency);
        return row(
          String(frequency),
          means.N_S!,
          runs,
          reference?.[frequency]?.toFixed(0) ?? MISSING,
          share === null ? MISSING : `${share < 0 ? '' : '+'}${(100 * share).toFixed(1)} %`,
        );
      }),
    ].map((cells, i) =>
      i === 0 && options.size !== 2048 ? [...cells.slice(0, 4), MISSING, MISSING] : cells,
    ),
  );
}

function estimators({ trained, untrained, options }: ToyNumbers): string {
  return table(
    [
      { title: 'estimator' },
      { title: 'untrained', ...RIGHT },
      ...trained.map(({ frequency }) => ({ title: `f = ${frequency}`, ...RIGHT })),
    ],
    ESTIMATORS.map(({ name }) => [
      name,
      ...[untrained, ...trained].map(({ means }) => counted(means[name]!, options.size)),
    ]),
  );
}

function denoising(found: DenoisingNumbers, { options }: ToyNumbers): string {
  const reference = denoisingReference(options);
  const row = (name: string, own: number, known: number | undefined) => [
    name,
    own.toPrecision(3),
    known?.toPrecision(3) ?? MISSING,
  ];
  return table(
    [{ title: 'quantity' }, { title: 'netkin', ...RIGHT }, { title: 'reference', ...RIGHT }],
    [
      row('distance from the truth, rms', found.error, reference?.error),
      row('mean φ', found.factor, reference?.factor),
      row('mean φ·√N', found.factorTimesRootN, reference?.factorTimesRootN),
      row('residual, rms(E_k[ŷ] − E_k[label])', found.residual, reference?.residual),
      row('averaged noise, rms(E_k[ε])', found.averagedNoise, reference?.averagedNoise),
      row('its deviation, σφ', found.noise * found.factor, reference?.spread),
    ],
  );
}

function paragraph(title: string, text: string): string {
  return `${title}  ${wrapped(text, WIDTH - title.length - 2).join(`\n${' '.repeat(title.length + 2)}`)}`;
}
