// Sees to the browsers that the tests drive: finds them, or installs them where it can, and says which there are.
import { execFileSync } from 'node:child_process';
import { existsSync } from 'node:fs';
import { createRequire } from 'node:module';
import { dirname, join } from 'node:path';
import process from 'node:process';
import { chromium, firefox, webkit } from 'playwright';
import { find, programs } from './programs.mjs';

const linux = process.platform === 'linux';
/** What Playwright can bring along itself; on Linux its WebKit is another than the system's. */
const portable = linux ? { chromium, firefox } : { chromium, firefox, webkit };
const wanted = Object.keys(linux ? programs : portable);

function where(name) {
  const found = name in programs ? find(name) : undefined;
  if (found || !(name in portable)) return found;
  const own = portable[name].executablePath();
  return existsSync(own) ? own : undefined;
}

const missing = () => wanted.filter((name) => !where(name));

function attempt(title, command, ...calls) {
  console.log(`${title} …`);
  try {
    for (const parameters of calls) {
      const env = { ...process.env, DEBIAN_FRONTEND: 'noninteractive' };
      execFileSync(command, parameters, { stdio: ['ignore', 'ignore', 'inherit'], env });
    }
  } catch (error) {
    console.error(error.message);
  }
}

/** Afterwards every runtime can be started, or stderr says what to do about it; its tests then fail. */
export function installRuntimes() {
  if (linux && missing().length > 0 && process.getuid() === 0 && existsSync('/usr/bin/apt-get')) {
    const packages = missing().map((name) => programs[name].package);
    const install = ['install', '--yes', '--no-install-recommends', ...packages];
    attempt(`Installing ${packages.join(', ')} with apt-get`, 'apt-get', ['update'], install);
  }
  const downloads = missing().filter((name) => name in portable);
  if (downloads.length > 0) {
    const folder = dirname(createRequire(import.meta.url).resolve('playwright/package.json'));
    const install = [join(folder, 'cli.js'), 'install', ...downloads];
    attempt(`Downloading Playwright's ${downloads.join(' and ')}`, process.execPath, install);
  }
  const found = wanted.filter(where).map((name) => `${name} (${where(name)})`);
  console.log(`Runtimes: Node ${process.versions.node}, ${found.join(', ')}; workerd, Deno and Bun from npm`);
  for (const name of missing()) {
    const remedy = linux ? `apt-get install ${programs[name].package}` : `npx playwright install ${name}`;
    const own = `NETKIN_${name.toUpperCase()}`;
    console.error(
      `${name} is missing, so tests will fail. As an administrator: ${remedy}; or set ${own} to its path`,
    );
  }
}
