/** The code on the documents' pages runs, and prints what the pages say; what they link to is there. */
import { spawnSync } from 'node:child_process';
import { existsSync, readdirSync, readFileSync } from 'node:fs';
import { dirname, join } from 'node:path';
import { fileURLToPath } from 'node:url';
import { expect, test } from 'vitest';

const root = dirname(dirname(fileURLToPath(import.meta.url)));
const folder = join(root, 'docs');
const pages = readdirSync(folder).filter((name) => name.endsWith('.md'));
const read = (name: string) => readFileSync(join(folder, name), 'utf8');
const blocks = (text: string) => Array.from(text.matchAll(/^```js\n([\s\S]*?)^```/gm), ([, code]) => code!);
const [preface] = blocks(read('README.md'));

const concepts = pages.filter((name) => name !== 'README.md' && blocks(read(name)).length > 0);

test('there is code on every concept’s page', () => {
  expect(concepts.length).toBeGreaterThanOrEqual(6);
});

test.each(concepts)('%s: its code runs, and prints what it says', (name) => {
  for (const code of blocks(read(name))) {
    const script = `${preface}\n${code}\nawait engine.dispose();`;
    const { status, stdout, stderr } = spawnSync(process.execPath, ['--input-type=module', '-e', script], {
      cwd: root,
      encoding: 'utf8',
    });
    expect(status, stderr).toBe(0);
    const printed = stdout.trim().split('\n');
    // A promise ends in … where digits are left out.
    const promised = Array.from(code.matchAll(/console\.log\(.*\); \/\/ .*→ (.*)$/gm), ([, words]) => words!);
    expect(promised.length).toBeGreaterThan(0);
    for (const [line, words] of promised.entries()) {
      if (words.endsWith('…'))
        expect(printed[line]!.startsWith(words.slice(0, -1)), printed[line]).toBe(true);
      else expect(printed[line]).toBe(words);
    }
  }
});

test.each(pages)('%s: files that it links to, and pictures that it shows, are there', (name) => {
  const linked = Array.from(read(name).matchAll(/\]\((?!https?:|#)([^)#\s]+)/g), ([, path]) => path!);
  expect(linked.filter((path) => !existsSync(join(folder, path)))).toEqual([]);
});
