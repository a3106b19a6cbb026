/** The measures that average labels: labels, predictions and choices in the form that the arithmetic takes. */
import { outputWidth, predictions } from '../ending.js';
import { refuse } from '../errors.js';
import { targets } from '../labels.js';
import { type Corrected, correct } from '../similarity/correction.js';
import { type Denoised, denoise } from '../similarity/denoising.js';
import type { RowSource } from '../similarity/source.js';
import type { Work } from '../work.js';
import { assertCount, assertInputs } from './arguments.js';
import type { Labelled } from './labelled.js';

/** @param inputs whose averages are wanted; default: all */
export function* denoised(
  source: RowSource,
  labelled: Labelled,
  inputs: readonly number[] | undefined,
): Work<Denoised> {
  const { given, predicted } = averaged(labelled, 'denoise');
  const chosen = [...new Set(inputs ?? Array(source.size).keys())].sort((a, b) => a - b);
  if (chosen.length === 0)
    refuse('usage', 'There is no input to denoise: give indices, or leave the inputs out for all of them.');
  assertInputs(chosen, source.size);
  return yield* denoise(source, given, predicted, Int32Array.from(chosen));
}

export function* corrected(source: RowSource, labelled: Labelled, rounds: number): Work<Corrected> {
  const { given } = averaged(labelled, 'correct');
  assertCount(rounds, Infinity, 'the rounds');
  return yield* correct(source, given, rounds, labelled.table.classes);
}

/** Labels and predictions of the compared outputs, n × d. */
function averaged({ table, heads, compared, logits }: Labelled, measure: string) {
  if (!compared) {
    refuse('usage', `${measure} averages outputs: use output 'logits', 'all' or indices, and of 'output'.`);
  }
  const width = outputWidth(heads);
  const pick = (rows: Float64Array) => columns(rows, width, compared);
  return { given: pick(targets(table, width)), predicted: pick(predictions(logits, heads)) };
}

/** Chosen columns of rows × width values. */
function columns(rows: Float64Array, width: number, chosen: readonly number[]): Float64Array {
  const result = new Float64Array((rows.length / width) * chosen.length);
  for (let i = 0; i < result.length; i++) {
    result[i] = rows[Math.floor(i / chosen.length) * width + chosen[i % chosen.length]];
  }
  return result;
}
