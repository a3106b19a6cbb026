// How many images the network holds to be like each: a histogram, with an image for every bin.
import { html, image, picture, rectangle, text } from './draw.mjs';

const BINS = 14;
const STEP = 52;
const HEIGHT = 150;

export async function crowding({ seen, pixels, side }) {
  const density = await seen.density();
  const [least, most] = [Math.min(...density), Math.max(...density)];
  const binOf = (value) => Math.min(BINS - 1, Math.floor(((value - least) / (most - least)) * BINS));
  const bins = Array.from({ length: BINS }, () => []);
  density.forEach((value, index) => {
    bins[binOf(value)].push(index);
  });
  const highest = Math.max(...bins.map(({ length }) => length));
  const middle = (bin) => least + ((bin + 0.5) / BINS) * (most - least);
  const body = bins.map((members, bin) => {
    const x = 16 + bin * STEP;
    const height = (members.length / highest) * HEIGHT;
    const typical = members.toSorted(
      (a, b) => Math.abs(density[a] - middle(bin)) - Math.abs(density[b] - middle(bin)),
    )[0];
    return html`${rectangle(x, (40 + HEIGHT - height).toFixed(1), STEP - 6, height.toFixed(1), '#2f6c8e')}${members.length > 0 && text(x + 23, (34 + HEIGHT - height).toFixed(1), members.length, 'middle quiet')}${typical !== undefined && image(pixels(typical), side, x, 40 + HEIGHT + 26, STEP - 6)}${text(x + 23, 40 + HEIGHT + 18, middle(bin).toFixed(0), 'middle')}`;
  });
  return picture(
    32 + BINS * STEP,
    40 + HEIGHT + 96,
    `Histogram of the soft density of ${density.length} images, with an image for every bin`,
    html`${body}${text(16, 40 + HEIGHT + 90, `soft density N_S: how many of the ${density.length} images the network holds to be like this one`, 'quiet')}`,
  );
}
