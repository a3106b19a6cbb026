/** Which colour is which layer, and what each adds to the similarity of one row. */
import { html, type TemplateResult } from 'lit';
import { decimal } from '../../src/report/format.js';
import type { LayerShare } from '../../src/similarity/explanation.js';
import { depth } from './bar.js';
import type { Neighbour } from './neighbour.js';
import { styled } from './styled.js';

/** More are not read one by one; the style sheet keeps room for as many. */
const NAMED = 6;

/** In words: "conv_1 0.31, dense 0.52". */
export function sharesInWords(layers: readonly LayerShare[]): string {
  return layers.map(({ layer, share }) => `${layer} ${decimal(share)}`).join(', ');
}

/**
 * @param neighbour the row that is spoken of; null keeps the room free
 * @param title what that row is called
 */
export function legend(neighbour: Neighbour | null, title = ''): TemplateResult {
  const layers = neighbour?.layers ?? [];
  if (!neighbour || layers.length === 0) return html`<div part="legend" aria-hidden="true"></div>`;
  const { named, others } = largest(layers);
  return html`<div part="legend">
    <p><bdi>${title}</bdi>, layer by layer</p>
    <dl ${styled({ '--rows': String(Math.ceil(Math.min(layers.length, NAMED) / 2)) })}>
      ${named.map(({ layer, share, place }) => entry(layer, share, depth(place, layers.length)))}
      ${others === null ? null : entry(`${layers.length - named.length} others`, others, null)}
    </dl>
  </div>`;
}

/** @param place between the colours of the first and the last layer; null: many places */
function entry(name: string, share: number, place: string | null): TemplateResult {
  return html`<div>
    <dt title=${name}>
      ${place === null ? null : html`<span part="key" ${styled({ '--depth': place })}></span>`}<bdi>${name}</bdi>
    </dt>
    <dd>${decimal(share)}</dd>
  </div>`;
}

/** The layers that add or take most, in the order of the network, and the sum of the others, if there are others. */
function largest(layers: readonly LayerShare[]) {
  const placed = layers.map((layer, place) => ({ ...layer, place }));
  if (placed.length <= NAMED) return { named: placed, others: null };
  const bySize = placed.toSorted((a, b) => Math.abs(b.share) - Math.abs(a.share));
  const named = bySize.slice(0, NAMED - 1).sort((a, b) => a.place - b.place);
  return { named, others: bySize.slice(NAMED - 1).reduce((sum, { share }) => sum + share, 0) };
}
