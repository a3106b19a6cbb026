// K^C of two pairs of images, 10 × 10: which output of one goes with which output of the other.
import { colourMap, colourScale, html, image, picture, text } from './draw.mjs';

const MAP = 210;

export async function outputs({ seen, pixels, side, classes, labels }) {
  const { indices } = await seen.nearest(0, 600);
  const near = indices[1];
  const far = indices.find((index) => labels[index] !== labels[0] && classes[labels[index]] === 'Trouser');
  const parts = await Promise.all(
    [near, far].map(async (other, at) => {
      const x = 130 + at * (MAP + 170);
      const block = await seen.block(0, other);
      const similarity = await seen.similarity(0, other);
      return html`${image(pixels(0), side, x, 10, 44)}${image(pixels(other), side, x + 52, 10, 44)}${text(x + 106, 28, `${classes[labels[0]]}, ${classes[labels[other]]}`)}${text(x + 106, 46, `k^C = Tr K^C / 10 = ${similarity.toFixed(2)}`, 'strong')}${colourMap(block, 10, 10, x, 66, MAP, MAP)}`;
    }),
  );
  return picture(
    130 + 2 * MAP + 170 + 110,
    66 + MAP + 44,
    'K^C of a pair of one class and of a pair of two classes, 10 by 10 outputs',
    html`${classes.map((name, at) => text(122, 66 + (MAP * (at + 0.5)) / 10 + 4, name, 'end'))}${parts}${colourScale(130, 66 + MAP + 10, MAP)}`,
  );
}
