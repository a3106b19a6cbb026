/** Damage to an index: seeded mutations, with the checksum broken or made right again. */
import { createHash } from 'node:crypto';
import { noise } from '../oracle/random.js';

const PIECE = 2 ** 22;
const LENGTH_AT = 56;
const HEADER_LENGTH_AT = 48;
const HEADER_AT = 64;

function sha256(bytes: Uint8Array): Uint8Array {
  return createHash('sha256').update(bytes).digest();
}

/** Makes length and checksum right, as somebody would who wants to be believed. */
export function sealed(bytes: Uint8Array): Uint8Array {
  if (bytes.length < HEADER_AT) return bytes;
  new DataView(bytes.buffer, bytes.byteOffset).setBigUint64(LENGTH_AT, BigInt(bytes.length), true);
  if (bytes.length > PIECE) throw new Error('The indexes of these tests have one piece.');
  bytes.set(sha256(sha256(bytes.subarray(48))), 16);
  return bytes;
}

export function headerOf(bytes: Uint8Array): Record<string, unknown> {
  const length = new DataView(bytes.buffer, bytes.byteOffset).getUint32(HEADER_LENGTH_AT, true);
  return JSON.parse(new TextDecoder().decode(bytes.subarray(HEADER_AT, HEADER_AT + length)));
}

/** The same sections under another header, sealed. */
export function withHeader(bytes: Uint8Array, header: unknown): Uint8Array {
  return withHeaderText(bytes, JSON.stringify(header) ?? 'null');
}

function withHeaderText(bytes: Uint8Array, json: string): Uint8Array {
  const old = new DataView(bytes.buffer, bytes.byteOffset).getUint32(HEADER_LENGTH_AT, true);
  const text = new TextEncoder().encode(json);
  const length = Math.ceil(text.length / 64) * 64;
  const sections = bytes.subarray(HEADER_AT + old);
  const result = new Uint8Array(HEADER_AT + length + sections.length);
  result.set(bytes.subarray(0, HEADER_AT));
  result.fill(0x20, HEADER_AT, HEADER_AT + length).set(text, HEADER_AT);
  result.set(sections, HEADER_AT + length);
  new DataView(result.buffer).setUint32(HEADER_LENGTH_AT, length, true);
  return sealed(result);
}

/** Values that are long, wide or deep, as JSON: what only looks at them once may hang, or run out of stack. */
const immense = {
  deep: `${'['.repeat(200_000)}${']'.repeat(200_000)}`,
  'deep objects': `${'{"a":'.repeat(100_000)}0${'}'.repeat(100_000)}`,
  'many lists': `[${Array(100_000).fill('[]').join()}]`,
  'many numbers': `[${Array(200_000).fill('1').join()}]`,
  'many texts': `[${Array(200_000).fill('"x"').join()}]`,
  long: `"${'x'.repeat(1_000_000)}"`,
  'long texts': `[${Array(20)
    .fill(`"${'x'.repeat(50_000)}"`)
    .join()}]`,
};

/** Copies in whose headers one value, of those at the top, in the options, a contrast or the first term, is immense. */
export function* withImmense(bytes: Uint8Array): Generator<{ name: string; bytes: Uint8Array }> {
  const header = headerOf(bytes);
  const [term, ...terms] = header.terms as object[];
  const mark = 'what is immense';
  const edited = (within: object, wrap: (part: object) => object) =>
    Object.keys(within).map((key) => [key, wrap({ ...within, [key]: mark })] as const);
  const places = [
    ...edited(header, (part) => part),
    ...edited(header.options as object, (options) => ({ ...header, options })),
    ...edited(contrastIn(header.options as object), (output) => ({
      ...header,
      options: { ...(header.options as object), output },
    })),
    ...edited(term, (first) => ({ ...header, terms: [first, ...terms] })),
  ];
  for (const [key, changed] of places) {
    for (const [name, json] of Object.entries(immense)) {
      const text = JSON.stringify(changed).replace(`"${mark}"`, json);
      yield { name: `${key}: ${name}`, bytes: withHeaderText(bytes, text) };
    }
  }
}

function contrastIn(options: { readonly output?: unknown }): object {
  const { output } = options;
  return typeof output === 'object' && output !== null && !Array.isArray(output) ? output : {};
}

const poison: readonly unknown[] = [
  -1,
  0,
  1,
  2,
  3,
  15,
  17,
  0.5,
  2 ** 31,
  2 ** 53,
  1e308,
  null,
  true,
  '',
  'int8',
  'float32',
  'exact',
  [],
  {},
  [[]],
  [1e9, 1e9],
  '__proto__',
  'constructor',
  { length: 5 },
  '\u0000',
  'x'.repeat(300),
];

const hostileNumbers = [NaN, Infinity, -Infinity, 1e30, -1e30, 3e38, 1e-40, -0, 1e200, 1, 2, 1e6];

/** Changes one value anywhere in a header, or takes one away. */
function edit(value: unknown, pick: (below: number) => number): unknown {
  if (typeof value !== 'object' || value === null || pick(4) === 0) return poison[pick(poison.length)];
  const copy: Record<string, unknown> | unknown[] = Array.isArray(value) ? [...value] : { ...value };
  const keys = Object.keys(copy);
  if (keys.length === 0) return poison[pick(poison.length)];
  const key = keys[pick(keys.length)];
  if (pick(12) === 0) {
    if (Array.isArray(copy)) copy.splice(Number(key), 1);
    else delete copy[key];
  } else Reflect.set(copy, key, edit(Reflect.get(copy, key), pick));
  return copy;
}

/** Damage number `seed`. */
export function damaged(original: Uint8Array, seed: number, mend: boolean): Uint8Array {
  const random = noise(seed);
  const pick = (below: number) => Math.floor(((random() + 1) / 2) * below);
  let bytes = original.slice();
  const headerEnd = HEADER_AT + new DataView(bytes.buffer).getUint32(HEADER_LENGTH_AT, true);
  // Half of the damage falls on what stands before the sections, although that is a small part.
  const place = () => (pick(2) === 0 ? pick(headerEnd) : pick(bytes.length));
  const kind = pick(8);
  if (kind === 0) for (let flips = 1 + pick(8); flips > 0; flips--) bytes[place()] ^= 1 << pick(8);
  else if (kind === 1) bytes = bytes.slice(0, pick(bytes.length));
  else if (kind === 2) {
    const [from, to, length] = [place(), place(), 1 + pick(200)];
    bytes.copyWithin(to, from, from + length);
  } else if (kind === 3) {
    const hostile = [0, 0x7f, 0x80, 0xff][pick(4)];
    const start = place();
    bytes.fill(hostile, start, start + 1 + pick(16));
  } else if (kind >= 6) {
    const view = new DataView(bytes.buffer);
    const number = hostileNumbers[pick(hostileNumbers.length)];
    for (let count = 1 + pick(3); count > 0; count--) {
      const start = headerEnd + 8 * pick((bytes.length - headerEnd) / 8);
      if (pick(2) === 0) view.setFloat32(start, number, true);
      else view.setFloat64(start, number, true);
    }
  } else if (kind === 4) {
    const more = new Uint8Array(bytes.length + 64 * (1 + pick(4)));
    more.set(bytes);
    bytes = more;
  } else {
    const changed = withHeader(bytes, edit(headerOf(bytes), pick));
    if (!mend) changed[16] ^= 1;
    return changed;
  }
  return mend ? sealed(bytes) : bytes;
}
