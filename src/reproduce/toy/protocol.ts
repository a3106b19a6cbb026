/**
 * The paper's toy experiment (method, sections 4 and 7): a small network learns y = sin(2πfα) from the points
 * x = (cos 2πα, sin 2πα) of a circle; how many samples does it hold to be alike, and how does that depend on f?
 */
import { refuse } from '../../errors.js';

/** 2-64-(64)×5-1: 21 057 parameters. */
export const WIDTHS: readonly number[] = [2, 64, 64, 64, 64, 64, 64, 1];
/** Samples per step, and Adam's learning rate, of the density experiment. */
export const BATCH = 64;
export const LEARNING_RATE = 1e-4;
/** The denoising experiment: frequency, deviation of the label noise, first learning rate of the cosine schedule. */
export const DENOISING = { frequency: 2, noise: 0.2, learningRate: 1e-3 } as const;

export interface ToyOptions {
  /** Of the density experiment. */
  readonly epochs: number;
  /** Networks trained for each frequency. */
  readonly runs: number;
  /** Periods of the sinusoid around the circle, ascending. */
  readonly frequencies: readonly number[];
  /** Samples N. */
  readonly size: number;
  /** Steps of the denoising experiment; 0 leaves it out. */
  readonly denoisingSteps: number;
  readonly seed: number;
}

/** Measuring a network takes as long as so many epochs, at N = 2048. */
const MEASURING = 40;

export const LARGEST_SIZE = 16_384;
const SMALLEST_SIZE = 16;

/** @throws NetkinError 'usage' for numbers that no experiment can be made with */
export function assertToyOptions({ size, frequencies }: ToyOptions): void {
  if (size < SMALLEST_SIZE || size > LARGEST_SIZE)
    refuse('usage', `${size} samples: the toy experiment takes ${SMALLEST_SIZE} to ${LARGEST_SIZE}.`);
  const highest = frequencies.find((frequency) => 4 * frequency > size);
  if (highest !== undefined) {
    refuse(
      'usage',
      `Frequency ${highest} is too high for ${size} samples: a period needs at least 4 of them.`,
    );
  }
}

/** A part of the experiment that is computed on its own: one network, or an untrained one. */
export type ToyPiece =
  | { readonly kind: 'untrained'; readonly run: number }
  | { readonly kind: 'trained'; readonly run: number; readonly frequency: number }
  | { readonly kind: 'denoising' };

/** All pieces, those that take longest first; runs are numbered from 1. */
export function toyPieces({ runs, frequencies, denoisingSteps }: ToyOptions): ToyPiece[] {
  const numbers = Array.from({ length: runs }, (_, i) => i + 1);
  return [
    ...(denoisingSteps > 0 ? [{ kind: 'denoising' } as const] : []),
    ...numbers.flatMap((run) =>
      frequencies.map((frequency) => ({ kind: 'trained', run, frequency }) as const),
    ),
    ...numbers.map((run) => ({ kind: 'untrained', run }) as const),
  ];
}

/** Short, unique among the pieces, fit for a file name. */
export function pieceName(piece: ToyPiece): string {
  if (piece.kind === 'denoising') return 'denoising';
  return piece.kind === 'untrained' ? `untrained-run${piece.run}` : `f${piece.frequency}-run${piece.run}`;
}

/** The options that a piece's numbers depend on: a file made with others belongs to another experiment. */
export function pieceOptions(piece: ToyPiece, options: ToyOptions): Readonly<Record<string, number>> {
  const { size, seed, epochs, denoisingSteps } = options;
  if (piece.kind === 'denoising') return { size, seed, 'denoising-steps': denoisingSteps };
  return piece.kind === 'untrained' ? { size, seed } : { size, seed, epochs };
}

/** Steps of Adam that a piece takes. */
export function pieceSteps(piece: ToyPiece, { epochs, size, denoisingSteps }: ToyOptions): number {
  if (piece.kind === 'untrained') return 0;
  return piece.kind === 'denoising' ? denoisingSteps : epochs * Math.ceil(size / BATCH);
}

/** The name of the file that holds a piece: it says what the numbers depend on, so those of other options stay beside. */
export function pieceFile(piece: ToyPiece, options: ToyOptions): string {
  const words = Object.entries(pieceOptions(piece, options)).map(([name, value]) => `${name}${value}`);
  return `${[pieceName(piece), ...words].join('-')}.npz`;
}

/** Roughly what a piece costs, in samples that pass through a batch of 64; large batches cost a third for each sample. */
export function pieceCost(piece: ToyPiece, options: ToyOptions): number {
  const { size } = options;
  const measuring = (MEASURING * size * size) / 2048;
  return measuring + pieceSteps(piece, options) * (piece.kind === 'denoising' ? size / 3 : BATCH);
}
