/** A network in words and tables, for `netkin inspect`. */
import type { NetworkDescription, Term } from '../../src/index.js';
import type { Prediction } from '../../src/prediction.js';
import type { CommonOptions } from './options.js';
import { bytes, count, decimal, facts, plural, table } from './table.js';

const NUMBER = { title: '#', align: 'right' } as const;
const DEFAULT_MEMORY = 2 ** 30; // the engine's

export function describeNetwork(
  model: string,
  network: NetworkDescription,
  prediction: Prediction | null,
  options: CommonOptions,
): string {
  const parts = [
    summary(model, network, options),
    `LAYERS\n${layers(network)}`,
    `PLAN (multiply-adds per pair, bytes per input)\n${plan(network)}`,
    `FORMS (multiply-adds per pair and bytes per input; * chosen)\n${forms(network)}`,
  ];
  if (prediction)
    parts.push(
      `COST OF ${count(prediction.inputs)} INPUTS\n${cost(prediction, options.memory ?? DEFAULT_MEMORY)}`,
    );
  return parts.join('\n\n');
}

function summary(model: string, network: NetworkDescription, options: CommonOptions): string {
  const { inputs, outputs, compared, parameters, unused } = network;
  const size = parameters.reduce((sum, parameter) => sum + parameter.size, 0);
  const ends = outputs.map(({ size: width, lookedThrough }) =>
    lookedThrough
      ? `${width}, ${lookedThrough.kind} of layer '${lookedThrough.layer}' looked through`
      : String(width),
  );
  const functions =
    options.of === 'loss'
      ? 'the loss of each input (d = 1)'
      : `${plural(compared, 'function')} (d = ${compared})`;
  const idle =
    unused.length === 0 ? 'all used' : `unused (no influence on the outputs): ${unused.join(', ')}`;
  return facts([
    ['model', model],
    ['inputs', inputs.map(({ name, shape }) => `${name} ${extents(shape)}`).join(', ')],
    ['outputs', ends.join('; ')],
    ['compared', functions],
    ['precision', precisionOf(network, options)],
    ['parameters', `${count(size)} in ${plural(parameters.length, 'array')}, ${idle}`],
    ['self-check', selfCheck(network)],
  ]);
}

function precisionOf({ precision, deviation }: NetworkDescription, { seed = 0 }: CommonOptions): string {
  if (precision === 'exact') return 'exact';
  if (deviation === 0) return `${precision}, and yet exact: no layer costs more than that`;
  return `${precision} numbers per output of a sketched layer, seed ${seed}; estimates k with a standard deviation up to ${decimal(deviation)} · (1 − k²)`;
}

function selfCheck({ check }: NetworkDescription): string {
  if (!check) return 'skipped';
  const stock =
    check.stockDifference === null
      ? 'tfjs has no gradients of its own for this model'
      : `largest difference from tfjs's own gradients ${Number(check.stockDifference.toPrecision(1))}`;
  return `passed: ${plural(check.layers.length, 'layer')} confirmed by finite differences, ${stock}`;
}

function layers({ layers: all, parameters }: NetworkDescription): string {
  return table(
    [
      NUMBER,
      { title: 'layer' },
      { title: 'kind' },
      { title: 'parameters', align: 'right' },
      { title: 'weights' },
    ],
    all.map(({ name, kind }, i) => {
      const own = parameters.filter(({ layer }) => layer === name);
      const size = own.reduce((sum, parameter) => sum + parameter.size, 0);
      const weights = own.map((parameter) => `${shortName(parameter.name)} ${extents(parameter.shape)}`);
      return [String(i + 1), name, kind, size === 0 ? '-' : count(size), weights.join(', ')];
    }),
  );
}

/** Layers by their number above: seven columns leave no room for names. */
function plan({ layers: all, terms, parameters, unused }: NetworkDescription): string {
  const total = (value: (term: NetworkDescription['terms'][number]) => number) =>
    terms.reduce((sum, term) => sum + value(term), 0);
  const right = { align: 'right' } as const;
  return table(
    [
      NUMBER,
      { title: 'covers' },
      { title: 'rule' },
      { title: 'form' },
      { title: 'uses', ...right },
      { title: 'row', ...right },
      { title: 'per pair', ...right },
      { title: 'per input', ...right },
    ],
    [
      ...terms.map((term) => [
        layerNumber(all, term.layer),
        term.parameters.map(shortName).join(' + '),
        term.rule,
        term.kind,
        count(term.positions),
        term.left === 0 ? count(term.right) : `${count(term.left)} + ${count(term.right)}`,
        count(term.multiplyAddsPerPair),
        bytes(term.bytesPerInput),
      ]),
      ...parameters
        .filter(({ name }) => unused.includes(name))
        .map(({ name, layer }) => [
          layerNumber(all, layer),
          shortName(name),
          'none',
          'unused',
          '',
          '',
          '',
          '',
        ]),
      [
        '',
        'total',
        '',
        '',
        '',
        '',
        count(total((term) => term.multiplyAddsPerPair)),
        bytes(total((term) => term.bytesPerInput)),
      ],
    ],
  );
}

/** What each form of a term would cost; sketches only where a precision was given. */
function forms({ layers: all, terms, precision }: NetworkDescription): string {
  const kinds = [
    'factored',
    'materialised',
    ...(precision === 'exact' ? [] : ['sketched']),
  ] as Term['kind'][];
  return table(
    [
      NUMBER,
      { title: 'covers' },
      ...kinds.map((kind) => ({
        title: kind === 'sketched' ? `${kind} to ${precision}` : kind,
        align: 'right' as const,
      })),
    ],
    terms.map((term) => [
      layerNumber(all, term.layer),
      term.parameters.map(shortName).join(' + '),
      ...kinds.map((kind) => {
        const cost = term.forms[kind];
        if (!cost) return '-';
        return `${kind === term.kind ? '* ' : ''}${count(cost.multiplyAdds)}, ${bytes(cost.bytes)}`;
      }),
    ]),
  );
}

function layerNumber(layers: NetworkDescription['layers'], layer: string): string {
  return String(layers.findIndex(({ name }) => name === layer) + 1 || '?');
}

/** The weight without its layer. */
function shortName(name: string): string {
  return name.split('/').at(-1) ?? name;
}

function cost(prediction: Prediction, memory: number): string {
  const { pairs, allPairs, softDensity, rowBytes, fits, held, captures, fittingPrecision, threads, seconds } =
    prediction;
  const room = !fits
    ? `more than ${bytes(memory)} allow: use ${fittingPrecision ? `--precision ${fittingPrecision}, ` : ''}--memory, --output or --parameters`
    : held
      ? `held within ${bytes(memory)}`
      : `beyond ${bytes(memory)}, captured again ${captures.toFixed(1)} times for all pairs`;
  const rounded = (value: number) => (value < 1 ? value.toPrecision(1) : Number(value.toPrecision(2)));
  const time = (value: number) => `about ${rounded(value)} s`;
  return facts([
    ['gradient rows', `${bytes(rowBytes)}, ${room}; ${time(seconds.gradients)}`],
    [
      'all pairs',
      `${count(allPairs)} multiply-adds for ${plural(pairs, 'pair')}, ${time(seconds.allPairs)} (nearest, suspects, matrix, density hard and power)`,
    ],
    ['soft density', `${count(softDensity)} multiply-adds, ${time(seconds.softDensity)}`],
    [
      'times',
      `measured with the first inputs on this machine, for ${plural(threads, 'thread')}; within a factor of 2`,
    ],
  ]);
}

function extents(shape: readonly (number | null)[]): string {
  return shape.length === 0 ? 'scalar' : shape.map((extent) => extent ?? '?').join('×');
}
