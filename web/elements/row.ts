/** One neighbour as an option of the list: picture, label, name, similarity, bar. */
import { html, nothing, type TemplateResult } from 'lit';
import { decimal } from '../../src/report/format.js';
import { type Axis, bar } from './bar.js';
import { sharesInWords } from './legend.js';
import { type Examples, labelOf, type Neighbour, nameOf, pictureOf } from './neighbour.js';
import { pictureView } from './picture.js';

export interface RowState {
  readonly place: number;
  /** Whether Tab leads to this row: exactly one of the list. */
  readonly active: boolean;
  readonly selected: boolean;
  readonly axis: Axis;
}

export function row(neighbour: Neighbour, examples: Examples, state: RowState): TemplateResult {
  const { place, active, selected, axis } = state;
  const label = labelOf(neighbour, examples);
  const name = nameOf(neighbour, examples);
  const picture = pictureOf(neighbour, examples);
  const shares = neighbour.layers?.length ? `shares-${place}` : nothing;
  return html`<li
    part=${selected ? 'row selected' : 'row'}
    role="option"
    aria-selected=${selected}
    aria-describedby=${shares}
    tabindex=${active ? 0 : -1}
    data-place=${place}
  >
    ${picture === null ? null : pictureView(picture)}
    <div class="words">
      <bdi part="label" title=${label ?? name}>${label ?? name}</bdi>
      ${label === null ? null : html`<span class="hidden">, </span><bdi part="name" title=${name}>${name}</bdi>`}
      <span class="hidden">, similarity </span><span part="value">${decimal(neighbour.similarity)}</span>
      ${bar(neighbour, axis)}
    </div>
    ${neighbour.layers?.length ? html`<span id=${shares} hidden>Layers: ${sharesInWords(neighbour.layers)}</span>` : null}
  </li>`;
}

/** The room of a row that is still to come. */
export function emptyRow(pictured: boolean): TemplateResult {
  return html`<div part="row" class="coming">
    ${pictured ? html`<div part="picture"></div>` : null}
    <div class="words"><span part="label"></span><span part="value"></span><div part="bar"></div></div>
  </div>`;
}
