// Pieces of the documents' pictures: SVG that stands alone, readable on light and on dark pages.
import { writePng } from '../../dist/src/format/image.js';
import { similarityColour } from '../../dist/src/report/colour.js';
import { html, trusted } from '../../dist/src/report/html.js';

export { html };

/** Colours of a map: fewer are not seen, and make smaller files. */
const LEVELS = 64;

const STYLE = `
svg { font: 13px system-ui, sans-serif; fill: #1b1b1f; color: #1b1b1f; background: #fff }
.quiet { fill: #5b5b66 } .end { text-anchor: end } .middle { text-anchor: middle } .strong { font-weight: 600 }
.line { stroke: currentColor; fill: none } .faint { stroke: #c9c9d1; fill: none }
@media (prefers-color-scheme: dark) {
  svg { fill: #ececf1; color: #ececf1; background: #17171b } .quiet { fill: #a9a9b5 } .faint { stroke: #44444d }
}`;

/** @param title what the picture shows, for those who hear it */
export function picture(width, height, title, body) {
  return `${html`<svg xmlns="http://www.w3.org/2000/svg" viewBox="0 0 ${width} ${height}" width="${width}" height="${height}" role="img" aria-label="${title}">
<title>${title}</title>
<style>${trusted(STYLE)}</style>
${body}
</svg>`}\n`;
}

function embedded(width, height, channels, data) {
  return `data:image/png;base64,${Buffer.from(writePng({ width, height, channels, data })).toString('base64')}`;
}

/** An image of side × side grey bytes. */
export function image(bytes, side, x, y, size) {
  const uri = embedded(side, side, 1, Uint8Array.from(bytes));
  return html`<image href="${uri}" x="${x}" y="${y}" width="${size}" height="${size}"/>`;
}

/** Values in [-1, 1] as a map of colours, rows × columns. */
export function colourMap(values, rows, columns, x, y, width, height) {
  const level = (value) => (Math.round(((value + 1) / 2) * LEVELS) / LEVELS) * 2 - 1;
  const colours = Uint8Array.from(Array.from(values, (value) => similarityColour(level(value))).flat());
  const uri = embedded(columns, rows, 3, colours);
  return html`<image href="${uri}" x="${x}" y="${y}" width="${width}" height="${height}" preserveAspectRatio="none" style="image-rendering:pixelated"/>`;
}

/** The scale of similarities, from −1 to 1. */
export function colourScale(x, y, width) {
  const steps = Array.from({ length: 64 }, (_, i) => (2 * i) / 63 - 1);
  return html`${colourMap(steps, 1, 64, x, y, width, 10)}
<text x="${x}" y="${y + 26}">−1</text><text x="${x + width / 2}" y="${y + 26}" class="middle">0</text><text x="${x + width}" y="${y + 26}" class="end">1</text>`;
}

export function text(x, y, words, kind = '') {
  return html`<text x="${x}" y="${y}" class="${kind}">${words}</text>`;
}

export function rectangle(x, y, width, height, colour) {
  return html`<rect x="${x}" y="${y}" width="${width}" height="${height}" fill="${colour}"/>`;
}
