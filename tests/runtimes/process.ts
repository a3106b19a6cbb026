/** Drivers of runtimes that are commands: netkin is used as an installed package, in a folder of its own. */
import { mkdirSync, mkdtempSync, readFileSync, rmSync, symlinkSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { dirname, join } from 'node:path';
import { bundle, root } from './bundle.js';
import { type Driver, type Home, inTime } from './driver.js';
import type { Examination } from './inside/examine.js';
import { material } from './material.js';
import { start } from './running.js';

/** @param parameters before the script's name */
export function processDriver(
  name: string,
  command: string,
  parameters: readonly string[],
  home: Home = 'here',
): Driver {
  return {
    name,
    async run() {
      const folder = mkdtempSync(join(tmpdir(), 'netkin-runtime-'));
      try {
        await install(folder);
        const version = await output(command, ['--version'], folder);
        await output(command, [...parameters, 'examine.mjs', home], folder);
        const examination = JSON.parse(readFileSync(join(folder, 'examination.json'), 'utf8')) as Examination;
        return { ...examination, version: /\d+(\.\d+)+/.exec(version)![0], faults: [] };
      } finally {
        rmSync(folder, { recursive: true, force: true });
      }
    },
  };
}

async function install(folder: string): Promise<void> {
  const packages = { netkin: root, '@tensorflow/tfjs': join(root, 'node_modules/@tensorflow/tfjs') };
  for (const [name, place] of Object.entries(packages)) {
    const link = join(folder, 'node_modules', name);
    mkdirSync(dirname(link), { recursive: true });
    symlinkSync(place, link, 'dir');
  }
  const external = Object.keys(packages);
  const dependencies = Object.fromEntries(external.map((name) => [name, '*']));
  writeFileSync(join(folder, 'package.json'), JSON.stringify({ type: 'module', dependencies }));
  writeFileSync(join(folder, 'examine.mjs'), await bundle('process', { external, platform: 'node' }));
  for (const [path, content] of await material()) {
    mkdirSync(dirname(join(folder, path)), { recursive: true });
    writeFileSync(join(folder, path), content);
  }
}

/** What a command prints. Rejects with what it says about its failure. */
async function output(command: string, parameters: readonly string[], cwd: string): Promise<string> {
  await using running = start(command, parameters, { cwd });
  return await inTime(`${command} did not end`, running.ended);
}
