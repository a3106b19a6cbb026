/** Labels as callers have them: class ids, or regression targets. */
import type { NdArray } from './array.js';
import { type OutputSpec, outputWidth, takesClassIds } from './ending.js';
import { refuse } from './errors.js';

/**
 * n class ids (0, 1, …) or n × d regression targets. With d = 1 outputs, n numbers are targets unless the network is a
 * classifier.
 */
export type Labels = ArrayLike<number> | NdArray;

export interface LabelTable {
  readonly size: number;
  /** Numbers per input: 1 for class ids. */
  readonly width: number;
  readonly data: ArrayLike<number>;
  /** Whether these are class ids. */
  readonly classes: boolean;
}

/**
 * Checks labels against a network.
 * @param size inputs in the set
 * @throws NetkinError 'input' for another count or width, values that are not finite, class ids out of range
 */
export function labelTable(labels: Labels, size: number, ends: readonly OutputSpec[]): LabelTable {
  const outputs = outputWidth(ends);
  if (typeof labels !== 'object' || labels === null)
    refuse('usage', 'The labels are neither a list of numbers nor { shape, data }.');
  const array: NdArray =
    'shape' in labels ? labels : { shape: [labels.length], data: Float64Array.from(labels, Number) };
  const given = array.shape[0] ?? 0;
  const width = array.shape.slice(1).reduce((product, extent) => product * extent, 1);
  if (given !== size) refuse('input', `There are ${given} labels for ${size} inputs.`);
  if (array.data.length !== given * width) {
    refuse('input', `The labels have the shape [${array.shape}] but hold ${array.data.length} numbers.`);
  }
  for (let i = 0; i < array.data.length; i++) {
    if (!Number.isFinite(array.data[i]))
      refuse('input', `Label ${Math.floor(i / width)} is ${array.data[i]}.`);
  }
  const classes = width === 1 && takesClassIds(ends);
  if (!classes) {
    if (width !== outputs) {
      refuse(
        'input',
        `Numbers per label: ${width}, outputs of the network: ${outputs}. Give ${takesClassIds(ends) ? 'class ids or ' : ''}n × ${outputs} targets.`,
      );
    }
    return { size, width, data: array.data, classes };
  }
  for (let i = 0; i < size; i++) {
    const id = array.data[i];
    if (Number.isInteger(id) && id >= 0 && id < outputs) continue;
    refuse(
      'input',
      `Label ${i} is ${id}; class ids of this network are whole numbers from 0 to ${outputs - 1}.`,
    );
  }
  return { size, width, data: array.data, classes };
}

/** The labels as n × outputs numbers: class ids become one-hot rows. */
export function targets(table: LabelTable, outputs: number): Float64Array {
  if (!table.classes) return Float64Array.from(table.data);
  const result = new Float64Array(table.size * outputs);
  for (let i = 0; i < table.size; i++) result[i * outputs + table.data[i]] = 1;
  return result;
}
