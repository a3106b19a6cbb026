/** What shall be similar, and the order in which it is computed. */
import { refuse } from '../../errors.js';
import type { PairCount } from '../../similarity/enforce.js';
import { type Contrast, settledContrast } from '../contrast.js';
import type { SettledChoice } from '../selection.js';

/**
 * - `'repel'`: similarity is a cost, as in the published code (sign +1);
 * - `'attract'`: similarity is wanted, as the published text asks (sign −1).
 */
export type Enforcement = 'repel' | 'attract';

/** A contrast whose adversaries, if any, the caller names. */
interface GivenContrast {
  readonly contrast: Contrast['contrast'];
  readonly adversary?: Exclude<Contrast['adversary'], 'sampled'>;
}

export interface SimilarityRequest {
  /** Pairs of examples by their place in the batch: S = k^C, averaged over the pairs. Or give `sets`. */
  readonly pairs?: readonly (readonly [number, number])[];
  /**
   * Sets of examples by their place in the batch: S = ‖mean ĝ‖², the mean of k^C over all pairs of the set, own pairs
   * included. Linear time: an example costs the same in a set of any size.
   */
  readonly sets?: readonly (readonly number[])[];
  /**
   * What is compared: the contrast of a class, given for all or for each example of the batch, or of the predicted one
   * ('contrast'), with the mean of the other logits or with one adversary; one output by its index; or all d outputs together ('logits': Tr K^C / d), at d times the price and
   * with the pairs of a set one by one.
   */
  readonly output: 'logits' | 'contrast' | GivenContrast | readonly [number];
  readonly mode: Enforcement;
  /** How much the term counts, ≥ 0. */
  readonly weight: number;
}

/** Examples in the order in which they are computed: sets one after the other, then those in no set. */
export interface Order {
  /** The example at each place. */
  readonly examples: readonly number[];
  /** Sizes of the sets, then ones. */
  readonly sizes: readonly number[];
  readonly sets: number;
  /** Which pairs of a set count. */
  readonly count: PairCount;
  /** Functions compared; each example of a set stands at as many places, one after the other. */
  readonly outputs: number;
  /** Whether that is the batch as it stands. */
  readonly asGiven: boolean;
  /** +1 or −1, times the weight. */
  readonly factor: number;
}

/**
 * @param width outputs of the model
 * @throws NetkinError 'usage' for a request without meaning
 */
export function orderOf(
  { pairs, sets, output, weight, mode }: SimilarityRequest,
  batch: number,
  width: number,
): Order {
  if ((pairs === undefined) === (sets === undefined)) refuse('usage', 'Give either pairs or sets.');
  if (!(weight >= 0 && weight < Infinity))
    refuse('usage', `weight is ${weight}: give a number that is not negative; mode says the direction.`);
  if (mode !== 'repel' && mode !== 'attract')
    refuse('usage', `mode is '${mode}': give 'repel' or 'attract'.`);
  const groups: readonly (readonly number[])[] = (pairs ?? sets)!;
  if (groups.length === 0) refuse('usage', `There is no ${pairs ? 'pair' : 'set'} to compare.`);
  const inSets = new Set<number>();
  for (const group of groups) {
    if (pairs && group.length !== 2) refuse('usage', `A pair has 2 examples, not ${group.length}.`);
    if (group.length < 2) refuse('usage', `A set has at least 2 examples, not ${group.length}.`);
    for (const example of group) {
      if (!Number.isInteger(example) || example < 0 || example >= batch)
        refuse('usage', `Example ${example} is not in the batch, which has examples 0 to ${batch - 1}.`);
      inSets.add(example);
    }
  }
  const rest = [...Array(batch).keys()].filter((example) => !inSets.has(example));
  const outputs = output === 'logits' ? width : 1;
  const placed = groups.flat().flatMap((example) => Array<number>(outputs).fill(example));
  const examples = [...placed, ...rest];
  return {
    examples,
    sizes: [...groups.map(({ length }) => length * outputs), ...rest.map(() => 1)],
    sets: groups.length,
    count: pairs ? 'distinct' : 'all',
    outputs,
    asGiven: examples.length === batch && examples.every((example, place) => example === place),
    factor: mode === 'attract' ? -weight : weight,
  };
}

/** The choice with its classes in the order of computation. */
export function orderedOutput(output: SimilarityRequest['output'], { examples }: Order): SettledChoice {
  if (output === 'contrast') return settledContrast({ contrast: 'predicted' }, 0);
  if (typeof output !== 'object' || !('contrast' in output)) return output;
  const ordered = <Rest>(ids: ArrayLike<number> | Rest) =>
    typeof ids === 'object' ? examples.map((example) => (ids as ArrayLike<number>)[example]!) : ids;
  return settledContrast({ contrast: ordered(output.contrast), adversary: ordered(output.adversary) }, 0);
}
