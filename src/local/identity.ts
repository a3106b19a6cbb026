/** What an index says of the network and the options that its rows were captured with, and whether an engine has both. */
import type { NetworkDescription } from '../description.js';
import { refuse } from '../errors.js';
import { shortened } from '../format/fields.js';
import type { StoredIds } from '../format/index-content.js';
import { draws, type IndexFacts, type IndexOptions } from '../format/index-header.js';
import { isContrast, type SettledChoice } from '../network/selection.js';
import type { SettledOptions } from '../options.js';
import type { Term } from '../plan.js';

export { fingerprint } from '../network/fingerprint.js';

export interface Identity
  extends StoredIds,
    Pick<IndexFacts, 'model' | 'options' | 'parameters' | 'inputs' | 'heads' | 'terms' | 'outputs'> {}

/** The options of `open` that rows depend on, as an index has them. */
export function rowOptions({
  output,
  of = 'output',
  precision = 'exact',
  seed = 0,
}: Pick<SettledOptions, 'output' | 'of' | 'precision' | 'seed'>): StoredIds & {
  readonly options: IndexOptions;
} {
  const { contrast, adversary } = isContrast(output) ? output : {};
  const ids = (given: unknown) => (given instanceof Float64Array ? Int32Array.from(given) : null);
  const options = { output: storedOutput(output), of, precision, seed };
  return {
    options: { ...options, seed: draws(options) ? seed : 0 },
    contrasts: ids(contrast),
    adversaries: ids(adversary),
  };
}

function storedOutput(output: SettledChoice): IndexOptions['output'] {
  if (!isContrast(output)) return output;
  const { contrast, adversary } = output;
  const given = contrast instanceof Float64Array;
  if (adversary === null && typeof contrast !== 'number') return given ? 'given contrasts' : 'contrast';
  return {
    contrast: given ? 'given' : contrast,
    adversary:
      adversary instanceof Float64Array
        ? 'given'
        : typeof adversary === 'object' && adversary
          ? 'sampled'
          : adversary,
  };
}

/** A term without what was only planned with it; its fields always come in this order. */
export function plainTerm(term: Term): Term {
  const { layer, parameters, rule, kind, size, positions, left, right, factors, sketch } = term;
  const layout = { positions, left, right };
  return {
    layer,
    parameters,
    rule,
    kind,
    size,
    ...layout,
    ...(factors && { factors: { positions: factors.positions, left: factors.left, right: factors.right } }),
    ...(sketch && { sketch }),
  };
}

/** @throws NetkinError 'input' for another network */
export function assertModel(facts: IndexFacts, model: string): void {
  if (facts.model === model) return;
  refuse(
    'input',
    `The index belongs to another network (SHA-256 ${facts.model.slice(0, 8).replace(/[^0-9a-f]/g, '?')}…, this one is ${model.slice(0, 8)}…): its weights or layers differ. Open that network, or make the index again.`,
  );
}

/**
 * @param ids of the index
 * @throws NetkinError 'usage' for other options than the index was made with, naming those to open the model with
 */
export function assertOptionsOf(facts: IndexFacts, ids: StoredIds, own: SettledOptions): void {
  const mine = rowOptions(own);
  const wanted: string[] = [];
  const { output, of, precision, seed } = facts.options;
  const same = JSON.stringify(output) === JSON.stringify(mine.options.output);
  if (!same || !agree(ids.contrasts, mine.contrasts) || !agree(ids.adversaries, mine.adversaries))
    wanted.push(`output: ${shownOutput(output)}`);
  if (of !== mine.options.of) wanted.push(`of: '${of}'`);
  if (precision !== mine.options.precision) wanted.push(`precision: ${JSON.stringify(precision)}`);
  if (draws(facts.options) && seed !== (own.seed ?? 0)) wanted.push(`seed: ${seed}`);
  if (wanted.length > 0)
    refuse('usage', `The index was made with other options: open the model with ${wanted.join(', ')}.`);
}

function shownOutput(output: IndexOptions['output']): string {
  const choice = output === 'given contrasts' ? { contrast: 'given', adversary: null } : output;
  if (typeof choice === 'string' || !('contrast' in choice)) return shortened(JSON.stringify(choice));
  const shown = Object.entries(choice)
    .filter(([, value]) => value !== null)
    .map(([name, value]) => `${name}: ${value === 'given' ? 'those of the index' : JSON.stringify(value)}`);
  return `{ ${shown.join(', ')} }`;
}

/** @throws NetkinError 'usage' for other parameters */
export function assertParameters(facts: IndexFacts, own: readonly { readonly name: string }[]): void {
  const names = own.map(({ name }) => name);
  if (facts.parameters.join('\n') === names.join('\n')) return;
  const shown = (list: readonly string[]) =>
    list.slice(0, 6).map(shortened).join(', ') + (list.length > 6 ? `, … (${list.length})` : '');
  refuse(
    'usage',
    `The index was made with the parameters ${shown(facts.parameters)}; this engine compares by ${shown(names)}. Open the model with parameters: that let through the same ones.`,
  );
}

/** @throws NetkinError 'input' where the same network and options lead to other rows: another version of netkin */
export function assertPlan(facts: IndexFacts, { outputs: heads, compared, terms }: NetworkDescription): void {
  const text = (plan: Pick<IndexFacts, 'outputs' | 'heads' | 'terms'>) =>
    JSON.stringify([plan.outputs, plan.heads.map(plainHead), plan.terms.map(plainTerm)]);
  if (text(facts) === text({ outputs: compared, heads, terms })) return;
  refuse('input', 'The index holds rows that this version of netkin would lay out otherwise: make it again.');
}

function plainHead({ size, classes, lookedThrough }: IndexFacts['heads'][number]) {
  return [size, classes, lookedThrough?.layer, lookedThrough?.kind];
}

/** Whether an engine's class ids begin with those of the index. */
function agree(ids: Int32Array | null, own: Int32Array | null): boolean {
  return ids === null || (own !== null && ids.every((id, input) => id === own[input]));
}
