/** Files out: checked before anything is computed, written whole or not at all. */
import { randomBytes } from 'node:crypto';
import { rmSync } from 'node:fs';
import { lstat, open, rename, rm, stat } from 'node:fs/promises';
import { basename, dirname, extname, join } from 'node:path';
import { refuse } from '../../src/errors.js';
import { interruption } from './interruption.js';
import { listed } from './parse.js';

/** Whole bytes, or pieces of bytes or text that follow each other. */
export type Content = Uint8Array | string | Iterable<Uint8Array | string>;

export interface OutputFile {
  readonly path: string;
  /** In lower case with its dot, one of those that the caller accepts. */
  readonly extension: string;
  /** Writes a temporary file beside the target, then renames it. On failure neither remains. */
  write(content: Content): Promise<void>;
}

const reasons: Readonly<Record<string, string>> = {
  EACCES: 'may not be written',
  EPERM: 'may not be written',
  EROFS: 'is on a file system that is read only',
  ENOENT: 'is in a folder that no longer exists',
  ENAMETOOLONG: 'has too long a name',
  EISDIR: 'is a folder',
};

const temporaryFiles = new Set<string>();

/** For a process that is about to end. */
export function removeTemporaryFiles(): void {
  for (const path of temporaryFiles) rmSync(path, { force: true });
}

/**
 * @param extensions that the verb writes, each with its dot
 * @throws NetkinError 'usage': another extension, a target that exists, a folder that is missing or may not be written
 */
export async function planOutput(
  path: string,
  extensions: readonly string[],
  overwrite: boolean,
): Promise<OutputFile> {
  const extension = extname(path).toLowerCase();
  await assertTarget(path, true); // a folder is named as such, whatever its name ends in
  if (!extensions.includes(extension)) {
    const soon =
      extension === '.parquet'
        ? 'Parquet output is not there yet'
        : `the name does not end in ${listed(extensions)}`;
    refuse('usage', `'${path}': ${soon}; this verb writes ${listed(extensions)}.`);
  }
  await assertTarget(path, overwrite);
  const folder = dirname(path);
  const found = await stat(folder).catch(() => null);
  if (!found) refuse('usage', `'${path}': the folder '${folder}' does not exist; create it first.`);
  if (!found.isDirectory()) refuse('usage', `'${path}': '${folder}' is no folder; choose another path.`);
  await assertWritable(path, folder);
  return { path, extension, write: (content) => writeWhole(path, overwrite, content) };
}

async function assertTarget(path: string, overwrite: boolean): Promise<void> {
  const target = await lstat(path).catch((error: NodeJS.ErrnoException) => {
    if (error.code === 'ENAMETOOLONG')
      refuse('usage', `'${basename(path).slice(0, 40)}…' is too long a name.`, error);
    return null; // a missing folder is named by the caller
  });
  if (target?.isDirectory()) refuse('usage', `'${path}' is a folder; give the name of a file.`);
  if (target && !overwrite) refuse('usage', `'${path}' exists; choose another name, or add --overwrite.`);
}

/** Only a file that is really made shows that one can be: permissions, quotas and mounts have the say. */
async function assertWritable(path: string, folder: string): Promise<void> {
  const probe = temporaryName(folder);
  temporaryFiles.add(probe);
  try {
    await (await open(probe, 'wx')).close();
  } catch (cause) {
    const { code } = cause as NodeJS.ErrnoException;
    refuse('usage', `'${path}': the folder '${folder}' may not be written (${code}); choose another.`, cause);
  } finally {
    await rm(probe, { force: true });
    temporaryFiles.delete(probe);
  }
}

function temporaryName(folder: string): string {
  return join(folder, `.netkin-${randomBytes(6).toString('hex')}.part`);
}

async function writeWhole(path: string, overwrite: boolean, content: Content): Promise<void> {
  const temporary = temporaryName(dirname(path));
  const pieces = typeof content === 'string' || content instanceof Uint8Array ? [content] : content;
  temporaryFiles.add(temporary);
  try {
    const file = await open(temporary, 'wx');
    try {
      for (const piece of pieces) await file.writeFile(piece, { signal: interruption });
    } finally {
      await file.close();
    }
    interruption.throwIfAborted();
    await assertTarget(path, overwrite);
    await rename(temporary, path);
  } catch (error) {
    const { code, message } = error as NodeJS.ErrnoException;
    if (typeof code !== 'string') throw error; // an AbortError has a number
    if (Object.hasOwn(reasons, code))
      refuse('usage', `'${path}' ${reasons[code]}; choose another path.`, error);
    if (code.startsWith('E')) throw new Error(`'${path}' cannot be written: ${message}`, { cause: error });
    throw error;
  } finally {
    await rm(temporary, { force: true }).catch(() => {});
    temporaryFiles.delete(temporary);
  }
}
