/** Who may import whom: the layout of the project, enforced. */
import { readdirSync, readFileSync } from 'node:fs';
import { dirname, join, relative, resolve } from 'node:path';
import { fileURLToPath } from 'node:url';
import { expect, test } from 'vitest';

const root = dirname(dirname(fileURLToPath(import.meta.url)));

function sources(folder: string): string[] {
  return readdirSync(join(root, folder), { recursive: true, encoding: 'utf8' })
    .filter((name) => name.endsWith('.ts') && !name.endsWith('.d.ts'))
    .map((name) => join(folder, name));
}

/** Everything that a file imports: paths relative to the root, or package names. */
function imports(file: string): string[] {
  const text = readFileSync(join(root, file), 'utf8');
  const found = text.matchAll(
    /(?:^|\n)\s*(?:import|export)\s[^'"]*?from\s+['"]([^'"]+)['"]|(?:import|import\()\s*['"]([^'"]+)['"]/g,
  );
  return Array.from(found, (match) => match[1] ?? match[2]).map((name) =>
    name.startsWith('.') ? relative(root, resolve(root, dirname(file), name)) : name,
  );
}

function offenders(folder: string, allowed: (name: string, file: string) => boolean): string[] {
  return sources(folder).flatMap((file) =>
    imports(file)
      .filter((name) => !allowed(name, file))
      .map((name) => `${file} imports ${name}`),
  );
}

const libraries = new Set(['d3-dsv', 'fast-png', 'fflate', 'jpeg-js', 'ml-matrix']);

test('assembly imports nothing but itself', () => {
  expect(sources('assembly').length).toBeGreaterThan(5);
  expect(offenders('assembly', (name) => name.startsWith('assembly/'))).toEqual([]);
});

test('the core imports itself, a few libraries, and tfjs only under src/network', () => {
  const core = (name: string, file: string) =>
    name.startsWith('src/') ||
    libraries.has(name) ||
    (name.startsWith('@tensorflow/') && file.startsWith('src/network/'));
  expect(sources('src').length).toBeGreaterThan(40);
  expect(offenders('src', core)).toEqual([]);
});

test('kernels, similarity and formats see plain arrays, never a network', () => {
  const shared = /^src\/(array|errors|given-away|plan|precision|random|work)\.js$/;
  const seen: Record<string, RegExp> = {
    'src/kernel': /^src\/kernel\//,
    'src/similarity': /^src\/(kernel|similarity)\//,
    'src/format': /^src\/format\//,
    'src/report': /^src\/report\//,
  };
  for (const [room, own] of Object.entries(seen)) {
    const allowed = (name: string) => own.test(name) || shared.test(name) || libraries.has(name);
    expect(offenders(room, allowed)).toEqual([]);
  }
});

test('the Node adapter imports the core and Node', () => {
  const tools = new Set([
    '@remix-run/node-fetch-server',
    'commander',
    'cli-progress',
    'comlink',
    'comlink/dist/esm/node-adapter.mjs',
  ]);
  const allowed = (name: string) => /^(src|node)\//.test(name) || name.startsWith('node:') || tools.has(name);
  expect(offenders('node', allowed)).toEqual([]);
});

test('the browser adapter imports the core and Comlink, its elements lit and no engine', () => {
  const element = (file: string) => file.startsWith('web/elements/');
  const foreign = (name: string, file: string) =>
    element(file) ? name === 'lit' || name.startsWith('lit/') : name === 'comlink';
  expect(offenders('web', (name, file) => /^(src|web)\//.test(name) || foreign(name, file))).toEqual([]);
  const apart = (name: string, file: string) =>
    !element(file) || !/^src\/(local|network|remote)\//.test(name);
  expect(offenders('web', apart)).toEqual([]);
});

test('the contract knows the types of the package entry, of tfjs those only, and assertions that run anywhere', () => {
  const tools = ['netkin', '@tensorflow/tfjs', '@vitest/expect', 'chai'];
  const allowed = (name: string) => tools.includes(name) || name.startsWith('tests/contract/');
  expect(sources('tests/contract').length).toBeGreaterThan(5);
  expect(offenders('tests/contract', allowed)).toEqual([]);
  for (const file of sources('tests/contract')) {
    const text = readFileSync(join(root, file), 'utf8');
    expect(text, file).not.toMatch(/^import (?!type ).*'(netkin|@tensorflow\/tfjs)'/m);
  }
});
