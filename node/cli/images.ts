/** A folder of images: every PNG and JPEG below it, in natural order of the paths; its sub-folders may be classes. */
import { readdir } from 'node:fs/promises';
import { join } from 'node:path';
import { refuse } from '../../src/errors.js';
import type { Image } from '../../src/format/image.js';
import type { Labels } from '../../src/format/labels.js';
import { readBytes } from '../runtime.js';
import { interruption } from './interruption.js';
import { comparePaths } from './order.js';

export interface ImageFolder {
  /** Paths below the folder, with / between their parts. */
  readonly files: readonly string[];
  /** In the same order. */
  readonly images: readonly Image[];
}

/**
 * Reads all images, folders of classes among them, in the order of {@link comparePaths}. Hidden entries, other files
 * and linked folders are left out.
 * @throws NetkinError 'input': no images, or one that is damaged
 */
export async function readImages(folder: string): Promise<ImageFolder> {
  const { readImage } = await import('../../src/format/image.js');
  const files = await imageFiles(folder);
  const images: Image[] = [];
  for (const file of files) {
    interruption.throwIfAborted();
    const path = join(folder, file);
    images.push(readImage(await readBytes(path), path));
  }
  return { files, images };
}

/**
 * Labels from the names of the sub-folders, numbered in sorted order by code unit, as class names of a CSV file are.
 * @param files of INPUTS, which must be the same ones
 * @throws NetkinError 'input': images outside of sub-folders, other images than `files`
 */
export async function readFolderLabels(folder: string, files: readonly string[]): Promise<Labels> {
  const own = await imageFiles(folder);
  const flat = own.find((file) => !file.includes('/'));
  if (flat !== undefined) {
    refuse(
      'input',
      `The folder '${folder}' is no set of labels: '${flat}' lies in no sub-folder. Give a folder with one sub-folder for each class, or a .csv or .npy file of labels.`,
    );
  }
  const odd = files.findIndex((file, i) => file !== own[i]);
  if (odd >= 0 || own.length !== files.length) {
    const at = odd >= 0 ? odd : files.length;
    refuse(
      'input',
      `The folder of labels '${folder}' holds other images than INPUTS: image ${at} is '${own[at] ?? 'missing'}' there and '${files[at] ?? 'missing'}' in INPUTS. Give the folder of INPUTS itself, or a .csv or .npy file.`,
    );
  }
  const names = own.map((file) => file.slice(0, file.indexOf('/')));
  const classes = [...new Set(names)].sort();
  const ids = new Map(classes.map((name, id) => [name, id]));
  const data = Float64Array.from(names, (name) => ids.get(name)!);
  return { classes, columns: null, array: { shape: [names.length], data } };
}

async function imageFiles(folder: string): Promise<string[]> {
  const files = await imagesBelow(folder, '');
  if (files.length === 0) refuse('input', `The folder '${folder}' holds no PNG or JPEG images.`);
  return files.sort(comparePaths);
}

/** @param inside path below the root, empty or ending in / */
async function imagesBelow(root: string, inside: string): Promise<string[]> {
  const folder = join(root, inside);
  const entries = await readdir(folder, { withFileTypes: true }).catch((cause: NodeJS.ErrnoException) => {
    return refuse(
      'input',
      `The folder '${folder}' cannot be read (${cause.code}); check its permissions.`,
      cause,
    );
  });
  const files: string[] = [];
  for (const entry of entries) {
    if (entry.name.startsWith('.')) continue;
    const file = inside + entry.name;
    if (entry.isDirectory()) for (const below of await imagesBelow(root, `${file}/`)) files.push(below);
    else if (/\.(?:png|jpe?g)$/i.test(entry.name)) files.push(file);
  }
  return files;
}
