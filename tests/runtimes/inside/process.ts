/** The script of Node, Deno and Bun, in a folder that has netkin installed. */
import { readFileSync, writeFileSync } from 'node:fs';
import * as tf from '@tensorflow/tfjs';
import { open, ready } from 'netkin';
import type { Home } from '../driver.js';
import { examine } from './examine.js';

await ready();
const worker = (process.argv[2] as Home) === 'worker';
const pixels = new Float32Array(new Uint8Array(readFileSync('images.bin')).buffer);
const examination = await examine(
  { tf, open: (model, options) => open(model, { worker, ...options }) },
  (options) => open('model/model.json', { worker, ...options }),
  pixels,
);
// Not printed: tfjs prints, too.
writeFileSync('examination.json', JSON.stringify(examination));
