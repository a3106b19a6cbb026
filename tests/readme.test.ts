/** The README's example runs, and prints what the README says. */
import { execFileSync } from 'node:child_process';
import { cpSync, mkdirSync, mkdtempSync, readFileSync, rmSync, symlinkSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { dirname, join } from 'node:path';
import { fileURLToPath } from 'node:url';
import { ready } from 'netkin';
import { expect, test } from 'vitest';
import { smallClassifier } from '../src/network/training.js';
import { modelFiles } from './model-files.js';

const root = dirname(dirname(fileURLToPath(import.meta.url)));

test('the five lines print what the README says', async () => {
  const readme = readFileSync(join(root, 'README.md'), 'utf8');
  const [, example] = /<!-- example:.*-->\n```js\n([\s\S]*?)```/.exec(readme)!;
  const folder = mkdtempSync(join(tmpdir(), 'netkin-readme-'));
  try {
    await ready();
    mkdirSync(join(folder, 'model'));
    const files = await modelFiles(smallClassifier([28, 28, 1], 10, 1));
    for (const [name, bytes] of files) writeFileSync(join(folder, 'model', name), bytes);
    mkdirSync(join(folder, 'node_modules'));
    symlinkSync(root, join(folder, 'node_modules/netkin'), 'dir');
    cpSync(join(root, 'node/sample/fashion-3000.npz'), join(folder, 'sample.npz'));
    const images = [
      `import { readNpz } from '${join(root, 'dist/src/format/npz.js')}';`,
      `import { readFileSync } from 'node:fs';`,
      `const images = Float32Array.from(readNpz(readFileSync('sample.npz'), 'sample').get('images').data.subarray(0, 200 * 784), (value) => value / 255);`,
    ];
    writeFileSync(join(folder, 'example.mjs'), `${images.join('\n')}\n${example}`);
    const printed = execFileSync(process.execPath, ['example.mjs'], { cwd: folder, encoding: 'utf8' })
      .trim()
      .split('\n');
    const promised = Array.from(example!.matchAll(/console\.log.*\/\/ (.*)$/gm), ([, text]) => text!);
    expect(Number(printed[0]).toFixed(4)).toBe(promised[0]);
    expect(printed.slice(1).join(' ').replace(/\s+/g, ' ')).toBe(promised[1]);
  } finally {
    rmSync(folder, { recursive: true, force: true });
  }
});
