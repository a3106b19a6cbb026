/**
 * Which sections an index has, in which order, and where: all of it follows from its facts, so a reader compares what
 * the header declares with what it must be, and a size is never believed.
 *
 * Gradient rows are stored as they lie in kernel memory: 16 inputs to a panel, [panel][element][16], term by term
 * activities and values (see similarity/operand.ts); missing inputs of the last panel are zeros. Rounded to int8, every
 * input has a scale for each run of elements, [panel][run][16].
 */
import { elements } from '../array.js';
import type { Term } from '../plan.js';
import { ROUNDED_RUN } from '../precision.js';
import { contrastOf, elementBytes, type IndexFacts, type Section, type SectionType } from './index-header.js';

/** Inputs of a panel, as the kernels have them. */
export const PANEL = 16;
/** So that sections can be looked at as any type of number, and copied in cache lines. */
const ALIGNMENT = 64;

/** What an index may hold besides; null where it does not. */
export interface Attachments<Shape = readonly number[]> {
  /** n class ids, or n × targets. */
  readonly labels: Shape | null;
  /** A JSON list of n texts: its bytes. */
  readonly names: Shape | null;
  /** n × height × width × channels. */
  readonly thumbnails: Shape | null;
}

export function aligned(bytes: number): number {
  return Math.ceil(bytes / ALIGNMENT) * ALIGNMENT;
}

/** All sections in their places. */
export function layOut(facts: IndexFacts, attached: Attachments): Section[] {
  const sections: Section[] = [];
  let offset = 0;
  const add = (name: string, type: SectionType, shape: readonly number[]) => {
    sections.push({ name, type, shape, offset });
    offset = aligned(offset + elements(shape) * elementBytes[type]);
  };
  const { size: n, outputs: d } = facts;
  add('logits', 'float32', [n, facts.heads.reduce((sum, head) => sum + head.size, 0)]);
  add('selfKernels', 'float64', [n, d, d]);
  add('inverseRoots', 'float64', [n, d, d]);
  add('ranks', 'int32', [n]);
  add('nearlySingular', 'uint8', [n]);
  add('density', 'float32', [n]);
  const compared = contrastOf(facts.options.output);
  if (compared?.contrast === 'given') add('contrasts', 'int32', [n]);
  if (compared?.adversary === 'given') add('adversaries', 'int32', [n]);
  if (attached.labels) add('labels', 'float64', attached.labels);
  if (attached.names) add('names', 'uint8', attached.names);
  if (attached.thumbnails) add('thumbnails', 'uint8', attached.thumbnails);
  const panels = Math.ceil(n / PANEL);
  for (const [i, term] of facts.terms.entries()) {
    for (const [side, length] of sides(term, d)) {
      const name = rowSection(side, i);
      add(name, facts.rows, [panels, length, PANEL]);
      if (facts.rows === 'int8')
        add(scaleSection(side, i), 'float32', [panels, Math.ceil(length / ROUNDED_RUN), PANEL]);
    }
  }
  return sections;
}

export type RowSide = 'activities' | 'values';

/** What a term has, with the elements of one input. */
export function sides(term: Term, outputs: number): (readonly [RowSide, number])[] {
  const values = ['values', outputs * term.positions * term.right] as const;
  return term.left === 0 ? [values] : [['activities', term.positions * term.left], values];
}

export function rowSection(side: RowSide, term: number): string {
  return `${side}/${term}`;
}

export function scaleSection(side: RowSide, term: number): string {
  return `scales/${side}/${term}`;
}

/** Bytes of all sections, the gaps between them included. */
export function sectionBytes(sections: readonly Section[]): number {
  const { type, shape, offset } = sections.at(-1)!;
  return aligned(offset + elements(shape) * elementBytes[type]);
}
