import { open } from '/netkin/browser/index.js';

const bytes = async (name) => new Uint8Array(await (await fetch(`../data/${name}`)).arrayBuffer());
const engine = await open('../data/model.json', { worker: false });
const data = await bytes('images.bin');
const seen = await engine.perspective({ shape: [data.length / 784, 28, 28, 1], data, divisor: 255 });

self.onmessage = async ({ data: image }) => {
  const input = { shape: [1, 28, 28, 1], data: image, divisor: 255 };
  const { indices, similarities } = await seen.nearest(input, 5);
  const explained = await seen.explain(input, [...indices]);
  const neighbours = [];
  for (const [i, index] of indices.entries()) {
    const { layers } = explained[i];
    const picture = { shape: [28, 28], data: data.slice(index * 784, (index + 1) * 784) };
    neighbours.push({ index, similarity: similarities[i], picture, layers });
  }
  postMessage(neighbours);
};
postMessage('ready');
