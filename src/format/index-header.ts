/**
 * What the header of an index says: where its rows come from and how they are to be read. It is JSON, so that whatever
 * reads the file can see what it holds; nothing in it is believed before it is checked.
 */

import type { Layout, Term } from '../plan.js';
import { LARGEST_SKETCH, type Precision, SMALLEST_SKETCH } from '../precision.js';
import type { Field } from './fields.js';
import type { PixelRange } from './image-inputs.js';

/** How a number of a gradient row is stored: as captured, or rounded to a byte with a scale for every few of them. */
export type RowType = 'float32' | 'int8';

/** What rounding rows to int8 did to the similarities k^C of the set. */
export interface RowError {
  /** Pairs that were compared both ways: all pairs of up to 256 inputs, drawn at random where there are more. */
  readonly pairs: number;
  /** Root mean square of k^C − k^C of the rounded rows over these pairs. */
  readonly rootMeanSquare: number;
  /** The largest of these differences. */
  readonly largest: number;
  /** No pair of the set differs by more, but for the rounding of float32. */
  readonly bound: number;
}

/** One class against another, or a class that is not predicted against the mean of all others; 'given': ids in a section. */
export interface StoredContrast {
  readonly contrast: number | 'predicted' | 'given';
  /** Null: the mean of all others. */
  readonly adversary: number | 'sampled' | 'given' | null;
}

/**
 * The options under which the rows were captured. `output: 'given contrasts'` is one given class for each input against
 * the mean of the others.
 */
export interface IndexOptions {
  readonly output: 'logits' | 'all' | 'contrast' | 'given contrasts' | readonly number[] | StoredContrast;
  readonly of: 'output' | 'loss';
  readonly precision: Precision;
  readonly seed: number;
}

/** Whether rows depend on the seed. */
export function draws({ output, precision }: Pick<IndexOptions, 'output' | 'precision'>): boolean {
  return precision !== 'exact' || contrastOf(output)?.adversary === 'sampled';
}

/** The contrast that rows compare; null where they compare outputs. */
export function contrastOf(output: IndexOptions['output']): StoredContrast | null {
  if (output === 'contrast') return { contrast: 'predicted', adversary: null };
  if (output === 'given contrasts') return { contrast: 'given', adversary: null };
  return typeof output === 'object' && 'contrast' in output ? output : null;
}

/** Section types by name. */
export const elementBytes = { float32: 4, float64: 8, int32: 4, int8: 1, uint8: 1 } as const;
export type SectionType = keyof typeof elementBytes;

export interface Section {
  readonly name: string;
  readonly type: SectionType;
  readonly shape: readonly number[];
  /** Bytes from the end of the header, a multiple of 64. */
  readonly offset: number;
}

export interface IndexFacts {
  /** The number n of inputs. */
  readonly size: number;
  /** The number d of functions compared. */
  readonly outputs: number;
  readonly rows: RowType;
  /** SHA-256 of the network, 64 hexadecimal digits. */
  readonly model: string;
  readonly options: IndexOptions;
  /** Names of the parameters, `layer/weight`. */
  readonly parameters: readonly string[];
  /** The model's inputs, with the extents of these examples. */
  readonly inputs: readonly { readonly name: string; readonly shape: readonly number[] }[];
  /** The network's output layers. */
  readonly heads: readonly {
    readonly size: number;
    readonly classes: number;
    readonly lookedThrough: { readonly layer: string; readonly kind: 'softmax' | 'log-softmax' } | null;
  }[];
  readonly terms: readonly Term[];
  /** What int8 did to the similarities; null where rows never were anything but float32. */
  readonly rowError: RowError | null;
  /** Names of the classes, where labels are class ids that stand for names. */
  readonly classes: readonly string[] | null;
  /** What bytes of images were divided by 255 or left as; null where nobody said. */
  readonly pixels: PixelRange | null;
}

/** Nothing that netkin can hold has more of anything. */
const MOST = 2 ** 31 - 1;
/** What one network may have, far beyond any there is: work and memory go with it before a model is asked. */
const [MOST_TERMS, MOST_PARAMETERS, MOST_ENDS, MOST_AXES] = [2 ** 13, 2 ** 14, 2 ** 10, 16];
/** Sections beside the rows, and those of a term: two sides, with a scale each. */
const [MOST_BESIDE, OF_A_TERM] = [16, 4];

/** Reads the facts, not yet compared with the bytes that follow. */
export function readFacts(header: Field): IndexFacts {
  const options = header.at('options');
  return {
    size: header.at('size').whole(1, MOST),
    outputs: header.at('outputs').whole(1, MOST),
    rows: header.at('rows').oneOf(['float32', 'int8']),
    model: header.at('model').text(),
    options: {
      output: readOutput(options.at('output')),
      of: options.at('of').oneOf(['output', 'loss']),
      precision: readPrecision(options.at('precision')),
      seed: options.at('seed').whole(0, 2 ** 32 - 1),
    },
    parameters: texts(header.at('parameters'), MOST_PARAMETERS),
    inputs: header
      .at('inputs')
      .items(MOST_ENDS)
      .map((input) => ({
        name: input.at('name').text(),
        shape: extents(input.at('shape')),
      })),
    heads: header.at('heads').items(MOST_ENDS).map(readHead),
    terms: header.at('terms').items(MOST_TERMS).map(readTerm),
    rowError: nullable(header.at('rowError'), readError),
    classes: nullable(header.at('classes'), (classes) => texts(classes)),
    pixels: nullable(header.at('pixels'), (field) => field.oneOf(['unit', 'byte'])),
  };
}

/** Reads the list of sections, not yet compared with anything. */
export function readSections(header: Field): Section[] {
  return header
    .at('sections')
    .items(MOST_BESIDE + OF_A_TERM * MOST_TERMS)
    .map((section) => ({
      name: section.at('name').text(),
      type: section.at('type').oneOf(Object.keys(elementBytes) as SectionType[]),
      shape: extents(section.at('shape')),
      offset: section.at('offset').whole(0, Number.MAX_SAFE_INTEGER),
    }));
}

function readOutput(field: Field): IndexOptions['output'] {
  if (field.isText) return field.oneOf(['logits', 'all', 'contrast', 'given contrasts']);
  if (!field.has('contrast')) return extents(field, MOST);
  return {
    contrast: readClass(field.at('contrast'), ['predicted', 'given']),
    adversary: nullable(field.at('adversary'), (given) => readClass(given, ['sampled', 'given'])),
  };
}

function readClass<const Word extends string>(field: Field, words: readonly Word[]): number | Word {
  return field.isText ? field.oneOf(words) : field.whole(0, MOST);
}

function readPrecision(field: Field): Precision {
  return field.isText ? field.oneOf(['exact']) : field.whole(SMALLEST_SKETCH, LARGEST_SKETCH);
}

function readHead(field: Field): IndexFacts['heads'][number] {
  return {
    size: field.at('size').whole(1, MOST),
    classes: field.at('classes').whole(1, MOST),
    lookedThrough: nullable(field.at('lookedThrough'), (ending) => ({
      layer: ending.at('layer').text(),
      kind: ending.at('kind').oneOf(['softmax', 'log-softmax']),
    })),
  };
}

function readTerm(field: Field): Term {
  return {
    layer: field.at('layer').text(),
    parameters: texts(field.at('parameters')),
    rule: field.at('rule').text(),
    kind: field.at('kind').oneOf(['factored', 'materialised', 'sketched']),
    size: field.at('size').whole(1, MOST),
    ...readLayout(field),
    ...(field.has('factors') && { factors: readLayout(field.at('factors')) }),
    ...(field.has('sketch') && {
      sketch: {
        source: readLayout(field.at('sketch').at('source')),
        key: field
          .at('sketch')
          .at('key')
          .whole(-(2 ** 31), 2 ** 31 - 1),
      },
    }),
  };
}

function readLayout(field: Field): Layout {
  return {
    positions: field.at('positions').whole(1, MOST),
    left: field.at('left').whole(0, MOST),
    right: field.at('right').whole(1, MOST),
  };
}

function readError(field: Field): RowError {
  return {
    pairs: field.at('pairs').whole(0, MOST),
    rootMeanSquare: field.at('rootMeanSquare').amount(),
    largest: field.at('largest').amount(),
    bound: field.at('bound').amount(),
  };
}

function texts(field: Field, most = MOST): string[] {
  return field.items(most).map((item) => item.text());
}

function extents(field: Field, most = MOST_AXES): number[] {
  return field.items(most).map((item) => item.whole(0, MOST));
}

function nullable<Value>(field: Field, read: (field: Field) => Value): Value | null {
  return field.isNull ? null : read(field);
}
