/** The custom element `<netkin-neighbours>`: the training examples that a network holds to be most like an input. */
import { html, LitElement, type PropertyValues, type TemplateResult } from 'lit';
import { property, state } from 'lit/decorators.js';
import { decimal, plural } from '../../src/report/format.js';
import { axisOf } from './bar.js';
import { faultOf } from './faults.js';
import { placeAfter } from './keys.js';
import { legend } from './legend.js';
import { type Examples, type Neighbour, titleOf } from './neighbour.js';
import { emptyRow, row } from './row.js';
import { type Question, Search } from './search.js';
import { STYLE } from './style.js';

/** How many neighbours are shown where the page does not say. */
const COUNT = 5;

/** Rows for which room is kept: more than a screen shows. */
const MOST_COMING = 100;

/** What the event `netkin-select` carries as `detail`. */
export interface Selection {
  readonly index: number;
  readonly neighbour: Neighbour;
}

/**
 * Shows the nearest training examples of one input: found by itself through `perspective` and `input`, or `neighbours`
 * that came from elsewhere. Enter, Space or a click on a row fires `netkin-select`.
 */
export class NetkinNeighbours extends LitElement implements Examples {
  static override readonly styles = STYLE;

  /** The training examples as the network sees them; may bring labels, classes, names and thumbnails along. */
  @property({ attribute: false }) accessor perspective: (Question['perspective'] & Partial<Examples>) | null =
    null;
  /** An input of the perspective, by index, or one outside it. */
  @property({ attribute: false }) accessor input: Question['input'] | null = null;
  /** Without the layers: plain bars, and fewer computations. */
  @property({ type: Boolean, attribute: 'without-layers' }) accessor withoutLayers = false;

  /** Neighbours found elsewhere, best first, such as a server's answer: `perspective` and `input` are not asked then. */
  @property({ attribute: false }) accessor neighbours: readonly Neighbour[] | null = null;
  /** Whether neighbours are being found elsewhere. */
  @property({ type: Boolean }) accessor busy = false;
  /** Why none were found elsewhere. */
  @property() accessor error: string | null = null;

  @property({ attribute: false }) accessor labels: Examples['labels'] = null;
  @property({ attribute: false }) accessor classes: Examples['classes'] = null;
  @property({ attribute: false }) accessor names: Examples['names'] = null;
  @property({ attribute: false }) accessor thumbnails: Examples['thumbnails'] = null;
  /** What the list is called for those who hear it. */
  @property() accessor label = 'Nearest training examples';
  /** Index of the example that was chosen; null: none. */
  @property({ attribute: false }) accessor selected: number | null = null;

  @state() accessor #place = 0;
  readonly #search = new Search(this);
  #count = COUNT;
  #fault: string | null = null;

  /** How many are shown, default 5, which also stands for what is no whole number above 0. */
  get count(): number {
    return this.#count;
  }

  @property({ type: Number })
  set count(count: number) {
    this.#count = Number.isSafeInteger(count) && count > 0 ? count : COUNT;
  }

  protected override willUpdate(changed: PropertyValues<this>): void {
    const handed = ['perspective', 'neighbours', 'labels', 'classes', 'names', 'thumbnails'] as const;
    const before = this.#fault;
    if (handed.some((name) => changed.has(name))) this.#fault = faultOf(this);
    const asked = ['perspective', 'input', 'count', 'withoutLayers', 'neighbours'] as const;
    if (this.#fault !== before || asked.some((name) => changed.has(name)))
      void this.#search.ask(this.#question());
    if (changed.has('input') || changed.has('neighbours')) this.#place = 0;
  }

  #question(): Question | null {
    const { perspective, input, count, neighbours, withoutLayers } = this;
    // Frameworks hand over undefined for what they have not got yet.
    const nothing =
      perspective === null || perspective === undefined || input === null || input === undefined;
    if (this.#fault !== null || neighbours || nothing) return null;
    return { perspective, input, count, layers: !withoutLayers };
  }

  protected override render(): TemplateResult {
    const shown = this.neighbours ?? this.#search.found;
    const failure = this.error ?? this.#fault ?? this.#search.failure;
    const busy = this.busy || this.#search.under;
    return html`<div part="frame">
      <p class="hidden" role="status">${this.#status(shown, busy, failure)}</p>
      ${failure !== null ? this.#failed(failure) : shown ? this.#list(shown, busy) : busy ? this.#coming() : this.#nothing()}
    </div>`;
  }

  #list(shown: readonly Neighbour[], busy: boolean): TemplateResult {
    if (shown.length === 0) return html`<p part="empty">There is no other example to compare with.</p>`;
    const place = Math.min(this.#place, shown.length - 1);
    const examples = this.#examples();
    const axis = axisOf(shown);
    const layered = shown.some(({ layers }) => layers?.length);
    return html`<ol
        part="list"
        role="listbox"
        aria-label=${this.label}
        aria-busy=${busy}
        @keydown=${this.#pressed}
        @click=${this.#clicked}
        @focusin=${this.#focused}
      >
        ${shown.map((neighbour, i) =>
          row(neighbour, examples, {
            place: i,
            active: i === place,
            selected: neighbour.index === this.selected,
            axis,
          }),
        )}
      </ol>
      ${layered ? legend(shown[place]!, titleOf(shown[place]!, examples)) : null}`;
  }

  #coming(): TemplateResult {
    // What a server will answer is not known yet; most examples are pictures.
    const pictured = this.perspective === null || this.#examples().thumbnails !== null;
    return html`<div class="list" aria-hidden="true">
        ${Array.from({ length: this.#expected() }, () => emptyRow(pictured))}
      </div>
      ${this.withoutLayers ? null : legend(null)}`;
  }

  #nothing(): TemplateResult {
    return html`<p part="empty">Choose an input to see the training examples most like it.</p>`;
  }

  #failed(reason: string): TemplateResult {
    return html`<p part="error"><strong>The nearest examples cannot be shown.</strong> ${reason}</p>`;
  }

  /** Announced when it changes. */
  #status(shown: readonly Neighbour[] | null, busy: boolean, failure: string | null): string {
    if (failure !== null) return `The nearest examples cannot be shown. ${failure}`;
    if (busy) return 'Looking for the nearest training examples …';
    const [first] = shown ?? [];
    if (!first) return '';
    const title = titleOf(first, this.#examples());
    return `${plural(shown!.length, 'training example')}; the nearest: ${title}, similarity ${decimal(first.similarity)}.`;
  }

  #expected(): number {
    return Math.min(this.count, this.perspective?.size ?? MOST_COMING, MOST_COMING);
  }

  /** What the page says goes before what the perspective brought along. */
  #examples(): Examples {
    const { perspective } = this;
    return {
      labels: this.labels ?? perspective?.labels ?? null,
      classes: this.classes ?? perspective?.classes ?? null,
      names: this.names ?? perspective?.names ?? null,
      thumbnails: this.thumbnails ?? perspective?.thumbnails ?? null,
    };
  }

  #pressed(event: KeyboardEvent): void {
    if (event.altKey || event.ctrlKey || event.metaKey) return;
    if (event.key === 'Enter' || event.key === ' ') {
      event.preventDefault();
      this.#select(placeOf(event));
      return;
    }
    const rows = this.renderRoot.querySelectorAll<HTMLElement>('[role=option]');
    const place = placeAfter(event.key, this.#place, rows.length);
    if (place === null) return;
    event.preventDefault();
    rows[place]?.focus();
  }

  #clicked(event: MouseEvent): void {
    this.#select(placeOf(event));
  }

  #focused(event: FocusEvent): void {
    this.#place = placeOf(event) ?? this.#place;
  }

  #select(place: number | null): void {
    const neighbour = place === null ? undefined : (this.neighbours ?? this.#search.found)?.[place];
    if (!neighbour) return;
    this.selected = neighbour.index;
    const detail: Selection = { index: neighbour.index, neighbour };
    this.dispatchEvent(new CustomEvent('netkin-select', { detail, bubbles: true, composed: true }));
  }
}

/** The place of the row in which something happened. */
function placeOf(event: Event): number | null {
  const { place } = (event.target as HTMLElement).closest<HTMLElement>('[role=option]')?.dataset ?? {};
  return place === undefined ? null : Number(place);
}
