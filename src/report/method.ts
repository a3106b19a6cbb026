/** How the numbers were made: the layers and the path chosen for each, and where the time went. */
import type { ReportData, Timing } from './data.js';
import { compact, cssShare, duration, whole } from './format.js';
import { type Html, html } from './html.js';
import { type Section, table } from './section.js';

export function methodSection(data: ReportData): Section {
  const { layers } = data.model;
  return {
    id: 'method',
    short: 'Method',
    title: 'How this was computed',
    lead: html`The similarity k<sup>C</sup> of two inputs is the cosine of the parameter gradients of the network's outputs, between −1 and 1: how much learning from one would move the answer for the other. No label enters it.`,
    body: html`
<p class="quiet">Outputs: ${data.model.outputChoice}</p>
${
  layers.length > 0 &&
  table(
    'Layers with parameters, and how their gradients are compared',
    [
      { name: 'Layer' },
      { name: 'kind' },
      { name: 'parameters', number: true },
      { name: 'path' },
      { name: 'multiply-adds per pair', number: true },
    ],
    layers.map((layer) => [
      html`<bdi>${layer.name}</bdi>`,
      layer.kind,
      whole(layer.parameters),
      layer.choice,
      compact(layer.multiplyAddsPerPair),
    ]),
  )
}
${data.timings.length > 0 && timings(data.timings)}`,
  };
}

/** Total of the stage timings in seconds. */
export function totalTime(timings: readonly Timing[]): number {
  return timings.reduce((sum, { seconds }) => sum + seconds, 0);
}

function timings(stages: readonly Timing[]): Html {
  const longest = Math.max(1e-9, ...stages.map(({ seconds }) => seconds));
  return table(
    html`Where the time went: ${duration(totalTime(stages))} in all`,
    [{ name: 'Stage' }, { name: 'time' }],
    stages.map(({ stage, seconds }) => [
      stage,
      html`<div class="meter time"><div class="track"><div style="width:${cssShare(seconds / longest)}"></div></div><span>${duration(seconds)}</span></div>`,
    ]),
  );
}
