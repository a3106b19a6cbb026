/** How one input appears: its picture, else a sparkline of its features, else its index; and its label in words. */
import type { ReportData } from './data.js';
import { decimal } from './format.js';
import { type Content, type Html, html } from './html.js';

const SPARKLINE_POINTS = 64; // more cannot be told apart at 56 pixels

/** The name of a class id as plain text, for attributes. */
export function className(data: ReportData, id: number): string {
  if (id < 0 || !Number.isInteger(id)) return 'unlabelled';
  return data.classes?.[id] ?? `class ${id}`;
}

/** The name of a class id, isolated so that right-to-left or control characters inside cannot disturb the page. */
export function classText(data: ReportData, id: number): Html {
  return html`<bdi>${className(data, id)}</bdi>`;
}

/** The given class id of an input, -1 when there is none. */
export function labelOf(data: ReportData, index: number): number {
  return data.labels?.[index] ?? -1;
}

/** "Input 12, labelled Coat" */
function describe(data: ReportData, index: number): string {
  const label = labelOf(data, index);
  const name = data.names?.[index];
  const input = name === undefined ? `Input ${index}` : `Input ${index}, ${name}`;
  return label < 0 ? input : `${input}, labelled ${className(data, label)}`;
}

/** "input 12", with its name where it has one. */
export function inputName(data: ReportData, index: number): Html {
  const name = data.names?.[index];
  return name === undefined ? html`input ${index}` : html`input ${index}, <bdi>${name}</bdi>`;
}

/** The picture's URI when it is one that cannot reach the network. */
export function pictureOf(data: ReportData, index: number): string | null {
  const uri = data.pictures?.get(index);
  return uri !== undefined && /^data:image\/(png|jpeg|gif|webp);base64,[A-Za-z0-9+/=]+$/.test(uri)
    ? uri
    : null;
}

/** The input itself, at the size that the surrounding style gives to `.input`. */
export function inputView(data: ReportData, index: number): Html {
  const name = describe(data, index);
  const uri = pictureOf(data, index);
  if (uri !== null) return html`<img class="input" src="${uri}" alt="${name}" title="${name}">`;
  const values = data.features?.get(index);
  if (values !== undefined && values.length > 1) return sparkline(values, name);
  return html`<span class="input bare" title="${name}">#${index}</span>`;
}

/** An input with one or more caption lines. `mark` says how it relates to its surroundings, see the style sheet. */
export function tile(data: ReportData, index: number, caption: Content, mark?: 'agrees' | 'differs'): Html {
  return html`<figure class="${mark === undefined ? 'tile' : `tile ${mark}`}">${inputView(data, index)}<figcaption>${caption}</figcaption></figure>`;
}

/** The same tile captioned with a similarity. */
export function neighbourTile(
  data: ReportData,
  neighbour: { readonly index: number; readonly similarity: number },
  mark?: 'agrees' | 'differs',
): Html {
  return tile(data, neighbour.index, decimal(neighbour.similarity), mark);
}

function sparkline(values: ArrayLike<number>, name: string): Html {
  const count = Math.min(values.length, SPARKLINE_POINTS);
  const picked = Array.from(
    { length: count },
    (_, i) => values[Math.round((i * (values.length - 1)) / (count - 1))]!,
  );
  const finite = picked.filter(Number.isFinite);
  const low = Math.min(...finite);
  const range = Math.max(...finite) - low;
  const points = picked.flatMap((value, i) => {
    if (!Number.isFinite(value)) return [];
    const height = range > 0 ? (value - low) / range : 0.5;
    return [`${(4 + (48 * i) / (count - 1)).toFixed(1)},${(50 - 44 * height).toFixed(1)}`];
  });
  return html`<svg class="input" viewBox="0 0 56 56" role="img" aria-label="${name}"><title>${name}</title><polyline points="${points.join(' ')}"/></svg>`;
}
