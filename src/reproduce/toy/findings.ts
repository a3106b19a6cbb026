/** What the numbers say about the paper's claims and the reference, in words. */
import type { ToyNumbers } from './numbers.js';
import { denoisingReference, densityReference, REFERENCE_EPOCHS, UNTRAINED } from './reference.js';

export interface Finding {
  /** 'open': the numbers do not decide it. */
  readonly verdict: 'agrees' | 'differs' | 'open';
  readonly claim: string;
  readonly found: string;
}

/** Means within this share of the reference agree with it. */
export const TOLERANCE = 0.1;
/** Mean |ŷ − y| above which a network has not learned its sinusoid, whose own mean is 0.64: it says nothing of the claims. */
const UNFITTED = 0.1;

export function toyFindings(numbers: ToyNumbers): Finding[] {
  return [...densityFindings(numbers), ...denoisingFindings(numbers)];
}

/** Relative difference of mean N_S from the reference; null without one. */
export function deviation(numbers: ToyNumbers, frequency: number): number | null {
  const reference = densityReference(numbers.options)?.N_S[frequency];
  const own = numbers.trained.find((one) => one.frequency === frequency);
  return reference === undefined || !own ? null : own.means.N_S / reference - 1;
}

function densityFindings(numbers: ToyNumbers): Finding[] {
  const { untrained, trained, slopes, options } = numbers;
  const { size, epochs } = options;
  const share = untrained.means.N_S / size;
  const smallest = Math.min(...trained.map((one) => one.smallest));
  const worst = Math.max(...trained.map(({ error }) => error));
  const judged = (holds: boolean) => (worst > UNFITTED ? 'open' : holds ? 'agrees' : 'differs');
  const unfitted = worst > UNFITTED ? ` Not fitted yet: the mean error is up to ${worst.toFixed(2)}.` : '';
  const findings: Finding[] = [
    {
      verdict: share > UNTRAINED.accepted / 2048 ? 'agrees' : 'differs',
      claim: 'To an untrained network nearly all samples are alike.',
      found: `N_S is ${counted(untrained.means.N_S, size)} of ${size} (reference: above ${UNTRAINED.measured} of 2048).`,
    },
    {
      verdict: smallest >= 0 ? 'agrees' : 'differs',
      claim: 'No two samples are opposed: k^C is nowhere negative.',
      found: `The smallest k^C of all pairs and runs is ${smallest.toFixed(3)}.`,
    },
  ];
  if (trained.length > 1) {
    const falls = trained.every((one, i) => i === 0 || one.means.N_S < trained[i - 1]!.means.N_S);
    findings.push({
      verdict: judged(falls),
      claim: 'The higher the frequency, the fewer samples are alike.',
      found: `Mean N_S ${falls ? 'falls strictly' : 'does not fall strictly'}: ${list(trained.map(({ means }) => counted(means.N_S, size)))} for f = ${list(trained.map(({ frequency }) => String(frequency)))}.${unfitted}`,
    });
  }
  const deviations = trained.flatMap(({ frequency }) => deviation(numbers, frequency) ?? []);
  if (deviations.length > 0) {
    const largest = Math.max(...deviations.map(Math.abs));
    findings.push({
      verdict: largest <= TOLERANCE ? 'agrees' : 'differs',
      claim: `Mean N_S is that of the independent implementation at ${epochs} epochs, within ${percent(TOLERANCE)}.`,
      found: `The largest difference is ${percent(largest)}.`,
    });
  } else {
    findings.push({
      verdict: 'open',
      claim: 'Mean N_S is that of the independent implementation.',
      found: `There are reference numbers for 2048 samples and ${list(REFERENCE_EPOCHS.map(String), 'or')} epochs only; these are ${size} samples and ${epochs} epochs.`,
    });
  }
  if (slopes.length > 0) {
    findings.push({
      verdict: judged(slopes.every((slope) => Math.abs(slope + 1) <= TOLERANCE)),
      claim: 'The number of neighbours is proportional to 1/f.',
      found: `From one frequency to the next, N_S goes with f to the power of ${list(slopes.map((slope) => minus(slope.toFixed(2))))}; the law would be ${minus('-1')} throughout. The reference does not confirm the law either.${unfitted}`,
    });
  }
  return findings;
}

function denoisingFindings({ denoising, options }: ToyNumbers): Finding[] {
  if (!denoising) return [];
  const { noise, error, factorTimesRootN, residual, averagedNoise } = denoising;
  const standard = denoisingReference(options) !== null;
  const verdict = (holds: boolean) => {
    if (error > noise) return 'open'; // its labels are nearer to the truth than it is: not fitted yet
    return holds ? 'agrees' : standard ? 'differs' : 'open';
  };
  return [
    {
      verdict: verdict(error < noise / 4),
      claim: `A network trained on labels with noise of ${noise} comes closer to the truth than its labels: by a factor of 4.`,
      found: `Its root mean square distance from the truth is ${error.toFixed(4)}.`,
    },
    {
      verdict: verdict(factorTimesRootN >= 1 && factorTimesRootN <= 1.5),
      claim: 'It averages over nearly all samples: φ√N lies between 1, the best possible, and 1.5.',
      found: `φ√N is ${factorTimesRootN.toFixed(2)} on average.`,
    },
    {
      verdict: verdict(residual < 0.3 * averagedNoise),
      claim: 'The identity E_k[ŷ] = E_k[labels] holds: what remains is below 0.3 of the averaged noise.',
      found: `The residual is ${residual.toPrecision(2)}, the averaged noise ${averagedNoise.toPrecision(2)} (root mean squares).`,
    },
  ];
}

/** A mean count out of `size`; of few samples with decimals. */
export function counted(value: number, size: number): string {
  return value.toFixed(size < 1000 ? 2 : 0);
}

function percent(share: number): string {
  return `${(100 * share).toFixed(share < 0.1 ? 1 : 0)} %`;
}

function minus(text: string): string {
  return text.replace(/^-0\.00$/, '0.00').replace('-', '−');
}

function list(words: readonly string[], last = 'and'): string {
  return words.length < 2 ? words.join('') : `${words.slice(0, -1).join(', ')} ${last} ${words.at(-1)}`;
}
