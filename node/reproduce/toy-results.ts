/** The files that the toy experiment ends in, out of its pieces. */
import { readFileSync } from 'node:fs';
import { availableParallelism, cpus } from 'node:os';
import { denoisingFigure } from '../../src/reproduce/toy/denoising-figure.js';
import { densityFigure } from '../../src/reproduce/toy/density-figure.js';
import { estimatorsFigure } from '../../src/reproduce/toy/estimators-figure.js';
import { toyFindings } from '../../src/reproduce/toy/findings.js';
import { toyNumbers } from '../../src/reproduce/toy/numbers.js';
import { type Making, toyPage } from '../../src/reproduce/toy/page.js';
import type { ToyOptions } from '../../src/reproduce/toy/protocol.js';
import { denoisingReference, densityReference } from '../../src/reproduce/toy/reference.js';
import { describeToy } from '../cli/toy-tables.js';
import type { Placed } from './toy.js';

export interface ToyResults {
  /** By name. */
  readonly files: Readonly<Record<string, string>>;
  /** What numbers.json holds. */
  readonly numbers: object;
}

export function toyResults(options: ToyOptions, pieces: readonly Placed[]): ToyResults {
  const numbers = toyNumbers(options, pieces);
  const making = makingOf(options);
  const all = {
    experiment: 'toy',
    ...numbers,
    reference: { density: densityReference(options), denoising: denoisingReference(options) },
    findings: toyFindings(numbers),
    making,
  };
  const { denoising, positions } = numbers;
  return {
    numbers: all,
    files: {
      'index.html': toyPage(numbers, making),
      'density.svg': `${densityFigure(numbers)}\n`,
      'estimators.svg': `${estimatorsFigure(numbers)}\n`,
      ...(denoising && { 'denoising.svg': `${denoisingFigure(denoising, positions)}\n` }),
      'numbers.json': `${JSON.stringify(all, null, 1).replace(/\[\s+([^[\]{}]*?)\s+\]/g, (_, list: string) => `[${list.replace(/\s+/g, ' ')}]`)}\n`,
      'table.txt': `${describeToy(numbers)}\n`,
    },
  };
}

function makingOf({ epochs, runs, frequencies, size, denoisingSteps, seed }: ToyOptions): Making {
  const about = readFileSync(new URL('../../../package.json', import.meta.url), 'utf8');
  const options = { epochs, runs, frequencies, size, 'denoising-steps': denoisingSteps, seed };
  const words = Object.entries(options).map(([name, value]) => `--${name} ${value}`);
  return {
    command: `netkin reproduce toy ${words.join(' ')}`,
    netkin: (JSON.parse(about) as { readonly version: string }).version,
    node: process.versions.node,
    cpu: cpus()[0]?.model ?? 'unknown',
    cores: availableParallelism(),
    date: new Date().toISOString().slice(0, 16).replace('T', ' '),
  };
}
