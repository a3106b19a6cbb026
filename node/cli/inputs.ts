/** INPUTS: from a path to one float32 array per model input. Reading needs no model, fitting does. */
import { stat } from 'node:fs/promises';
import type { NdArray } from '../../src/array.js';
import { refuse } from '../../src/errors.js';
import type { PixelRange } from '../../src/format/image-inputs.js';
import type { ArrayFile } from '../../src/format/inputs.js';
import type { Labels as LabelFile } from '../../src/format/labels.js';
import { Examples, examplesOf, type Inputs } from '../../src/inputs.js';
import type { InputSpec } from '../../src/network/network.js';
import { assertRegular, readBytes } from '../runtime.js';
import { type ImageFolder, readFolderLabels, readImages } from './images.js';
import { type IndexInput, isIndex, readIndexInput, refuseIndex } from './index-input.js';
import { note } from './terminal.js';

export type InputFile =
  | IndexInput
  | ({ readonly kind: 'images'; readonly path: string } & ImageFolder)
  | { readonly kind: 'numbers'; readonly path: string; readonly file: ArrayFile };

/** Names under which the examples of a one-input model are looked for in an .npz of several arrays. */
const usualNames = ['images', 'inputs', 'x'];

/** Reads an array file, a folder of images, or an index. */
export async function readInputFile(path: string): Promise<InputFile> {
  if (await isFolder(path)) return { kind: 'images', path, ...(await readImages(path)) };
  if (isIndex(path)) return readIndexInput(path);
  const { assertFormat, readArrayFile } = await import('../../src/format/inputs.js');
  assertFormat(path);
  const file = readArrayFile(await readBytes(path), path);
  if (file.kind === 'table' && file.columns) sayHeader(path);
  return { kind: 'numbers', path, file };
}

/** The files of a folder of images, or the names in an index, by input; null for other inputs. */
export function filesOf(input: InputFile): Files {
  if (input.kind === 'index') return input.facts.names;
  return input.kind === 'images' ? input.files : null;
}

export type Files = readonly string[] | null;

/** A field for the file of an input, where there is one. */
export function fileField(files: Files, index: number): { readonly file?: string } {
  return files ? { file: files[index]! } : {};
}

/**
 * Class ids, class names or targets; an .npz with an array `labels` too; or a folder whose sub-folders are the classes.
 * @param input INPUTS: a folder of labels belongs to the images in it
 */
export async function readLabels(path: string, input: InputFile): Promise<LabelFile> {
  if (await isFolder(path)) {
    const files = filesOf(input);
    if (files) return readFolderLabels(path, files);
    refuse(
      'input',
      `'${path}' is a folder: its sub-folders label the images of a folder, but INPUTS is the file '${input.path}'. Give a file of labels.`,
    );
  }
  const { assertFormat, readLabelFile } = await import('../../src/format/inputs.js');
  assertFormat(path);
  const labels = readLabelFile(await readBytes(path), path);
  // A column that says `label` cannot be mistaken; another first row may be the first label.
  if (labels.columns && !labels.columns.some((name) => name.toLowerCase() === 'label')) sayHeader(path);
  return labels;
}

/** Refuses what is neither folder nor file before its name is looked at; what is missing is refused on reading. */
async function isFolder(path: string): Promise<boolean> {
  const found = await stat(path).catch(() => null);
  if (found?.isDirectory()) return true;
  if (found) assertRegular(found, path);
  return false;
}

function sayHeader(path: string): void {
  note(`first row of ${path} taken as names of columns`);
}

/**
 * The examples in the shape that the model takes.
 * @throws NetkinError 'input' naming the file: wrong shape, no examples, arrays under other names
 */
export async function fitInputs(
  input: InputFile,
  specs: readonly InputSpec[],
  range: PixelRange = 'unit',
): Promise<Examples> {
  const named = `'${input.path}'`;
  if (input.kind === 'index') return refuseIndex(input.path);
  if (input.kind === 'images') {
    const [only] = specs;
    if (specs.length !== 1 || !only) refuse('input', `'${input.path}': ${severalInputs(specs)}`);
    sayScale(range);
    const { imageInputs } = await import('../../src/format/image-inputs.js');
    return examplesOf(imageInputs(input.images, only.shape, range), specs, named);
  }
  const { file, path } = input;
  if (file.kind === 'arrays') {
    const picked = pick(file.arrays, specs, path);
    for (const array of picked instanceof Map ? picked.values() : [picked]) sayBytes(array, path);
    return examplesOf(picked, specs, named);
  }
  if (specs.length !== 1) refuse('input', `'${path}': ${severalInputs(specs)}`);
  if (!holdsPixels(input)) {
    sayBytes(file.array, path);
    return examplesOf(file.array, specs, named);
  }
  sayScale(range);
  return examplesOf(range === 'unit' ? { ...file.array, divisor: 255 } : file.array, specs, named);
}

/** Whether these are bytes of images, which are scaled. */
export function holdsPixels(input: InputFile): boolean {
  if (input.kind === 'images') return true;
  if (input.kind !== 'numbers' || input.file.kind !== 'array' || /\.npy$/i.test(input.path)) return false;
  const { data, shape } = input.file.array;
  return data instanceof Uint8Array && shape.length >= 2;
}

/** The examples as the engine's API takes them. */
export function asInputs(examples: Examples, specs: readonly InputSpec[]): Inputs {
  if (specs.length === 1) return examples.arrays[0]!;
  return new Map(specs.map(({ name }, i) => [name, examples.arrays[i]!]));
}

/** Some examples of a set, copied. */
export function chosenExamples(examples: Examples, chosen: readonly number[]): Examples {
  const arrays = examples.arrays.map(({ shape, data }, i) => {
    const size = data.length / examples.size;
    const result = new Float32Array(chosen.length * size);
    for (const [row, input] of chosen.entries()) {
      result.set(examples.slice(input, input + 1)[i]!.data, row * size);
    }
    return { shape: [chosen.length, ...shape.slice(1)], data: result };
  });
  return new Examples(arrays);
}

function pick(
  arrays: ReadonlyMap<string, NdArray>,
  specs: readonly InputSpec[],
  path: string,
): NdArray | Map<string, NdArray> {
  const names = specs.map(({ name }) => name);
  const held = [...arrays.keys()].slice(0, 8).join(', ');
  if (specs.length === 1) {
    const wanted = [...names, ...usualNames];
    const name =
      arrays.size === 1 ? [...arrays.keys()][0]! : wanted.find((candidate) => arrays.has(candidate));
    if (name !== undefined) return arrays.get(name)!;
    refuse(
      'input',
      `'${path}' holds ${held}; call the array of inputs ${wanted.join(' or ')}, or save it alone.`,
    );
  }
  const missing = names.find((name) => !arrays.has(name));
  if (missing !== undefined) {
    refuse(
      'input',
      `'${path}' holds ${held}, but no array for the model input '${missing}'; wanted: ${names.join(', ')}.`,
    );
  }
  return new Map(names.map((name) => [name, arrays.get(name)!]));
}

function severalInputs(specs: readonly InputSpec[]): string {
  const names = specs.map(({ name }) => name).join(', ');
  return `the model takes ${specs.length} inputs; give an .npz with one array for each of ${names}.`;
}

/** Bytes in the shape of images: whoever trained on 0..1 must hear that nobody divides here. */
function sayBytes({ shape, data }: NdArray, path: string): void {
  if (shape.length < 3 || !(data instanceof Uint8Array) || !data.some((value) => value > 1)) return;
  note(`values 0..255 of ${path} taken as they are; divide by 255 if the network was trained on 0..1`);
}

function sayScale(range: PixelRange): void {
  note(range === 'unit' ? 'pixels 0..255 scaled to 0..1' : 'pixels left at 0..255');
}
