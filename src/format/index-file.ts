/**
 * An index: a data set as a network sees it, in one buffer that every runtime opens.
 *
 *     0   8 bytes   magic "netkin\r\n": a transfer as text would damage it
 *     8   u32       version of the format
 *    12   u32       0
 *    16  32 bytes   checksum of everything from byte 48 on (digest.ts)
 *    48   u32       bytes of the header, a multiple of 64
 *    52   u32       0
 *    56   u64       bytes of the whole file
 *    64             header: JSON, filled up with spaces (index-header.ts)
 *     …             sections, each at a multiple of 64 (index-layout.ts)
 *
 * Numbers are little-endian.
 */
import { elements } from '../array.js';
import { NetkinError, refuse } from '../errors.js';
import { assertThere, givenAway } from '../given-away.js';
import type { Work } from '../work.js';
import { digested } from './digest.js';
import { Field, shortened } from './fields.js';
import {
  type IndexFacts,
  type RowError,
  readFacts,
  readSections,
  type Section,
  type SectionType,
} from './index-header.js';
import { type Attachments, aligned, layOut, sectionBytes } from './index-layout.js';

const MAGIC = [0x6e, 0x65, 0x74, 0x6b, 0x69, 0x6e, 0x0d, 0x0a];
const VERSION = 1;
const VERSION_AT = 8;
const CHECKSUM_AT = 16;
const SEALED_FROM = 48;
const LENGTH_AT = 56;
const HEADER_AT = 64;
/** No network has so many terms and parameters that their names need more; what they are read into takes 50 times that. */
const LONGEST_HEADER = 2 ** 23;

/** The sections of an index by name; its views share the memory of `bytes`. */
export class IndexFile {
  readonly facts: IndexFacts;
  readonly bytes: Uint8Array;
  readonly sections: readonly Section[];
  readonly #start: number;
  /** Of the bytes as they were opened; none while the index is made. */
  readonly #checksum: Uint8Array | null;
  readonly #named: ReadonlyMap<string, Section>;

  /** @param start where the header ends */
  constructor(
    facts: IndexFacts,
    bytes: Uint8Array,
    sections: readonly Section[],
    start: number,
    checksum: Uint8Array | null = null,
  ) {
    this.facts = facts;
    this.bytes = bytes;
    this.sections = sections;
    this.#start = start;
    this.#checksum = checksum;
    this.#named = new Map(sections.map((section) => [section.name, section]));
  }

  has(name: string): boolean {
    return this.#named.has(name);
  }

  /** The shape of a section; null where there is none of this name. */
  shape(name: string): readonly number[] | null {
    return this.#named.get(name)?.shape ?? null;
  }

  floats(name: string): Float32Array {
    return new Float32Array(...this.#place(name, 'float32'));
  }

  doubles(name: string): Float64Array {
    return new Float64Array(...this.#place(name, 'float64'));
  }

  integers(name: string): Int32Array {
    return new Int32Array(...this.#place(name, 'int32'));
  }

  signedBytes(name: string): Int8Array {
    return new Int8Array(...this.#place(name, 'int8'));
  }

  plainBytes(name: string): Uint8Array {
    return new Uint8Array(...this.#place(name, 'uint8'));
  }

  /**
   * Looks whether the caller left the bytes of an opened index as they were.
   * @throws NetkinError 'usage' where they are others now, or were given away
   */
  *assertUnchanged(): Work<void> {
    assertThere(this.bytes);
    const checksum = yield* digested(this.bytes.subarray(SEALED_FROM));
    if (this.#checksum?.some((byte, i) => byte !== checksum[i]))
      refuse(
        'usage',
        'The bytes of the index changed after it was reopened, and rows are read from them: leave them unchanged, or reopen a copy.',
      );
  }

  #place(name: string, type: SectionType): [ArrayBufferLike, number, number] {
    assertThere(this.bytes);
    const section = this.#named.get(name);
    if (section?.type !== type)
      throw new Error(`An index without a section '${name}' of ${type} was let through.`);
    return [this.bytes.buffer, this.bytes.byteOffset + this.#start + section.offset, elements(section.shape)];
  }
}

/** Stands in the header for figures that are known only when the rows are written: no text of a number is longer. */
const { MAX_VALUE } = Number;
const unknownError: RowError = {
  pairs: MAX_VALUE,
  rootMeanSquare: MAX_VALUE,
  largest: MAX_VALUE,
  bound: MAX_VALUE,
};

/**
 * An index to be filled section by section, and sealed then.
 * @throws NetkinError 'memory' where this runtime has no buffer so large, with what would fit
 */
export function draftIndex(facts: IndexFacts, attached: Attachments): IndexFile {
  const sections = layOut(facts, attached);
  const header = headerText({ ...facts, rowError: facts.rowError ?? unknownError }, sections);
  const headerBytes = aligned(header.length);
  if (headerBytes > LONGEST_HEADER) refuse('memory', 'The names in this index are too long to be stored.');
  const start = HEADER_AT + headerBytes;
  const bytes = allocate(start + sectionBytes(sections), facts, attached);
  const view = new DataView(bytes.buffer);
  bytes.set(MAGIC);
  view.setUint32(VERSION_AT, VERSION, true);
  view.setUint32(SEALED_FROM, headerBytes, true);
  view.setBigUint64(LENGTH_AT, BigInt(bytes.length), true);
  assertLittleEndian();
  return new IndexFile(facts, bytes, sections, start);
}

/** Writes the header and the checksum. @param rowError known by now, see {@link IndexFacts} */
export function* sealIndex({ facts, bytes, sections }: IndexFile, rowError: RowError | null): Work<void> {
  const view = new DataView(bytes.buffer, bytes.byteOffset, bytes.byteLength);
  const header = headerText({ ...facts, rowError }, sections);
  const place = bytes.subarray(HEADER_AT, HEADER_AT + view.getUint32(SEALED_FROM, true));
  place.fill(0x20);
  place.set(header);
  bytes.set(yield* digested(bytes.subarray(SEALED_FROM)), CHECKSUM_AT);
}

function headerText(facts: IndexFacts, sections: readonly Section[]): Uint8Array {
  return new TextEncoder().encode(JSON.stringify({ ...facts, sections }));
}

function allocate(length: number, facts: IndexFacts, attached: Attachments): Uint8Array<ArrayBuffer> {
  try {
    return new Uint8Array(length);
  } catch (cause) {
    const mebibytes = (bytes: number) => `${Math.ceil(bytes / 2 ** 20)} MiB`;
    const rounded = sectionBytes(layOut({ ...facts, rows: 'int8' }, attached));
    const advice = facts.rows === 'int8' ? '' : `with rows: 'int8' it takes ${mebibytes(rounded)}, and `;
    return refuse(
      'memory',
      `An index of these ${facts.size} inputs takes ${mebibytes(length)}, more than one buffer holds here: ${advice}a smaller precision, fewer outputs or parameters make it smaller.`,
      cause,
    );
  }
}

/**
 * Opens an index: its checksum and header, not yet what its sections hold (see index-content.ts). The views share the
 * memory of `bytes`, which are copied only where they begin at an odd place.
 * @throws NetkinError 'input' for anything but a whole, undamaged index of a known version
 */
export function* readIndex(given: Uint8Array): Work<IndexFile> {
  if (!(given instanceof Uint8Array)) refuse('usage', 'An index is handed over as a Uint8Array.');
  assertLittleEndian();
  // Node's Buffer is one, too, but its slice copies nothing.
  const view = plainView(given);
  const bytes = view.byteOffset % 8 === 0 ? view : view.slice();
  const start = assertFrame(bytes);
  const checksum = yield* digested(bytes.subarray(SEALED_FROM));
  if (checksum.some((byte, i) => byte !== bytes[CHECKSUM_AT + i]))
    refuse('input', 'The index fails its checksum: it is damaged. Copy it again, or make it again.');
  const header = parseHeader(bytes.slice(HEADER_AT, start));
  const facts = readFacts(header);
  const declared = readSections(header);
  const shapeOf = (name: string) => declared.find((section) => section.name === name)?.shape ?? null;
  const attached = {
    labels: shapeOf('labels'),
    names: shapeOf('names'),
    thumbnails: shapeOf('thumbnails'),
  };
  assertAttached(attached, facts.size);
  const sections = layOut(facts, attached);
  const odd = sections.find((section, i) => !sameSection(section, declared[i]));
  if (odd || declared.length !== sections.length) {
    const name = shortened((odd ?? declared[sections.length]).name);
    refuse(
      'input',
      `The index is damaged: its section '${name}' is not what its header implies. Make it again.`,
    );
  }
  if (start + sectionBytes(sections) !== bytes.length)
    refuse('input', 'The index is damaged: its sections take another number of bytes. Make it again.');
  return new IndexFile(facts, bytes, sections, start, checksum);
}

/** Checks all that stands before the header; returns where the header ends. */
function assertFrame(bytes: Uint8Array): number {
  if (bytes.length < HEADER_AT || MAGIC.some((byte, i) => bytes[i] !== byte))
    refuse('input', "This is no netkin index: it does not begin with 'netkin' and a line end.");
  const view = new DataView(bytes.buffer, bytes.byteOffset, bytes.byteLength);
  const version = view.getUint32(VERSION_AT, true);
  if (version !== VERSION) {
    const advice = version > VERSION ? 'update netkin' : 'make it again';
    refuse(
      'input',
      `The index has version ${version} of the format, this netkin reads ${VERSION}: ${advice}.`,
    );
  }
  const length = view.getBigUint64(LENGTH_AT, true);
  if (length !== BigInt(bytes.length)) {
    const state = length > BigInt(bytes.length) ? 'is cut off' : 'has bytes after its end';
    refuse('input', `The index ${state}: ${bytes.length} of ${length} bytes. Copy it again.`);
  }
  const header = view.getUint32(SEALED_FROM, true);
  const sound = header === aligned(header) && header <= LONGEST_HEADER && HEADER_AT + header <= bytes.length;
  if (!sound || view.getUint32(12, true) !== 0 || view.getUint32(52, true) !== 0)
    refuse('input', 'The index is damaged: its header has no sound length. Copy it again, or make it again.');
  return HEADER_AT + header;
}

function plainView(given: Uint8Array): Uint8Array {
  try {
    return new Uint8Array(given.buffer, given.byteOffset, given.length);
  } catch {
    return givenAway();
  }
}

function parseHeader(bytes: Uint8Array): Field {
  try {
    return new Field(JSON.parse(new TextDecoder('utf-8', { fatal: true }).decode(bytes)), 'header');
  } catch (cause) {
    return refuse('input', 'The index is damaged: its header is no JSON. Make it again.', cause);
  }
}

function assertAttached({ labels, names, thumbnails }: Attachments, size: number): void {
  const wrong = (name: string) =>
    refuse(
      'input',
      `The index is damaged: its section '${name}' has a shape that means nothing. Make it again.`,
    );
  if (labels && (labels[0] !== size || labels.length > 2)) wrong('labels');
  if (names && names.length !== 1) wrong('names');
  const [count, height = 0, width = 0, channels = 0] = thumbnails ?? [];
  const pictures = count === size && height > 0 && width > 0 && (channels === 1 || channels === 3);
  if (thumbnails && !(pictures && thumbnails.length === 4)) wrong('thumbnails');
}

function sameSection(a: Section, b: Section | undefined): boolean {
  return (
    a.name === b?.name && a.type === b.type && a.offset === b.offset && a.shape.join() === b.shape.join()
  );
}

function assertLittleEndian(): void {
  if (new Uint8Array(Uint16Array.of(1).buffer)[0] === 1) return;
  throw new NetkinError('unsupported', 'Index files are read and written on little-endian machines only.');
}
