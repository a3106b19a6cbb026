/** What the reader must know of the model and of the reservations. */
import type { NetworkDescription } from '../description.js';
import type { Perspective } from '../perspective.js';
import type { ReportData } from '../report/data.js';

export function modelFacts(
  name: string,
  network: NetworkDescription,
  seen: Perspective,
): ReportData['model'] {
  const through = network.outputs.find(({ lookedThrough }) => lookedThrough)?.lookedThrough;
  return {
    name,
    parameters: network.parameters.reduce((sum, { size }) => sum + size, 0),
    outputs: seen.outputs,
    outputChoice: through
      ? `logits: the final ${through.kind} of '${through.layer}' was looked through`
      : 'the outputs as they are',
    layers: network.terms.map((term) => ({
      name: term.parameters.join(' + '),
      kind: term.rule,
      parameters: term.size,
      choice: term.kind,
      multiplyAddsPerPair: term.multiplyAddsPerPair,
    })),
  };
}

export function flagNotes(seen: Perspective, network: NetworkDescription): string[] {
  const { zero, singular, nearlySingular } = seen.flags;
  const list = (inputs: readonly number[]) =>
    `${inputs.slice(0, 5).join(', ')}${inputs.length > 5 ? ', …' : ''}`;
  return [
    ...(network.check ? [] : ['The self-check of gradients was skipped.']),
    ...(network.deviation > 0
      ? [
          `Gradients were sketched (precision ${network.precision}): the standard deviation of a similarity k is up to ${network.deviation.toFixed(4)} · (1 − k²).`,
        ]
      : []),
    ...(zero.length > 0
      ? [`${zero.length} inputs have a zero gradient and are similar to nothing: ${list(zero)}.`]
      : []),
    ...(singular.length > 0
      ? [`K(x,x) is singular at ${singular.length} inputs (pseudo-inverse): ${list(singular)}.`]
      : []),
    ...(nearlySingular.length > 0
      ? [`K(x,x) is nearly singular at ${nearlySingular.length} inputs: ${list(nearlySingular)}.`]
      : []),
    ...(network.unused.length > 0
      ? [`Without influence on the chosen outputs: ${network.unused.join(', ')}.`]
      : []),
  ];
}
