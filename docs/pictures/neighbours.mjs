// The nearest training images of four others: by k^C, and by the cosine of their pixels.

import { readFileSync } from 'node:fs';
import { readImage } from '../../dist/src/format/image.js';
import { html, image, picture, rectangle, text } from './draw.mjs';

const QUERIES = ['sandal', 'shirt', 'bag', 'coat'];
const COUNT = 6;
const CELL = 58;

export async function neighbours({ seen, inputs, pixels, side, classes, labels }) {
  const rows = [];
  for (const name of QUERIES) {
    const path = new URL(`../../examples/data/queries/${name}.png`, import.meta.url);
    const { data } = readImage(new Uint8Array(readFileSync(path)), name);
    const query = { shape: [1, side, side, 1], data: Float32Array.from(data, (value) => value / 255) };
    const own = classes.findIndex((other) => other.toLowerCase() === name);
    rows.push({
      name,
      data,
      own,
      network: await seen.nearest(query, COUNT),
      raw: nearestPixels(inputs, data),
    });
  }
  const right = 118 + COUNT * CELL + 26;
  const strip = (found, own, x, y) =>
    Array.from(found.indices, (index, rank) => {
      const at = x + rank * CELL;
      return html`${labels[index] !== own && rectangle(at - 3, y - 3, CELL - 4, CELL - 4, '#d9480f')}${image(pixels(index), side, at, y, CELL - 10)}${text(at + (CELL - 10) / 2, y + CELL + 4, found.similarities[rank].toFixed(2), 'middle quiet')}`;
    });
  return picture(
    right + COUNT * CELL,
    40 + rows.length * (CELL + 26),
    'Nearest training images of four others by the network and by pixels; frames mark another class',
    html`${text(118, 22, 'nearest for the network: k^C', 'strong')}${text(right, 22, 'nearest as pixels: cosine', 'strong')}
${rows.map(({ name, data, own, network, raw }, row) => {
  const y = 40 + row * (CELL + 26);
  return html`${image(data, side, 8, y, CELL - 10)}${text(8, y + CELL + 4, name)}${strip(network, own, 118, y)}${strip(raw, own, right, y)}`;
})}`,
  );
}

function nearestPixels({ data, shape }, query) {
  const width = query.length;
  const norm = (row) => Math.sqrt(row.reduce((sum, value) => sum + value * value, 0));
  const found = Array.from({ length: shape[0] }, (_, index) => {
    const row = data.subarray(index * width, (index + 1) * width);
    let sum = 0;
    for (let p = 0; p < width; p++) sum += row[p] * query[p];
    return { index, similarity: sum / (norm(row) * norm(query)) };
  });
  found.sort((a, b) => b.similarity - a.similarity);
  const best = found.slice(0, COUNT);
  return { indices: best.map(({ index }) => index), similarities: best.map(({ similarity }) => similarity) };
}
