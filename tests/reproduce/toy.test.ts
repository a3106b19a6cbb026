/** The toy experiment's parts, on numbers small enough to check by hand. */
import { describe, expect, test } from 'vitest';
import { readNpz } from '../../src/format/npz.js';
import type { Engine } from '../../src/index.js';
import { rankCorrelation } from '../../src/reproduce/rank-correlation.js';
import { apart, logTicks, roundTicks } from '../../src/reproduce/svg.js';
import { circle, logCurvature, noise, positions, shuffled, sinusoid } from '../../src/reproduce/toy/data.js';
import { denoisingFigure } from '../../src/reproduce/toy/denoising-figure.js';
import { densityFigure } from '../../src/reproduce/toy/density-figure.js';
import { ESTIMATORS } from '../../src/reproduce/toy/estimators.js';
import { estimatorsFigure } from '../../src/reproduce/toy/estimators-figure.js';
import { toyFindings } from '../../src/reproduce/toy/findings.js';
import { measureDenoising } from '../../src/reproduce/toy/measuring.js';
import { median, type ToyNumbers, toyNumbers } from '../../src/reproduce/toy/numbers.js';
import { toyPage } from '../../src/reproduce/toy/page.js';
import type { Standing } from '../../src/reproduce/toy/piece.js';
import { pieceName, type ToyOptions, type ToyPiece, toyPieces } from '../../src/reproduce/toy/protocol.js';
import { decodeStanding, encodeStanding } from '../../src/reproduce/toy/standing-file.js';

const options: ToyOptions = {
  epochs: 2,
  runs: 3,
  frequencies: [1, 2],
  size: 16,
  denoisingSteps: 5,
  seed: 1,
};
const SIZE = options.size;

/** A piece whose every count of every sample is `level`, by estimator one more than by the one before. */
function standing(piece: ToyPiece, level: number): { piece: ToyPiece; standing: Standing } {
  if (piece.kind === 'denoising') {
    const values = (value: number) => new Float32Array(SIZE).fill(value);
    const result = {
      noisy: values(0),
      predicted: sinusoid(positions(SIZE, 1), 2).map((value) => value + 0.03),
      averaged: values(0),
      averagedNoise: values(-0.01),
      factor: values(0.25),
      residual: 0.001,
      shift: 0.5,
      undefinedAt: 0,
      negative: 0,
    };
    return { piece, standing: { stage: 'denoising', seconds: 2, result } };
  }
  const counts = Float32Array.from(
    { length: ESTIMATORS.length * SIZE },
    (_, i) => level + Math.floor(i / SIZE),
  );
  return {
    piece,
    standing: { stage: 'density', seconds: 1, result: { counts, smallest: 0.1, error: 0.02 } },
  };
}

/** Runs 1, 2, 3 of f = 1 count 10, 11, 15; of f = 2 half as many. */
function numbersOf(some: ToyOptions = options): ToyNumbers {
  const levels = [10, 11, 15];
  return toyNumbers(
    some,
    toyPieces(some).map((piece) => {
      if (piece.kind === 'denoising') return standing(piece, 0);
      if (piece.kind === 'untrained') return standing(piece, SIZE - 0.1);
      return standing(piece, levels[piece.run - 1]! / piece.frequency);
    }),
  );
}

describe('the data', () => {
  test('lie on the circle, in order, and are the same for the same seed', () => {
    const place = positions(50, 3);
    expect(place).toEqual(positions(50, 3));
    expect([...place]).toEqual([...place].sort((a, b) => a - b));
    const points = circle(place);
    for (let i = 0; i < 50; i++) {
      expect(points[2 * i]! ** 2 + points[2 * i + 1]! ** 2).toBeCloseTo(1, 6);
      expect(sinusoid(place, 1)[i]).toBeCloseTo(points[2 * i + 1]!, 6);
    }
  });

  test('have the curvature (2πf)² at the crests of the sinusoid, and none where it crosses 0', () => {
    const [zero, crest] = logCurvature(Float64Array.of(0, 1 / 8), 2);
    expect(zero).toBe(0);
    expect(crest).toBeCloseTo(Math.log(1 + (4 * Math.PI) ** 2), 9);
  });

  test('have normal noise, and are shuffled without loss', () => {
    const errors = noise(20_000, 0.2, 1);
    const moment = (power: number) => errors.reduce((sum, error) => sum + error ** power, 0) / errors.length;
    expect(Math.abs(moment(1))).toBeLessThan(0.005);
    expect(moment(2)).toBeCloseTo(0.04, 3);
    expect(moment(4) / moment(2) ** 2).toBeCloseTo(3, 0);
    expect([...shuffled(100, 7)].sort((a, b) => a - b)).toEqual(Array.from({ length: 100 }, (_, i) => i));
    expect(shuffled(100, 7)).not.toEqual(shuffled(100, 8));
  });
});

describe('the numbers', () => {
  const numbers = numbersOf();

  test('are means of medians over the runs', () => {
    expect(median([3, 1, 2])).toBe(2);
    expect(median([4, 1, 2, 3])).toBe(2.5);
    expect(numbers.trained.map(({ means }) => means.N_S)).toEqual([11, 5.5]);
    expect(numbers.trained[0]!.means['N_0.5']).toBe(12);
    expect(numbers.trained[0]!.runs).toEqual([10, 11, 15]);
    expect(numbers.slopes).toEqual([-1]);
    expect(numbers.seconds).toBe(2 + 9);
  });

  test('say how far a denoising network is from the truth', () => {
    const { error, factorTimesRootN, averagedNoise } = numbers.denoising!;
    expect(error).toBeCloseTo(0.03, 6);
    expect(factorTimesRootN).toBe(1);
    expect(averagedNoise).toBeCloseTo(0.01, 6);
  });

  test('correlate ranks, equal ones sharing theirs', () => {
    expect(rankCorrelation([1, 2, 3], [10, 20, 90])).toBeCloseTo(1, 12);
    expect(rankCorrelation([1, 2, 3], [3, 2, -5])).toBeCloseTo(-1, 12);
    expect(rankCorrelation([1, 2, 2, 3], [1, 2, 3, 4])).toBeCloseTo(4.5 / Math.sqrt(4.5 * 5), 12);
    expect(rankCorrelation([1, 1], [1, 2])).toBeNaN();
  });

  test('are judged beside the reference only where there is one', () => {
    const verdicts = (some: ToyNumbers) => toyFindings(some).map(({ verdict }) => verdict);
    expect(verdicts(numbers)).toEqual([
      'agrees',
      'agrees',
      'agrees',
      'open',
      'agrees',
      'agrees',
      'agrees',
      'agrees',
    ]);
    const rising = { ...numbers, trained: [...numbers.trained].reverse(), slopes: [1] };
    expect(verdicts(rising).slice(2, 5)).toEqual(['differs', 'open', 'differs']);
    const full = { ...numbers, options: { ...options, size: 2048, epochs: 100 } };
    expect(verdicts(full)[3]).toBe('differs');
    expect(toyFindings(full)[3]!.found).toContain('100 %');
  });

  test('decide nothing where the networks have not learned yet', () => {
    const trained = [...numbers.trained].reverse().map((one) => ({ ...one, error: 0.6 }));
    const denoising = { ...numbers.denoising!, error: 0.65 };
    const found = toyFindings({ ...numbers, trained, slopes: [1], denoising });
    expect(found.slice(2).map(({ verdict }) => verdict)).toEqual(Array(6).fill('open'));
    expect(found[2]!.found).toContain('Not fitted yet: the mean error is up to 0.60.');
  });
});

describe('the file of a piece', () => {
  const piece: ToyPiece = { kind: 'trained', run: 2, frequency: 1 };
  const parameters = 21_057;
  const training: Standing = {
    stage: 'training',
    seconds: 1.5,
    state: {
      steps: 1,
      weights: new Float32Array(parameters).fill(1),
      first: new Float32Array(parameters).fill(2),
      second: new Float32Array(parameters).fill(3),
    },
  };
  const decode = (bytes: Uint8Array, some: ToyOptions = options) =>
    decodeStanding(bytes, piece, some, 'runs/x.npz');

  test.each([
    ['training', piece, training],
    ['densities', piece, standing(piece, 3).standing],
    ['denoising', { kind: 'denoising' } as const, standing({ kind: 'denoising' }, 3).standing],
  ])('brings %s back', (_, which, kept) => {
    expect(decodeStanding(encodeStanding(kept, which, options), which, options, 'x')).toEqual(kept);
  });

  test('of other options is refused with the difference', () => {
    const bytes = encodeStanding(training, piece, options);
    expect(() => decode(bytes, { ...options, epochs: 5, seed: 4 })).toThrow(
      /'runs\/x.npz' belongs to .*\(seed 1 instead of 4, epochs 2 instead of 5\)/,
    );
    expect(decode(bytes, { ...options, runs: 9, denoisingSteps: 0, frequencies: [1] })).toEqual(training);
    expect(() => decodeStanding(bytes, { ...piece, run: 3 }, options, 'x')).toThrow(
      'piece f1-run2 instead of f1-run3',
    );
  });

  test('says what made it, which is not compared', () => {
    const bytes = encodeStanding(training, piece, options, { v8: '1.2.3' });
    const { data } = readNpz(bytes, 'x').get('about')!;
    expect(JSON.parse(new TextDecoder().decode(data as Uint8Array))).toMatchObject({
      epochs: 2,
      v8: '1.2.3',
    });
    expect(decode(bytes)).toEqual(training);
  });

  test('that is cut off, changed, or of too many steps is refused by name', () => {
    const bytes = encodeStanding(training, piece, options);
    for (const length of [0, 10, 1000, bytes.length - 1])
      expect(() => decode(bytes.slice(0, length)), String(length)).toThrow(
        /'runs\/x.npz' (is damaged|does not say)/,
      );
    const changed = bytes.slice();
    changed[bytes.length >> 1]! ^= 1;
    expect(() => decode(changed)).toThrow("'runs/x.npz' is damaged");
    const eager = { ...training, state: { ...training.state, steps: 3 } };
    expect(() => decode(encodeStanding(eager, piece, options))).toThrow('3 steps');
    const alien = { ...training, state: { ...training.state, weights: new Float32Array(4) } };
    expect(() => decode(encodeStanding(alien, piece, options))).toThrow('weights has 4 numbers, not 21057');
  });

  test.each([
    ['seconds', { seconds: -1 }, {}],
    ['seconds', { seconds: -Infinity }, {}],
    ['counts', {}, { counts: new Float32Array(ESTIMATORS.length * SIZE).fill(NaN) }],
    ['smallest', {}, { smallest: NaN }],
    ['error', {}, { error: Infinity }],
  ])('whose %s cannot be is refused', (name, outside, inside) => {
    const { standing: kept } = standing(piece, 3);
    if (kept.stage !== 'density') throw new Error('it is of densities');
    const bytes = encodeStanding(
      { ...kept, ...outside, result: { ...kept.result, ...inside } },
      piece,
      options,
    );
    expect(() => decode(bytes)).toThrow(new RegExp(`'runs/x.npz' is damaged \\(.*${name}`));
  });

  test('may hold averages that are not defined, as many as it says', () => {
    const denoising: ToyPiece = { kind: 'denoising' };
    const { standing: kept } = standing(denoising, 0);
    if (kept.stage !== 'denoising') throw new Error('it is of denoising');
    const back = (change: object) => {
      const changed = { ...kept, result: { ...kept.result, ...change } };
      return () =>
        expect(decodeStanding(encodeStanding(changed, denoising, options), denoising, options, 'x')).toEqual(
          changed,
        );
    };
    const [two, all] = [kept.result.factor.with(0, NaN).with(1, NaN), kept.result.factor.map(() => NaN)];
    back({ undefinedAt: 2, factor: two })();
    back({ undefinedAt: SIZE, factor: all, averaged: all, averagedNoise: all, residual: NaN, shift: NaN })();
    expect(back({ undefinedAt: 1, factor: two })).toThrow('factor has numbers that are not finite');
    expect(back({ undefinedAt: 2, factor: two.with(0, Infinity) })).toThrow('not finite');
    expect(back({ undefinedAt: 2, predicted: two })).toThrow('predicted has numbers that are not finite');
    expect(back({ undefinedAt: 2, shift: NaN })).toThrow('shift is NaN');
    expect(back({ undefinedAt: 0.5 })).toThrow('0.5 undefinedAt');
  });

  test('has a name of its own among all pieces', () => {
    const names = toyPieces(options).map(pieceName);
    expect(new Set(names).size).toBe(1 + 3 * 2 + 3);
  });
});

test('the mean shift is over the samples where an average is defined', async () => {
  const found = {
    labels: [0, NaN, 0],
    factor: [1, NaN, 1],
    shift: [1, NaN, 3],
    residual: 0,
    undefinedAt: [1],
    negative: [],
  };
  const seen = { logits: new Float32Array(3), denoise: async () => found, [Symbol.dispose]() {} };
  const engine = { perspective: async () => seen } as unknown as Engine;
  const three = new Float32Array(3);
  const { shift, undefinedAt } = await measureDenoising(engine, new Float32Array(6), three, three, {});
  expect({ shift, undefinedAt }).toEqual({ shift: 2, undefinedAt: 1 });
});

describe('figures and page', () => {
  const making = { command: 'netkin <x>', netkin: '0', node: '20', cpu: 'a & b', cores: 2, date: 'today' };

  test.each([
    ['the usual', options],
    ['one frequency, one run', { ...options, frequencies: [3], runs: 1 }],
    ['no denoising', { ...options, denoisingSteps: 0 }],
  ])('are well formed and hold numbers only: %s', (_, some) => {
    const numbers = numbersOf(some);
    const { denoising, positions: place } = numbers;
    const figures = [
      densityFigure(numbers),
      estimatorsFigure(numbers),
      ...(denoising ? [denoisingFigure(denoising, place)] : []),
    ].map(String);
    for (const figure of [...figures, toyPage(numbers, making)]) {
      expect(figure).not.toMatch(/NaN|undefined|Infinity|\[object/);
      const open: string[] = [];
      for (const [, closes, name, attributes] of figure.matchAll(/<(\/?)([a-z][a-z0-9]*)([^>]*)>/g)) {
        if (closes) expect(open.pop()).toBe(name);
        else if (!attributes!.endsWith('/') && name !== 'meta' && name !== 'br') open.push(name!);
      }
      expect(open).toEqual([]);
    }
    for (const figure of figures)
      expect(figure).toMatch(/^<svg xmlns=[\s\S]*<title id="[\w-]+">[^<]+<\/title>\s*<desc/);
  });

  test('escape what came from outside, and load nothing', () => {
    const page = toyPage(numbersOf(), making);
    expect(page).toContain('netkin &lt;x&gt;');
    expect(page).toContain('a &amp; b');
    expect(page.replaceAll('http://www.w3.org/2000/svg', '')).not.toMatch(
      /https?:|@import|url\(|<link|<script/,
    );
  });

  test('ticks are round, and labels that would touch are moved apart within their room', () => {
    expect(roundTicks(0, 2048, 5)).toEqual([0, 500, 1000, 1500, 2000]);
    expect(roundTicks(-1.3, 1.3, 5)).toEqual([-1, 0, 1]);
    expect(logTicks(30, 2100)).toEqual([50, 100, 200, 500, 1000, 2000]);
    expect(apart([50, 10, 52], 4, 0, 100)).toEqual([49, 10, 53]);
    expect(apart([99, 99, 99], 10, 0, 100)).toEqual([80, 90, 100]);
  });
});
