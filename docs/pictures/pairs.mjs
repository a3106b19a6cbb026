// Every pair of 240 training images, ordered by class: as the network sees them, and as pixels.
import { colourMap, colourScale, html, picture, text } from './draw.mjs';

const SHOWN = 240;
const MAP = 330;

export async function pairs({ seen, inputs, classes, labels }) {
  const order = [...Array(SHOWN).keys()].sort((a, b) => labels[a] - labels[b] || a - b);
  const { data, shape } = await seen.matrix();
  const network = order.flatMap((i) => order.map((j) => data[i * shape[1] + j]));
  const raw = cosines(inputs, order);
  const first = classes.map((_, label) => order.findIndex((i) => labels[i] === label));
  const names = first.map((from, label) => {
    const to = label + 1 < classes.length ? first[label + 1] : SHOWN;
    const y = 44 + (MAP * (from + to)) / 2 / SHOWN + 4;
    return text(112, y, classes[label], 'end');
  });
  const right = 120 + MAP + 24;
  return picture(
    right + MAP + 8,
    44 + MAP + 48,
    `Similarity of every pair of ${SHOWN} Fashion-MNIST images ordered by class: classes stand out as squares, more so for the network than as pixels`,
    html`${text(120, 26, 'as the network sees them: k^C', 'strong')}${text(right, 26, 'as pixels: cosine', 'strong')}
${names}
${colourMap(network, SHOWN, SHOWN, 120, 44, MAP, MAP)}
${colourMap(raw, SHOWN, SHOWN, right, 44, MAP, MAP)}
${colourScale(120, 44 + MAP + 12, MAP)}`,
  );
}

function cosines({ data }, order) {
  const width = 784;
  const rows = order.map((i) => data.subarray(i * width, (i + 1) * width));
  const norms = rows.map((row) => Math.sqrt(row.reduce((sum, value) => sum + value * value, 0)));
  return rows.flatMap((a, i) =>
    rows.map((b, j) => {
      let sum = 0;
      for (let p = 0; p < width; p++) sum += a[p] * b[p];
      return sum / (norms[i] * norms[j]);
    }),
  );
}
