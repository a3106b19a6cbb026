// One image beside others: what each layer adds to their similarity.
import { depthColour } from '../../dist/src/report/colour.js';
import { html, image, picture, rectangle, text } from './draw.mjs';

const OF = 0;
const CELL = 52;
const WIDTH = 440;

export async function layers({ seen, pixels, side, classes, labels }) {
  const { indices } = await seen.nearest(OF, 600);
  // Near, half-way and far in the order of similarity.
  const others = [1, 2, 40, 150, 300, 599].map((rank) => indices[rank]);
  const explained = await seen.explain(OF, others);
  const names = explained[0].layers.map(({ layer }) => layer);
  const zero = 250;
  const scale = WIDTH / 1.1;
  const rows = explained.map(({ similarity, layers: shares }, row) => {
    const y = 70 + row * CELL;
    let [right, left] = [zero, zero];
    const bars = shares.map(({ share }, at) => {
      const width = Math.abs(share) * scale;
      const x = share < 0 ? left - width : right;
      if (share < 0) left -= width;
      else right += width;
      return rectangle(x.toFixed(1), y + 10, width.toFixed(1), 22, depthColour(at, names.length));
    });
    const index = others[row];
    return html`${image(pixels(index), side, 88, y, CELL - 10)}${text(136, y + 26, classes[labels[index]])}${bars}${text(Math.max(right, zero) + 8, y + 26, similarity.toFixed(2), 'strong')}`;
  });
  return picture(
    zero + WIDTH + 60,
    70 + others.length * CELL,
    `Layer shares of the similarity of one ${classes[labels[OF]]} to six other images`,
    html`${image(pixels(OF), side, 8, 12, CELL - 2)}${text(68, 34, classes[labels[OF]], 'strong')}${names.map((name, at) => html`${rectangle(zero + at * 112, 24, 12, 12, depthColour(at, names.length))}${text(zero + at * 112 + 18, 35, name)}`)}
<path class="faint" d="M${zero} 64V${64 + others.length * CELL}"/>${rows}`,
  );
}
