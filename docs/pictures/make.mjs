// Makes the pictures of the documents with netkin itself, from the network and the images of examples/data. Run it in a
// built clone: node docs/pictures/make.mjs
import { readFileSync, writeFileSync } from 'node:fs';
import { fileURLToPath } from 'node:url';
import { open } from '../../dist/node/index.js';
import { crowding } from './crowding.mjs';
import { layers } from './layers.mjs';
import { neighbours } from './neighbours.mjs';
import { outputs } from './outputs.mjs';
import { pairs } from './pairs.mjs';

const SIDE = 28;
const data = new URL('../../examples/data/', import.meta.url);
const bytes = new Uint8Array(readFileSync(new URL('images.bin', data)));
const { classes, labels } = JSON.parse(readFileSync(new URL('labels.json', data), 'utf8'));
const inputs = { shape: [labels.length, SIDE, SIDE, 1], data: bytes, divisor: 255 };
const pixels = (i) => bytes.subarray(i * SIDE * SIDE, (i + 1) * SIDE * SIDE);

const engine = await open(fileURLToPath(new URL('model.json', data)));
const seen = await engine.perspective(inputs);
const shown = { engine, seen, inputs, pixels, side: SIDE, classes, labels };
for (const [name, draw] of Object.entries({ pairs, outputs, layers, neighbours, crowding })) {
  const svg = await draw(shown);
  writeFileSync(new URL(`${name}.svg`, import.meta.url), svg);
  console.log(`${name}.svg: ${Math.ceil(svg.length / 1024)} KB`);
}
await engine.dispose();
