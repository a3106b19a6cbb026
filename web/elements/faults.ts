/** What is wrong with the data that a page handed over, in words: types keep no script from setting anything. */

/** The property at fault, what it is and what it should be; null: nothing is wrong. */
type Fault = string | null;
type Check = (given: unknown, name: string) => Fault;

const fault = (name: string, given: unknown, wanted: string): string =>
  `${name} is ${inWords(given)}; give ${wanted}.`;

function inWords(given: unknown): string {
  if (typeof given === 'string') return given.length > 40 ? `'${given.slice(0, 40)}…'` : `'${given}'`;
  if (Array.isArray(given)) return `an array of ${given.length}`;
  if (typeof given === 'object' && given !== null) return 'an object';
  return typeof given === 'function' ? 'a function' : String(given);
}

/** A check of one condition. */
const be =
  (holds: (given: unknown) => boolean, wanted: string): Check =>
  (given, name) =>
    holds(given) ? null : fault(name, given, wanted);

const optional =
  (check: Check): Check =>
  (given, name) =>
    given === null || given === undefined ? null : check(given, name);

/** An object whose fields hold. */
const record =
  (fields: Readonly<Record<string, Check>>, wanted: string): Check =>
  (given, name) => {
    // Functions, too: a perspective may be a proxy.
    if ((typeof given !== 'object' && typeof given !== 'function') || given === null)
      return fault(name, given, wanted);
    return first(Object.entries(fields), ([field, check]) =>
      check((given as Readonly<Record<string, unknown>>)[field], `${name}.${field}`),
    );
  };

const list =
  (entry: Check, wanted: string): Check =>
  (given, name) => {
    if (!isArray(given)) return fault(name, given, wanted);
    return first(Array.from(given), (value, i) => entry(value, `${name}[${i}]`));
  };

function first<Item>(items: readonly Item[], check: (item: Item, i: number) => Fault): Fault {
  for (const [i, item] of items.entries()) {
    const found = check(item, i);
    if (found !== null) return found;
  }
  return null;
}

const isArray = (given: unknown): given is ArrayLike<unknown> =>
  Array.isArray(given) || (ArrayBuffer.isView(given) && !(given instanceof DataView));
const isExtent = (given: unknown) => Number.isSafeInteger(given) && (given as number) >= 0;

const text = be((given) => typeof given === 'string', 'words');
const number = be((given) => typeof given === 'number', 'a number');
const position = be(isExtent, 'a whole number from 0');
const action = be((given) => typeof given === 'function', 'a function');
// All at once: there may be millions, and those of a typed array are of one kind.
const numbers = be(
  (given) =>
    isArray(given) &&
    (Array.isArray(given) ? given : [given[0] ?? 0]).every((value) => typeof value === 'number'),
  'numbers',
);
const labelled = be((given) => ['number', 'string'].includes(typeof given), 'a class id or words');

/** Numbers of a shape that is one of those wanted. */
const table =
  (fits: (shape: readonly number[]) => boolean, wanted: string): Check =>
  (given, name) => {
    const outer = record({ shape: list(position, 'an array of extents'), data: numbers }, wanted)(
      given,
      name,
    );
    if (outer !== null) return outer;
    const { shape, data } = given as { shape: ArrayLike<number>; data: ArrayLike<number> };
    const extents = Array.from(shape);
    if (!fits(extents)) return `${name}.shape is [${extents.join(', ')}]; give ${wanted}.`;
    const size = extents.reduce((product, extent) => product * extent, 1);
    return data.length === size
      ? null
      : `${name}.data has ${data.length} numbers; the shape [${extents.join(', ')}] wants ${size}.`;
  };

const channelled = (channels: number | undefined) => channels === undefined || [1, 3, 4].includes(channels);
const pixels = table(
  ({ length, 2: channels }) => (length === 2 || length === 3) && channelled(channels),
  'height × width × 1, 3 or 4 channels of pixels',
);
const picture: Check = (given, name) => (typeof given === 'string' ? null : pixels(given, name));
const ownLabel: Check = (given, name) => (isArray(given) ? numbers(given, name) : labelled(given, name));
const layer = record({ layer: text, share: number }, '{ layer, share }');
const neighbour = record(
  {
    index: position,
    similarity: number,
    label: optional(ownLabel),
    className: optional(text),
    name: optional(text),
    picture: optional(picture),
    layers: optional(list(layer, 'an array of { layer, share }')),
  },
  '{ index, similarity }',
);

const neighbours = optional(list(neighbour, 'an array of { index, similarity }'));

const targets = table(({ length }) => length === 1 || length === 2, 'n labels or n × targets');
const perExample = list(labelled, 'labels by example');
const labels = optional((given, name) =>
  typeof given === 'object' && given !== null && 'data' in given
    ? targets(given, name)
    : perExample(given, name),
);

const words = optional(list(text, 'an array of words'));
const thumbnails = optional(
  table(
    ({ length, 3: channels }) => (length === 3 || length === 4) && channelled(channels),
    'n × height × width × 1, 3 or 4 channels of pixels',
  ),
);
const examples = { labels, classes: words, names: words, thumbnails };
const perspective = optional(
  record({ size: position, nearest: action, explain: action, ...examples }, 'what engine.perspective gave'),
);

const properties: Readonly<Record<string, Check>> = { neighbours, perspective, ...examples };

/** Of the properties of the element, the first at fault. */
export function faultOf(element: object): Fault {
  return first(Object.entries(properties), ([name, check]) =>
    check((element as Readonly<Record<string, unknown>>)[name], name),
  );
}

/** What a perspective must answer. */
export const answers: { readonly nearest: Check; readonly explain: Check } = {
  nearest: record({ indices: numbers, similarities: numbers }, '{ indices, similarities }'),
  explain: list(
    record({ layers: list(layer, 'an array of { layer, share }') }, '{ layers }'),
    'an array of { layers }',
  ),
};
