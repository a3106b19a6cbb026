// Makes build/: the model, an index of its training images, and netkin's files for edge functions. Nothing of it is
// compiled or captured at run time. Run it where netkin is installed: node make.mjs
import { copyFileSync, mkdirSync, readFileSync, writeFileSync } from 'node:fs';
import { open } from 'netkin';

const build = new URL('build/', import.meta.url);
const data = new URL('../data/', import.meta.url);
const bundle = new URL('dist/edge/', import.meta.resolve('netkin/package.json'));
mkdirSync(build, { recursive: true });

const { classes, labels } = JSON.parse(readFileSync(new URL('labels.json', data), 'utf8'));
const images = readFileSync(new URL('images.bin', data));
const engine = await open(new URL('model.json', data), { output: 'contrast' });
const seen = await engine.perspective({ shape: [labels.length, 28, 28, 1], data: images, divisor: 255 });
const thumbnails = { shape: [labels.length, 28, 28, 1], data: new Uint8Array(images) };
const index = await seen.save({ rows: 'int8', labels, classes, thumbnails });
writeFileSync(new URL('train.netkin', build), index);
await engine.dispose();

for (const file of ['model.json', 'weights.bin']) copyFileSync(new URL(file, data), new URL(file, build));
for (const file of ['index.js', 'netkin.js', 'kernel.wasm', 'tfjs.wasm'])
  copyFileSync(new URL(file, bundle), new URL(file, build));
console.log(`build/train.netkin: ${labels.length} examples, ${(index.length / 2 ** 20).toFixed(1)} MiB`);
