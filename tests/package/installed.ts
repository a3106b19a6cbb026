/** netkin as npm installs it: packed, unpacked into a folder of its own, its dependencies linked from here. */
import { execFileSync } from 'node:child_process';
import { cpSync, mkdirSync, mkdtempSync, readFileSync, renameSync, rmSync, symlinkSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { dirname, join } from 'node:path';
import { fileURLToPath } from 'node:url';

export const root = dirname(dirname(dirname(fileURLToPath(import.meta.url))));

export interface Installed extends Disposable {
  readonly folder: string;
}

/**
 * A folder with files of this project, and `node_modules/netkin` out of the packed package.
 * @param copied files and folders that come along, relative to the root
 * @param tools further packages that they need
 * @param place where `node_modules` is, relative to the folder
 */
export function install(copied: readonly string[], tools: readonly string[] = [], place = '.'): Installed {
  const folder = mkdtempSync(join(tmpdir(), 'netkin-installed-'));
  for (const path of copied) cpSync(join(root, path), join(folder, path), { recursive: true });
  const modules = join(folder, place, 'node_modules');
  mkdirSync(modules, { recursive: true });
  execFileSync('tar', ['xzf', pack(folder), '-C', modules]);
  renameSync(join(modules, 'package'), join(modules, 'netkin'));
  const { dependencies } = JSON.parse(readFileSync(join(modules, 'netkin/package.json'), 'utf8'));
  for (const name of [...Object.keys(dependencies), ...tools]) {
    mkdirSync(dirname(join(modules, name)), { recursive: true });
    symlinkSync(join(root, 'node_modules', name), join(modules, name), 'dir');
  }
  return { folder, [Symbol.dispose]: () => rmSync(folder, { recursive: true, force: true }) };
}

/** Packs the built project. @returns the path of the archive, in `folder` */
export function pack(folder: string): string {
  const { filename } = packing('--pack-destination', folder);
  return join(folder, filename);
}

export interface Packing {
  readonly filename: string;
  readonly size: number;
  readonly files: readonly { readonly path: string; readonly size: number }[];
}

/** What npm says about the package. */
export function packing(...options: string[]): Packing {
  // Scripts are left out: the tests run on what is built.
  const said = execFileSync('npm', ['pack', '--json', '--ignore-scripts', ...options], {
    cwd: root,
    encoding: 'utf8',
    stdio: ['ignore', 'pipe', 'ignore'],
    shell: process.platform === 'win32',
  });
  const [first] = JSON.parse(said) as Packing[];
  return first!;
}
