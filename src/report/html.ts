/**
 * HTML that is safe by construction: `html` escapes every value except those that `html` itself made.
 * All attributes in this folder are double-quoted, so one escaping serves text and attributes alike.
 */

/** A piece of finished HTML. A class, because parsed data can imitate an object but never an instance. */
export class Html {
  readonly #text: string;
  constructor(text: string) {
    this.#text = text;
  }
  toString(): string {
    return this.#text;
  }
}

export type Content = string | number | Html | null | undefined | false | readonly Content[];

const ENTITIES: Readonly<Record<string, string>> = {
  '&': '&amp;',
  '<': '&lt;',
  '>': '&gt;',
  '"': '&quot;',
  "'": '&#39;',
};

/** Text for element content or a quoted attribute. Control characters, which HTML forbids, become U+FFFD. */
function escapeText(text: string): string {
  return (
    text
      // biome-ignore lint/suspicious/noControlCharactersInRegex: they are what is removed
      .replace(/[\u0000-\u0008\u000b\u000c\u000e-\u001f\u007f-\u009f]/g, '\ufffd')
      .replace(/[&<>"']/g, (character) => ENTITIES[character]!)
  );
}

function write(content: Content): string {
  if (content === null || content === undefined || content === false) return '';
  if (content instanceof Html) return content.toString();
  if (typeof content === 'string') return escapeText(content);
  if (typeof content === 'number') return Number.isFinite(content) ? String(content) : '–';
  return content.map(write).join('');
}

/** Template tag: strings are escaped, lists joined, null and false vanish, a number that is not finite becomes a dash. */
export function html(strings: TemplateStringsArray, ...values: readonly Content[]): Html {
  return new Html(strings.reduce((page, text, i) => page + write(values[i - 1]) + text));
}

/** Marks text written in this folder (style sheet, script) as HTML. Never for data. */
export function trusted(text: string): Html {
  return new Html(text);
}

/** A JSON block that scripts can read and that no string inside can close. */
export function jsonBlock(id: string, value: unknown): Html {
  const json = JSON.stringify(value).replace(
    /[<>&\u2028\u2029]/g,
    (character) => `\\u${character.charCodeAt(0).toString(16).padStart(4, '0')}`,
  );
  return html`<script type="application/json" id="${id}">${trusted(json)}</script>`;
}
