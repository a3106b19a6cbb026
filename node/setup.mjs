// Makes a fresh clone ready: dependencies as locked, then a build. Does nothing where both are up to date.
import { spawnSync } from 'node:child_process';
import { existsSync, readdirSync, statSync } from 'node:fs';
import { dirname, join } from 'node:path';
import { fileURLToPath } from 'node:url';

const root = dirname(dirname(fileURLToPath(import.meta.url)));
const newest = (place) => {
  if (!existsSync(place)) return 0;
  const stat = statSync(place);
  if (!stat.isDirectory()) return stat.mtimeMs;
  return Math.max(0, ...readdirSync(place).map((name) => newest(join(place, name))));
};

/** Runs a step to its end; its own messages tell what went wrong. */
function step(title, command, parameters) {
  console.error(`netkin: ${title}`);
  const shell = process.platform === 'win32';
  const { status } = spawnSync(command, parameters, {
    cwd: root,
    stdio: ['ignore', 'ignore', 'inherit'],
    shell,
  });
  if (status !== 0) {
    console.error(`netkin: ${title} failed`);
    process.exit(1);
  }
}

const installed = join(root, 'node_modules/.package-lock.json');
if (newest(installed) < newest(join(root, 'package-lock.json'))) {
  // Not `npm ci`: it refuses a lock without the native packages of platforms that a registry mirror leaves out.
  const quiet = ['--no-save', '--no-audit', '--no-fund', '--loglevel=error'];
  step('installing dependencies', 'npm', ['install', ...quiet]);
}

const sources = ['assembly', 'src', 'web', 'node', 'package.json', 'tsconfig.json', 'asconfig.json'];
if (newest(join(root, 'dist/node/cli.js')) < Math.max(...sources.map((name) => newest(join(root, name))))) {
  step('building', process.execPath, [join(root, 'node/build.mjs')]);
}
