/** The package as npm gets it: what is in it, what resolves to what, and what the checkers of packages say. */
import { execFileSync, spawnSync } from 'node:child_process';
import { mkdtempSync, readFileSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join, relative } from 'node:path';
import { build } from 'esbuild';
import { publint } from 'publint';
import { formatMessage } from 'publint/utils';
import { afterAll, beforeAll, expect, test } from 'vitest';
import { type Installed, install, pack, packing, root } from './installed.js';

let installed: Installed;
let own: string;
const manifest = JSON.parse(readFileSync(join(root, 'package.json'), 'utf8'));
const files = packing('--dry-run').files.map(({ path }) => path);

beforeAll(() => {
  installed = install(['examples/data']);
  own = join(installed.folder, 'node_modules/netkin');
});
afterAll(() => installed?.[Symbol.dispose]());

test('publint has nothing to say', async () => {
  const { messages } = await publint({ pkgDir: root, level: 'suggestion', strict: true, pack: 'npm' });
  expect(messages.map((message) => formatMessage(message, manifest))).toEqual([]);
});

test('types are right wherever ES modules are', () => {
  const folder = mkdtempSync(join(tmpdir(), 'netkin-types-'));
  try {
    const attw = join(root, 'node_modules/@arethetypeswrong/cli/dist/index.js');
    // CommonJS is left out on purpose: `require` of netkin needs a Node that can require ES modules. What a wasm file
    // is depends on who imports it, so it has no types.
    const wasm = Object.keys(manifest.exports).filter((path) => path.endsWith('.wasm'));
    const { status, stdout } = spawnSync(
      process.execPath,
      [attw, pack(folder), '--profile', 'esm-only', '--no-color', '--exclude-entrypoints', ...wasm],
      { encoding: 'utf8', cwd: root },
    );
    expect(status, stdout).toBe(0);
  } finally {
    rmSync(folder, { recursive: true, force: true });
  }
});

test('it holds what runs, its types, the sample, the documents and the papers; no sources, source maps or tests', () => {
  const kinds = [
    /^dist\/.*\.(js|d\.ts|wasm|py)$/,
    /^dist\/.*\/(THIRD-PARTY|[\w-]+\.js\.LEGAL)\.txt$/,
    /^node\/sample\/(fashion-3000\.npz|NOTICE)$/,
    /^docs\/[\w-]+\.md$/,
    /^(package\.json|README\.md|LICENSE|CHANGELOG\.md)$/,
  ];
  expect(files.filter((path) => !kinds.some((kind) => kind.test(path)))).toEqual([]);
  expect(files.length).toBeGreaterThan(200);
  expect(packing('--dry-run').size).toBeLessThan(3_000_000);
});

test('the documents that the README links to are there', () => {
  const readme = readFileSync(join(root, 'README.md'), 'utf8');
  const linked = Array.from(readme.matchAll(/\]\((docs\/[^)#]+)/g), ([, path]) => path!);
  expect(linked.length).toBeGreaterThan(0);
  expect(linked.filter((path) => !files.includes(path))).toEqual([]);
});

/** Every file that the exports map names, with the path of conditions that leads to it. */
function targets(entry: unknown, path: string): [string, string][] {
  if (typeof entry === 'string') return [[path, entry]];
  return Object.entries(entry as object).flatMap(([key, value]) => targets(value, `${path} ${key}`));
}

test('every file that the exports map names is there, types first', () => {
  const missing = targets(manifest.exports, '').filter(([, file]) => !files.includes(file.slice(2)));
  expect(missing).toEqual([]);
  const script = targets(manifest.exports, '').filter(([, file]) => file.endsWith('.js'));
  for (const [path] of script) expect(path).toMatch(/default$/);
  expect(script.length).toBeGreaterThanOrEqual(8);
});

/** The file that a bundler takes for an import under some conditions. */
async function resolved(name: string, conditions: string[]): Promise<string> {
  const { metafile } = await build({
    stdin: { contents: `import '${name}'`, resolveDir: installed.folder },
    absWorkingDir: installed.folder,
    bundle: true,
    write: false,
    metafile: true,
    platform: 'neutral',
    conditions,
    plugins: [
      { name: 'empty', setup: ({ onLoad }) => onLoad({ filter: /netkin.dist/ }, () => ({ contents: '' })) },
    ],
  });
  const [file] = Object.keys(metafile.inputs).filter((input) => input.includes('netkin/dist'));
  return relative(own, join(installed.folder, file!));
}

test.each([
  ['netkin', ['workerd', 'worker', 'browser'], 'dist/edge/index.js'],
  ['netkin', ['edge-light'], 'dist/edge/edge-light.js'],
  ['netkin', ['deno', 'node'], 'dist/node/index.js'],
  ['netkin', ['node'], 'dist/node/index.js'],
  ['netkin', ['browser'], 'dist/browser/index.js'],
  ['netkin', [], 'dist/node/index.js'],
  ['netkin/core', ['browser'], 'dist/src/core.js'],
  ['netkin/elements', ['browser'], 'dist/elements/index.js'],
])('%s under the conditions %j is %s', async (name, conditions, file) => {
  expect(await resolved(name, conditions)).toBe(file);
});

test('Node imports it, and its command runs', () => {
  const run = (...parameters: string[]) =>
    execFileSync(process.execPath, parameters, { cwd: installed.folder, encoding: 'utf8' });
  const imported = `console.log(typeof (await import('netkin')).open, typeof (await import('netkin/core')).openWith)`;
  expect(run('--input-type=module', '--eval', imported).trim()).toBe('function function');
  const command = join(own, manifest.bin.netkin);
  expect(JSON.parse(run(command, 'inspect', 'examples/data/model.json', '--json'))).toBeTypeOf('object');
});

test('nothing in it turns text into code', () => {
  const evaluates = /\beval\s*\(|\bnew\s+Function\b|(?<![.\w$])Function\s*\(/;
  const scripts = files.filter((path) => path.endsWith('.js'));
  expect(scripts.filter((path) => evaluates.test(readFileSync(join(own, path), 'utf8')))).toEqual([]);
  expect(scripts.length).toBeGreaterThan(100);
});
