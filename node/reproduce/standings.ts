/** The files of an experiment's pieces in a folder: read with checks, written whole or not at all. */
import { randomBytes } from 'node:crypto';
import { readFileSync, renameSync, rmSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { refuse } from '../../src/errors.js';
import type { Standing } from '../../src/reproduce/toy/piece.js';
import { pieceFile, type ToyOptions, type ToyPiece } from '../../src/reproduce/toy/protocol.js';
import { decodeStanding, encodeStanding } from '../../src/reproduce/toy/standing-file.js';

/** The folder of the pieces inside an experiment's own. */
export const RUNS = 'runs';

/** Sines, cosines and logarithms are V8's: another version may round them differently. */
const MAKER = { v8: process.versions.v8 };

export function standingPath(folder: string, piece: ToyPiece, options: ToyOptions): string {
  return join(folder, RUNS, pieceFile(piece, options));
}

/**
 * Where a piece was left; null where it has no file.
 * @throws NetkinError 'usage' where the file belongs to other options, 'input' where it is damaged or cannot be read
 */
export function readStanding(folder: string, piece: ToyPiece, options: ToyOptions): Standing | null {
  const path = standingPath(folder, piece, options);
  let bytes: Uint8Array;
  try {
    bytes = readFileSync(path);
  } catch (error) {
    if ((error as NodeJS.ErrnoException).code === 'ENOENT') return null;
    refuse('input', `'${path}' cannot be read: ${(error as Error).message}`, error);
  }
  return decodeStanding(bytes, piece, options, path);
}

/**
 * Keeps a standing: a process that dies meanwhile leaves the one before.
 * @throws NetkinError 'input' where the file cannot be written
 */
export function writeStanding(
  folder: string,
  piece: ToyPiece,
  options: ToyOptions,
  standing: Standing,
): void {
  const path = standingPath(folder, piece, options);
  const temporary = join(folder, RUNS, `.netkin-${randomBytes(6).toString('hex')}.part`);
  try {
    const bytes = encodeStanding(standing, piece, options, MAKER);
    writeFileSync(temporary, bytes, { flag: 'wx' });
    renameSync(temporary, path);
  } catch (error) {
    refuse('input', `'${path}' cannot be written: ${(error as Error).message}`, error);
  } finally {
    rmSync(temporary, { force: true });
  }
}
