/** The whole analysis of a data set, gathered for the report: every measure once, all pairs in one sweep. */
import type { NdArray } from '../array.js';
import type { Engine, NetworkDescription } from '../engine.js';
import { refuse } from '../errors.js';
import { examplesOf, type Inputs } from '../inputs.js';
import { type Labels, labelTable } from '../labels.js';
import { predictedClasses, probabilities } from '../network/selection.js';
import type { Perspective } from '../perspective.js';
import type { Denoising, Density, HeatMap, LayerShares, Neighbour, ReportData, Suspect } from '../report/data.js';
import type { Neighbours } from '../similarity/neighbours.js';
import { VOTERS } from '../similarity/suspects.js';
import type { Watch } from '../watch.js';
import { compareDetection, lossGradientNorms, losses, orderBy, PIXEL_VOTERS } from './detection.js';
import { histogramOfPairs, pickPairs } from './pairs.js';
import { isPicture, pictures } from './pictures.js';

export interface AnalysisOptions extends Watch {
  readonly title: string;
  readonly model: string;
  /** Date and version, as shown. */
  readonly generated: string;
  readonly labels?: Labels | undefined;
  readonly classes?: readonly string[] | null;
  /** True class ids, where they are known (demonstrations). */
  readonly truth?: ArrayLike<number>;
  /** Stages that ran before, such as training. */
  readonly timings?: readonly { readonly stage: string; readonly seconds: number }[];
  readonly notes?: readonly string[];
}

const SHOWN_SUSPECTS = 60;
const SHOWN_NEIGHBOURS = 6;
const DENOISED = 160;
const DENOISED_ROWS = 12;
const HEAT_MAP = 160;
const DENSITY_BINS = 24;
const SHARED_PAIRS = 200;

export async function analyse(engine: Engine, inputs: Inputs, options: AnalysisOptions): Promise<ReportData> {
  const timings = [...(options.timings ?? [])];
  const timed = async <Result>(stage: string, work: () => Promise<Result>): Promise<Result> => {
    const start = Date.now();
    const result = await work();
    timings.push({ stage, seconds: (Date.now() - start) / 1000 });
    return result;
  };
  const seen = await timed('gradients', () =>
    engine.perspective(inputs, { ...watchOf(options), ...(options.labels && { labels: options.labels }) }),
  );
  if (seen.size < 3) refuse('input', `A report needs at least 3 inputs; there are ${seen.size}.`);
  const { network } = engine;
  const width = network.outputs.reduce((sum, { size }) => sum + size, 0);
  const classifier = network.outputs.length === 1 && network.outputs[0].lookedThrough !== null;
  const table = options.labels && labelTable(options.labels, seen.size, width, classifier);
  const labels = table?.classes ? Int32Array.from(table.data) : null;

  const voters = Math.min(VOTERS, seen.size - 1);
  const histogram = histogramOfPairs(labels);
  const map = heatMapInputs(seen.size, labels);
  const picked = pickPairs(map.inputs, seen.size);
  const neighbours = await timed('similarities of all pairs', () =>
    seen.nearestOthers(voters, {
      ...watchOf(options),
      visit: (strip) => {
        histogram.visit(strip);
        picked.visit(strip);
      },
    }),
  );
  const raw = await timed('plain pixel similarities', () =>
    engine.rawNearestOthers(inputs, Math.min(PIXEL_VOTERS, seen.size - 1), watchOf(options)),
  );
  const counts = await timed('density', () => seen.density('soft', watchOf(options)));
  const [arrays] = examplesOf(inputs, network.inputs).arrays;

  const certain = classifier ? probabilities(seen.logits, width) : null;
  const predicted = classifier ? predictedClasses(seen.logits, width) : null;
  const confidence = predicted && certain && Float64Array.from(predicted, (c, i) => certain[i * width + c]);
  const suspects = labels ? await seen.suspects(labels, seen.size, { ...watchOf(options), neighbours }) : null;
  const shownSuspects = suspects?.slice(0, SHOWN_SUSPECTS).map(
    (suspect): Suspect => ({
      index: suspect.index,
      label: suspect.label as number,
      suggested: suspect.suggested as number,
      score: suspect.score,
      confidence: confidence ? confidence[suspect.index] : null,
      neighbours: firstNeighbours(neighbours, suspect.index).map((n) => ({ ...n, label: labels![n.index] })),
      truth: options.truth?.[suspect.index],
    }),
  );
  const comparable = classifier && seen.outputs === width;
  const detection =
    options.truth && labels && suspects && comparable
      ? compareDetection(options.truth, labels, width, suspects.map(({ index }) => index), {
          loss: losses(seen.logits, labels, width),
          gradientNorm: lossGradientNorms(seen.logits, labels, seen.selfKernels.data, width),
          pixels: raw,
        })
      : undefined;
  const denoising =
    table && (seen.outputs === width || classifier)
      ? await timed(`denoising of ${Math.min(DENOISED, seen.size)} labels`, () => denoisingOf(seen, options, width, table.classes))
      : undefined;
  const shares = await timed('layer shares', () => sharesOf(seen, neighbours, network));
  const shown = exampleInputs(labels, seen.size, width);
  const density = densityOf(counts);
  const nearest = shown.map((index) => ({
    index,
    bySimilarity: firstNeighbours(neighbours, index),
    byPixels: firstNeighbours(raw, index),
  }));
  const visible = [
    ...(shownSuspects ?? []).flatMap((s) => [s.index, ...s.neighbours.map((n) => n.index)]),
    ...nearest.flatMap((n) => [n.index, ...n.bySimilarity.map((m) => m.index), ...n.byPixels.map((m) => m.index)]),
    ...density.bins.flatMap(({ example }) => (example === null ? [] : [example])),
    ...[...density.isolated, ...density.crowded].map(({ index }) => index),
    ...map.inputs,
    ...shares.rows.flatMap(({ pair }) => pair ?? []),
    ...(denoising?.rows.map(({ index }) => index) ?? []),
  ];
  const drawn = isPicture(arrays.shape.slice(1));
  return {
    title: options.title,
    generated: options.generated,
    inputs: seen.size,
    model: modelFacts(options.model, network, seen),
    timings,
    notes: [...(options.notes ?? []), ...flagNotes(seen, network)],
    pictures: drawn ? pictures(arrays, visible) : null,
    features: drawn ? undefined : features(arrays, visible),
    classes: options.classes ?? null,
    labels,
    predictions: predicted && confidence ? { classes: predicted, confidence } : undefined,
    suspects: shownSuspects,
    detection,
    nearest,
    density,
    similarities: histogram.result(),
    heatMap: heatMap(map, picked.values),
    layerShares: shares,
    denoising,
  };
}

function watchOf({ signal, progress }: Watch): Watch {
  return { ...(signal && { signal }), ...(progress && { progress }) };
}

function firstNeighbours({ count, indices, similarities }: Neighbours, input: number): Neighbour[] {
  return Array.from({ length: Math.min(SHOWN_NEIGHBOURS, count) }, (_, rank) => ({
    index: indices[input * count + rank],
    similarity: similarities[input * count + rank],
  }));
}

/** Inputs of the heat map, evenly taken from the set and ordered by class. */
function heatMapInputs(size: number, labels: ArrayLike<number> | null): { inputs: number[]; groups: HeatMap['groups'] } {
  const count = Math.min(HEAT_MAP, size);
  const inputs = Array.from({ length: count }, (_, i) => Math.floor((i * size) / count));
  if (!labels) return { inputs, groups: [] };
  inputs.sort((a, b) => labels[a] - labels[b] || a - b);
  const groups: { label: number; from: number; to: number }[] = [];
  inputs.forEach((input, position) => {
    const last = groups.at(-1);
    if (last?.label === labels[input]) last.to = position + 1;
    else groups.push({ label: labels[input], from: position, to: position + 1 });
  });
  return { inputs, groups };
}

function heatMap({ inputs, groups }: { inputs: number[]; groups: HeatMap['groups'] }, values: Float32Array): HeatMap {
  return { size: inputs.length, values, inputs, groups };
}

/** One input of each class, or ten spread over the set. */
function exampleInputs(labels: Int32Array | null, size: number, classes: number): number[] {
  if (!labels) return Array.from({ length: Math.min(10, size) }, (_, i) => Math.floor((i * size) / Math.min(10, size)));
  return Array.from({ length: Math.min(classes, 12) }, (_, c) => labels.indexOf(c)).filter((index) => index >= 0);
}

function densityOf(counts: Float32Array): Density {
  const order = orderBy(counts).reverse();
  const low = counts[order[0]];
  const step = (counts[order[order.length - 1]] - low) / DENSITY_BINS || 1;
  const members: number[][] = Array.from({ length: DENSITY_BINS }, () => []);
  for (const input of order) members[Math.min(DENSITY_BINS - 1, Math.floor((counts[input] - low) / step))].push(input);
  const entry = (index: number) => ({ index, count: counts[index] });
  return {
    counts,
    bins: members.map((inside, bin) => ({
      from: low + bin * step,
      to: low + (bin + 1) * step,
      count: inside.length,
      example: inside.length > 0 ? inside[Math.floor(inside.length / 2)] : null,
    })),
    isolated: order.slice(0, 3).map(entry),
    crowded: order.slice(-3).reverse().map(entry),
  };
}

/** Average shares over nearest pairs, and a few single pairs from the most to the least similar. */
async function sharesOf(seen: Perspective, neighbours: Neighbours, network: NetworkDescription): Promise<LayerShares> {
  const layers = [...new Set(network.parameters.map(({ layer }) => layer))];
  const explained = async (i: number, j: number) => {
    const { similarity, layers: found } = await seen.explain(i, j);
    return { similarity, shares: layers.map((name) => found.find(({ layer }) => layer === name)?.share ?? 0) };
  };
  const count = Math.min(SHARED_PAIRS, seen.size);
  const mean = { similarity: 0, shares: layers.map(() => 0) };
  const single: LayerShares['rows'][number][] = [];
  for (let k = 0; k < count; k++) {
    const i = Math.floor((k * seen.size) / count);
    const j = neighbours.indices[i * neighbours.count];
    const { similarity, shares } = await explained(i, j);
    mean.similarity += similarity / count;
    shares.forEach((share, layer) => {
      mean.shares[layer] += share / count;
    });
    if (k < 2) single.push({ pair: [i, j], name: 'nearest pair', similarity, shares });
  }
  for (const [i, j] of [
    [0, seen.size - 1],
    [1, Math.floor(seen.size / 2)],
  ]) {
    if (i !== j) single.push({ pair: [i, j], name: 'any pair', ...(await explained(i, j)) });
  }
  return { layers, rows: [{ pair: null, name: `average of ${count} nearest pairs`, ...mean }, ...single] };
}

async function denoisingOf(seen: Perspective, options: AnalysisOptions, width: number, oneHot: boolean): Promise<Denoising> {
  const count = Math.min(DENOISED, seen.size);
  const inputs = Array.from({ length: count }, (_, i) => Math.floor((i * seen.size) / count));
  const result = await seen.denoise(options.labels!, { inputs, ...watchOf(options) });
  const defined = Array.from(result.factor).filter((factor) => Number.isFinite(factor));
  const table = labelTable(options.labels!, seen.size, width, oneHot);
  const rows = Array.from(result.inputs, (index, row) => ({
    index,
    given: Array.from({ length: seen.outputs }, (_, c) =>
      oneHot ? Number(table.data[index] === c) : table.data[index * table.width + c],
    ),
    averaged: result.labels.slice(row * seen.outputs, (row + 1) * seen.outputs),
    factor: result.factor[row],
    shift: result.shift[row],
    flag: result.cancelling.includes(index) ? 'weights nearly cancel' : undefined,
  }));
  const finite = rows.filter(({ factor }) => Number.isFinite(factor));
  return {
    meanFactor: defined.reduce((sum, factor) => sum + factor, 0) / Math.max(1, defined.length),
    residual: result.residual,
    rows: finite.sort((a, b) => b.shift - a.shift).slice(0, DENOISED_ROWS),
  };
}

function modelFacts(name: string, network: NetworkDescription, seen: Perspective): ReportData['model'] {
  const through = network.outputs.find(({ lookedThrough }) => lookedThrough)?.lookedThrough;
  return {
    name,
    parameters: network.parameters.reduce((sum, { size }) => sum + size, 0),
    outputs: seen.outputs,
    outputChoice: through ? `logits: the final ${through.kind} of '${through.layer}' was looked through` : 'the outputs as they are',
    layers: network.terms.map((term) => ({
      name: term.parameters.join(' + '),
      kind: term.rule,
      parameters: term.size,
      choice: term.kind,
      multiplyAddsPerPair: term.multiplyAddsPerPair,
    })),
  };
}

function flagNotes(seen: Perspective, network: NetworkDescription): string[] {
  const { zero, singular, nearlySingular } = seen.flags;
  const list = (inputs: readonly number[]) => `${inputs.slice(0, 5).join(', ')}${inputs.length > 5 ? ', …' : ''}`;
  return [
    ...(network.check ? [] : ['The self-check of gradients was skipped.']),
    ...(zero.length > 0 ? [`${zero.length} inputs have a zero gradient and are similar to nothing: ${list(zero)}.`] : []),
    ...(singular.length > 0 ? [`K(x,x) is singular at ${singular.length} inputs (pseudo-inverse): ${list(singular)}.`] : []),
    ...(nearlySingular.length > 0 ? [`K(x,x) is nearly singular at ${nearlySingular.length} inputs: ${list(nearlySingular)}.`] : []),
    ...(network.unused.length > 0 ? [`Without influence on the chosen outputs: ${network.unused.join(', ')}.`] : []),
  ];
}

function features(array: NdArray<Float32Array>, chosen: Iterable<number>): Map<number, Float32Array> {
  const size = array.data.length / array.shape[0];
  return new Map(Array.from(new Set(chosen), (index) => [index, array.data.slice(index * size, (index + 1) * size)]));
}
