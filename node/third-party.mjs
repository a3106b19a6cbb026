// The licences of packages that travel inside our bundles.
import { existsSync, readdirSync, readFileSync } from 'node:fs';
import { join } from 'node:path';

/** Text for whoever has the Apache licence without a copy of it, as tfjs does. */
const apache = 'node_modules/long/LICENSE';

/** Every package that the bundled files (relative to `root`) come from, under the licence it is given with. */
export function notices(root, files) {
  const folders = new Set(files.flatMap((file) => file.match(/.*node_modules\/(@[^/]+\/)?[^/]+/)?.[0] ?? []));
  const packages = new Map();
  for (const folder of [...folders].sort()) {
    const { name, version, license } = JSON.parse(readFileSync(join(root, folder, 'package.json'), 'utf8'));
    const text = licenceIn(join(root, folder)) ?? (/^Apache-2.0/.test(license) && read(join(root, apache)));
    if (!text) throw new Error(`${name} comes without the text of its licence, ${license}.`);
    packages.set(text, [...(packages.get(text) ?? []), `${name} ${version} (${license})`]);
  }
  const line = '-'.repeat(80);
  return [...packages].map(([text, names]) => `${names.join('\n')}\n\n${text}\n`).join(`\n${line}\n\n`);
}

/** A package's own licence, from its file or the end of its README. */
function licenceIn(folder) {
  const own = readdirSync(folder).find((file) => /^licen[cs]e/i.test(file));
  if (own) return read(join(folder, own));
  const readme = join(folder, 'README.md');
  return existsSync(readme) ? read(readme).match(/^LICENSE \([\s\S]*/m)?.[0] : undefined;
}

function read(file) {
  return readFileSync(file, 'utf8').trim();
}
