/** The frame that every section shares: heading, what you see, what to do next. */
import { type Content, type Html, html } from './html.js';

export interface Section {
  /** Anchor; constant text. */
  readonly id: string;
  /** Entry in the navigation. */
  readonly short: string;
  readonly title: string;
  /** One sentence: what you see and how to read it. */
  readonly lead: Content;
  /** One sentence: what to do with it. */
  readonly next?: Content;
  readonly body: Content;
}

export function frame(section: Section): Html {
  return html`
<section id="${section.id}" aria-labelledby="${section.id}-title">
<h2 id="${section.id}-title">${section.title}</h2>
<p class="lead">${section.lead}</p>
${section.next && html`<p class="next"><strong>What to do:</strong> ${section.next}</p>`}
${section.body}
</section>`;
}

/** A table that scrolls inside its own frame when the window is narrower than its words. */
export function table(
  caption: Content,
  head: readonly Column[],
  rows: readonly (readonly Content[])[],
): Html {
  const cells = (row: readonly Content[]) =>
    row.map((cell, i) =>
      i === 0
        ? html`<th scope="row">${cell}</th>`
        : html`<td${head[i]!.number && html` class="number"`}>${cell}</td>`,
    );
  return html`
<div class="table"><table>
<caption>${caption}</caption>
<thead><tr>${head.map((column) => html`<th scope="col"${column.number && html` class="number"`}>${column.name}</th>`)}</tr></thead>
<tbody>${rows.map((row) => html`<tr>${cells(row)}</tr>\n`)}</tbody>
</table></div>`;
}

interface Column {
  readonly name: Content;
  /** Right-aligned with even digits. */
  readonly number?: boolean;
}
