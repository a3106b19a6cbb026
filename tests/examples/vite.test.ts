/** Example 03: a Vite + React app, from the package as npm installs it. */
import { execFileSync } from 'node:child_process';
import { join } from 'node:path';
import type { Page } from 'playwright';
import { afterAll, beforeAll, expect, test } from 'vitest';
import { type Installed, install } from '../package/installed.js';
import { type Expected, expected } from './expected.js';
import { start } from './started.js';
import { rows, visit } from './visiting.js';

const VITE = 'node_modules/vite/bin/vite.js';
const APP = 'examples/03-vite-react';

let installed: Installed;
let folder: string;
let wanted: Expected;

beforeAll(async () => {
  wanted = await expected();
  installed = install(['examples/data', 'examples/page.css', APP], ['react', 'react-dom', 'vite'], APP);
  folder = join(installed.folder, APP);
});
afterAll(() => installed?.[Symbol.dispose]());

/** Drops the file of an image onto the app. */
async function drop(page: Page, name: string): Promise<void> {
  const files = await page.evaluateHandle(async (file) => {
    const content = await (await fetch(`/queries/${file}`)).blob();
    const transfer = new DataTransfer();
    transfer.items.add(new File([content], file, { type: 'image/png' }));
    return transfer;
  }, name);
  await page.locator('.drop').dispatchEvent('drop', { dataTransfer: files });
}

test('built, it shows the training images most like a dropped one', async () => {
  execFileSync(process.execPath, [VITE, 'build', '--logLevel', 'error'], { cwd: folder });
  await using site = await start(folder, VITE, ['preview', '--port', '0']);
  await visit(site.address, async (page) => {
    await page.getByText('Choose an input').waitFor();
    await drop(page, 'sneaker.png');
    expect(await rows(page)).toEqual(wanted.sneaker);
    await page.getByRole('button', { name: 'trouser' }).click();
    await page.getByRole('option', { name: 'Trouser' }).nth(4).waitFor();
    await page.getByLabel('trouser').setInputFiles({
      name: 'words.png',
      mimeType: 'image/png',
      buffer: Buffer.from('no image'),
    });
    await page.getByText('words.png is no image that this browser can read.').last().waitFor();
  });
});

test('so does the development server', async () => {
  await using site = await start(folder, VITE, ['--port', '0']);
  await visit(site.address, async (page) => {
    await drop(page, 'sneaker.png');
    expect(await rows(page)).toEqual(wanted.sneaker);
  });
});
