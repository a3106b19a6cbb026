/** A similarity as a bar, cut into what each layer adds: positive pieces to the right of zero, negative to the left. */
import { html, type TemplateResult } from 'lit';
import { cssShare } from '../../src/report/format.js';
import type { Neighbour } from './neighbour.js';
import { styled } from './styled.js';

/** The stretch of numbers that all bars of a list share. */
export interface Axis {
  readonly low: number;
  readonly high: number;
}

/** From the longest stack of negative pieces to the longest of positive ones, at least [0, 1]. */
export function axisOf(neighbours: readonly Neighbour[]): Axis {
  const stack = (neighbour: Neighbour, sign: 1 | -1) =>
    pieces(neighbour).reduce((sum, piece) => sum + Math.max(0, sign * piece), 0);
  return {
    low: -Math.max(0, ...neighbours.map((neighbour) => stack(neighbour, -1))),
    high: Math.max(1, ...neighbours.map((neighbour) => stack(neighbour, 1))),
  };
}

/** The shares of the layers, or the similarity in one piece. */
function pieces({ layers, similarity }: Neighbour): readonly number[] {
  return layers?.length ? layers.map(({ share }) => share) : [similarity];
}

/** Where layer `i` of `count` lies between the colours of the first and the last, which the style sheet mixes. */
export function depth(i: number, count: number): string {
  return cssShare(count > 1 ? i / (count - 1) : 1);
}

/** Decorative: the words of the row say the same. */
export function bar(neighbour: Neighbour, { low, high }: Axis): TemplateResult {
  const part = (length: number) => cssShare(length / (high - low));
  const layered = Boolean(neighbour.layers?.length);
  let left = 0;
  let right = 0;
  const drawn = pieces(neighbour).map((piece, i, all) => {
    const start = piece < 0 ? left + piece : right;
    if (piece < 0) left += piece;
    else right += piece;
    return html`<i
      part="piece"
      ${styled({
        'inset-inline-start': part(start - low),
        'inline-size': part(Math.abs(piece)),
        '--depth': depth(i, all.length),
      })}
    ></i>`;
  });
  const mark = (at: number, name: string) =>
    html`<b class=${name} ${styled({ 'inset-inline-start': part(at - low) })}></b>`;
  return html`<div part="bar" aria-hidden="true">
    ${drawn}${low < 0 ? mark(0, 'zero') : null}${left < 0 && layered ? mark(neighbour.similarity, 'sum') : null}
  </div>`;
}
