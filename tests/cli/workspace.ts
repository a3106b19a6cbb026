/** A folder of small models and data, and the built command line run in it as a child process. */
import { spawnSync } from 'node:child_process';
import { mkdtempSync, readdirSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { fileURLToPath } from 'node:url';
import { afterAll, expect } from 'vitest';
import type { NdArray, NumberArray } from '../../src/array.js';
import { writeNpy } from '../../src/format/npy.js';
import { uniform } from '../../src/random.js';

export const program = fileURLToPath(new URL('../../dist/node/cli.js', import.meta.url));

/** A folder that disappears after the tests of the file. */
export function makeWorkspace(): string {
  const folder = mkdtempSync(join(tmpdir(), 'netkin-cli-'));
  afterAll(() => rmSync(folder, { recursive: true, force: true }));
  return folder;
}

export function array<Data extends NumberArray>(data: Data, ...shape: number[]): NdArray<Data> {
  return { shape, data };
}

/** n × width numbers in [-1, 1), the same for the same seed. */
export function points(n: number, width: number, seed = 1): NdArray<Float32Array> {
  return array(
    Float32Array.from({ length: n * width }, (_, i) => 2 * uniform(seed, i) - 1),
    n,
    width,
  );
}

export function saveNpy(path: string, data: NdArray): void {
  writeFileSync(path, writeNpy(data));
}

export interface Outcome {
  readonly code: number | null;
  readonly stdout: string;
  readonly stderr: string;
}

/** Runs `netkin …words` in `folder`. */
export function netkin(folder: string, ...words: string[]): Outcome {
  const { status, stdout, stderr } = spawnSync(process.execPath, [program, ...words], {
    cwd: folder,
    encoding: 'utf8',
  });
  return { code: status, stdout, stderr };
}

/** The one line of a refusal; fails unless nothing else happened. */
export function refusal(folder: string, ...words: string[]): string {
  const before = readdirSync(folder, { recursive: true });
  const { code, stdout, stderr } = netkin(folder, ...words);
  expect(stderr).toMatch(/^netkin: [^\n]+\n$/);
  expect({ code, stdout }).toEqual({ code: 2, stdout: '' });
  expect(readdirSync(folder, { recursive: true })).toEqual(before);
  return stderr.trim();
}
