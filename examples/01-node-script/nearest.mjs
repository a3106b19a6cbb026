import { readFile } from 'node:fs/promises';
import { open } from 'netkin';

const read = (name) => readFile(new URL(`../data/${name}`, import.meta.url));
const { classes, labels } = JSON.parse(await read('labels.json'));
const bytes = async (name, count) => ({ shape: [count, 28, 28, 1], data: await read(name), divisor: 255 });

const engine = await open(new URL('../data/model.json', import.meta.url));
const seen = await engine.perspective(await bytes('images.bin', labels.length));
const sneaker = await bytes('sneaker.bin', 1);

const { indices, similarities } = await seen.nearest(sneaker, 5);
indices.forEach((index, i) => {
  console.log(`${similarities[i].toFixed(3)}  image ${index}, ${classes[labels[index]]}`);
});

const { layers } = await seen.explain(sneaker, indices[0]);
console.log(layers.map(({ layer, share }) => `${layer} ${share.toFixed(3)}`).join(' + '));
await engine.dispose();
