/** The script of Node, Deno and Bun, in a folder that has netkin installed. */
import { readFileSync, writeFileSync } from 'node:fs';
import * as tf from '@tensorflow/tfjs';
import { open, ready } from 'netkin';
import { examine } from './examine.js';

await ready();
const pixels = new Float32Array(new Uint8Array(readFileSync('images.bin')).buffer);
const examination = await examine({ open, tf }, () => open('model/model.json'), pixels);
// Not printed: tfjs prints, too.
writeFileSync('examination.json', JSON.stringify(examination));
