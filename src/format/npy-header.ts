/**
 * The header of a .npy file: a Python dict such as
 * `{'descr': '<f4', 'fortran_order': False, 'shape': (60000, 28, 28), }`.
 * Read token by token; nothing in it is ever evaluated.
 */
import { refuse } from '../errors.js';
import { type ElementType, elementWidth, isElementType } from './numbers.js';

export interface NpyHeader {
  readonly type: ElementType;
  readonly littleEndian: boolean;
  readonly fortranOrder: boolean;
  readonly shape: readonly number[];
}

const mostAxes = 64; // NumPy's own bound
const longestAxis = 2 ** 31 - 1; // longer than any typed array; keeps products of extents finite

/** What a descr that is no number says, for the error. */
const kinds: Readonly<Record<string, string>> = {
  O: 'Python objects',
  S: 'byte strings',
  a: 'byte strings',
  U: 'strings',
  V: 'records',
  c: 'complex numbers',
  m: 'time differences',
  M: 'dates',
};

/** @throws NetkinError 'input' for anything but the three known keys with plain literal values */
export function parseHeader(text: string, name: string): NpyHeader {
  let rest = text;
  const damaged = () =>
    refuse('input', `${name}: the .npy header is damaged near "${rest.slice(0, 30).trim()}".`);
  const take = (pattern: RegExp): string | undefined => {
    const match = pattern.exec(rest);
    if (match === null) return undefined;
    rest = rest.slice(match[0].length);
    return match[1] ?? match[0];
  };
  const expect = (pattern: RegExp): string => take(pattern) ?? damaged();

  let descr: string | undefined;
  let fortranOrder: boolean | undefined;
  let shape: readonly number[] | undefined;
  expect(/^ *\{ */);
  while (take(/^\} *\n?$/) === undefined) {
    const key = expect(/^['"](\w+)['"] *: */);
    if (key === 'descr' && descr === undefined) {
      if (rest.startsWith('[')) {
        refuse('input', `${name} holds records with named fields. Save each field as its own array.`);
      }
      descr = expect(/^'([^'\n]*)'/);
    } else if (key === 'fortran_order' && fortranOrder === undefined) {
      fortranOrder = expect(/^(True|False)/) === 'True';
    } else if (key === 'shape' && shape === undefined) {
      // Python 2 wrote long integers with a trailing L.
      shape = parseShape(expect(/^\(((?:\d{1,15}L? *, *)*(?:\d{1,15}L?)?) *\)/), name);
    } else damaged();
    if (take(/^ *, */) === undefined && !/^ *\}/.test(rest)) damaged();
    take(/^ */);
  }
  if (descr === undefined || fortranOrder === undefined || shape === undefined) {
    refuse('input', `${name}: the .npy header lacks descr, fortran_order or shape.`);
  }
  return { ...parseType(descr, name), fortranOrder, shape };
}

function parseShape(text: string, name: string): readonly number[] {
  const shape = text
    .split(',')
    .map((extent) => extent.trim().replace('L', ''))
    .filter((extent) => extent !== '')
    .map(Number);
  if (shape.length > mostAxes)
    refuse('input', `${name} declares ${shape.length} axes; at most ${mostAxes} are possible.`);
  const tooLong = shape.find((extent) => extent > longestAxis);
  if (tooLong !== undefined)
    refuse('input', `${name} declares an axis of ${tooLong}; at most ${longestAxis} is possible.`);
  return shape;
}

function parseType(descr: string, name: string): { type: ElementType; littleEndian: boolean } {
  const [, order, letter, width] = /^([<>|])([A-Za-z?])(\d*)/.exec(descr) ?? [];
  const type = letter === '?' ? 'b1' : `${letter}${width}`;
  if (isElementType(type) && `${order}${letter}${width}` === descr) {
    if (order !== '|' || elementWidth(type) === 1) return { type, littleEndian: order !== '>' };
  }
  const kind = kinds[letter ?? ''];
  refuse(
    'input',
    kind === undefined
      ? `${name} has the element type '${descr.slice(0, 30)}'. Save it as float32, float64 or an integer type.`
      : `${name} holds ${kind} (element type '${descr.slice(0, 30)}'), not real numbers. Save it as float32 or as integers.`,
  );
}
