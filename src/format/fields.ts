/** Values out of a JSON text that nobody vouches for: each is checked on the way out, and named where it is wrong. */
import { refuse } from '../errors.js';

export class Field {
  readonly #value: unknown;
  readonly #path: string;

  /** @param path what the value is called in errors, such as `header.terms` */
  constructor(value: unknown, path: string) {
    this.#value = value;
    this.#path = path;
  }

  get isNull(): boolean {
    return this.#value === null;
  }

  get isText(): boolean {
    return typeof this.#value === 'string';
  }

  /** A field of an object; a missing one is undefined, which no check lets through. */
  at(name: string): Field {
    const value = this.#value;
    if (typeof value !== 'object' || value === null || Array.isArray(value)) this.#expected('an object');
    return new Field(
      Object.hasOwn(value, name) ? Reflect.get(value, name) : undefined,
      `${this.#path}.${name}`,
    );
  }

  has(name: string): boolean {
    const value = this.#value;
    return typeof value === 'object' && value !== null && Object.hasOwn(value, name);
  }

  /** The items of a list of at most so many. */
  items(most = Infinity): Field[] {
    const value = this.#value;
    if (!Array.isArray(value) || value.length > most)
      this.#expected(most === Infinity ? 'a list' : `a list of up to ${most}`);
    return value.map((item, i) => new Field(item, `${this.#path}[${i}]`));
  }

  whole(least: number, most: number): number {
    const value = this.#value;
    if (Number.isSafeInteger(value) && (value as number) >= least && (value as number) <= most)
      return value as number;
    return this.#expected(`a whole number from ${least} to ${most}`);
  }

  /** A number from 0 on. */
  amount(): number {
    const value = this.#value;
    if (typeof value === 'number' && Number.isFinite(value) && value >= 0) return value;
    return this.#expected('a number from 0 on');
  }

  text(): string {
    const value = this.#value;
    return typeof value === 'string' ? value : this.#expected('a text');
  }

  oneOf<const Word extends string>(words: readonly Word[]): Word {
    const word = words.find((candidate) => candidate === this.#value);
    return word ?? this.#expected(words.map((candidate) => `'${candidate}'`).join(' or '));
  }

  #expected(what: string): never {
    const shown = described(this.#value);
    refuse('input', `The index is damaged: ${this.#path} is ${shown}, where ${what} belongs. Make it again.`);
  }
}

/** A value for a message; lists and objects may be of any size and depth. */
function described(value: unknown): string {
  if (value === undefined) return 'missing';
  if (Array.isArray(value)) return `a list of ${value.length}`;
  if (typeof value === 'object' && value !== null) return 'an object';
  return JSON.stringify(typeof value === 'string' ? shortened(value) : value);
}

/** A text of the file for a message. */
export function shortened(text: string): string {
  return text.length > 40 ? `${text.slice(0, 40)}…` : text;
}
