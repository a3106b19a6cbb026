/** The table of what is equal in which runtime, for people: printed by the tests, and shown in the README. */
import { createHash } from 'node:crypto';
import { MEASURES } from '../contract/measures.js';
import type { Outcome } from './driver.js';

/** Digits of a hash that are shown; all of them are compared. */
const SHOWN = 8;

/**
 * Rows of Markdown: for each runtime the start of the SHA-256 of each result.
 * @param outcomes by the runtime's name, the reference first; null where there is none
 */
export function equalityTable(outcomes: ReadonlyMap<string, Outcome | null>): string {
  const hashes = ({ measures }: Outcome) => MEASURES.map((name) => sha256(measures[name]));
  const [reference] = outcomes.values();
  const expected = reference ? hashes(reference) : [];
  const rows = Array.from(outcomes, ([name, outcome]) => {
    if (!outcome) return [name, 'did not run', ...MEASURES.map(() => '–'), 'no'];
    const found = hashes(outcome);
    const equal = found.every((hash, i) => hash === expected[i]);
    return [
      name,
      outcome.version,
      ...found.map((hash) => `\`${hash.slice(0, SHOWN)}\``),
      equal ? 'yes' : 'no',
    ];
  });
  const head = ['runtime', 'version', ...MEASURES, 'equal'];
  return [head, head.map(() => '---'), ...rows].map((cells) => `| ${cells.join(' | ')} |`).join('\n');
}

/** Each measure with what is shown of its hash. */
export function shownHashes({ measures }: Outcome): (readonly [string, string])[] {
  return MEASURES.map((name) => [name, sha256(measures[name]).slice(0, SHOWN)] as const);
}

function sha256(base64: string): string {
  return createHash('sha256').update(Buffer.from(base64, 'base64')).digest('hex');
}
