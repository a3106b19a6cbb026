/** Pixels on a canvas: nothing is fetched or encoded, so that any content security policy will do. */
import { html, type TemplateResult } from 'lit';
import { ref } from 'lit/directives/ref.js';
import type { Pixels } from './neighbour.js';

/** Up to this side, in pixels, a picture is enlarged with sharp edges: it is a pattern rather than a photo. */
const SHARP = 64;

/** Decorative: the words beside it say which example it is. */
export function pictureView(picture: Pixels | string): TemplateResult {
  if (typeof picture === 'string') return html`<img part="picture" src=${picture} alt="" />`;
  const [height = 0, width = 0] = picture.shape;
  return html`<canvas
    part="picture"
    class=${Math.max(height, width) > SHARP ? 'smooth' : 'sharp'}
    aria-hidden="true"
    width=${width}
    height=${height}
    ${ref((canvas) => canvas && draw(canvas as HTMLCanvasElement, picture))}
  ></canvas>`;
}

function draw(canvas: HTMLCanvasElement, { shape, data }: Pixels): void {
  const [height = 0, width = 0, channels = 1] = shape;
  if (height * width === 0) return;
  const image = new ImageData(width, height);
  const colour = channels >= 3 ? [0, 1, 2] : [0, 0, 0];
  for (let i = 0; i < height * width; i++) {
    colour.forEach((channel, c) => {
      image.data[4 * i + c] = data[channels * i + channel]!;
    });
    image.data[4 * i + 3] = channels === 4 ? data[4 * i + 3]! : 255;
  }
  canvas.getContext('2d')?.putImageData(image, 0, 0);
}
