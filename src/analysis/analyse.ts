/** The whole analysis of a data set, gathered for the report: every measure once, all pairs in one sweep. */
import { isClassifier, outputWidth } from '../ending.js';
import type { Engine } from '../engine.js';
import { refuse } from '../errors.js';
import { type Examples, examplesOf, type Inputs } from '../inputs.js';
import { type Labels, labelTable } from '../labels.js';
import type { HeatMap, Neighbour, ReportData, Suspect } from '../report/data.js';
import type { Neighbours } from '../similarity/neighbours.js';
import { VOTERS } from '../similarity/suspects.js';
import { predictedClasses, probabilities } from '../softmax.js';
import type { Watch } from '../watch.js';
import { averagedLabels, denoisedCount } from './averaged.js';
import { densityOf } from './crowding.js';
import { compareDetection, losses, lossGradientNorms, PIXEL_VOTERS } from './detection.js';
import { flagNotes, modelFacts } from './facts.js';
import { fitPoints } from './fitting.js';
import { histogramOfPairs, pickPairs } from './pairs.js';
import { isPicture, pictures } from './pictures.js';
import { sharesOf } from './shares.js';

export interface AnalysisOptions extends Watch {
  readonly title: string;
  readonly model: string;
  /** Date and version, as shown. */
  readonly generated: string;
  readonly labels?: Labels | undefined;
  readonly classes?: readonly string[] | null;
  /** Names of the inputs, such as their files. */
  readonly names?: readonly string[] | null;
  /** True class ids, where they are known (demonstrations). */
  readonly truth?: ArrayLike<number>;
  /** Stages that ran before, such as training. */
  readonly timings?: readonly { readonly stage: string; readonly seconds: number }[];
}

const SHOWN_SUSPECTS = 60;
const SHOWN_NEIGHBOURS = 6;
const HEAT_MAP = 160;

export async function analyse(engine: Engine, inputs: Inputs, options: AnalysisOptions): Promise<ReportData> {
  const timings = [...(options.timings ?? [])];
  const timed = async <Result>(stage: string, work: () => Promise<Result>): Promise<Result> => {
    const start = Date.now();
    const result = await work();
    timings.push({ stage, seconds: (Date.now() - start) / 1000 });
    return result;
  };
  const examples = examplesOf(inputs, engine.inputs);
  const { size } = examples;
  if (size < 3) refuse('input', `A report needs at least 3 inputs; there are ${size}.`);
  const seen = await timed('gradients', () =>
    engine.perspective(inputs, { ...watchOf(options), ...(options.labels && { labels: options.labels }) }),
  );
  const { network } = engine;
  const width = outputWidth(network.outputs);
  const classifier = isClassifier(network.outputs);
  // What mixes rows with values of all outputs needs all of them, in the network's order.
  const complete = seen.compared?.length === width && seen.compared.every((output, i) => output === i);
  const table = options.labels && labelTable(options.labels, seen.size, network.outputs);
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
  const fit =
    options.labels &&
    (await timed('label variance', () =>
      seen.fit(options.labels!, { ...watchOf(options), neighbours, density: counts }),
    ));

  const certain = classifier ? probabilities(seen.logits, width) : null;
  const predicted = classifier ? predictedClasses(seen.logits, width) : null;
  const confidence = predicted && certain && Float64Array.from(predicted, (c, i) => certain[i * width + c]);
  const suspects = labels
    ? await seen.suspects(labels, seen.size, { ...watchOf(options), neighbours })
    : null;
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
  const comparable = classifier && complete;
  const detection =
    options.truth && labels && suspects && comparable
      ? compareDetection(
          options.truth,
          labels,
          width,
          suspects.map(({ index }) => index),
          {
            loss: losses(seen.logits, labels, width),
            gradientNorm: lossGradientNorms(seen.logits, labels, seen.selfKernels.data, width),
            pixels: raw,
          },
        )
      : undefined;
  const denoising =
    options.labels && table && complete
      ? await timed(`denoising of ${denoisedCount(seen.size)} labels`, () =>
          averagedLabels(seen, options.labels!, table, watchOf(options)),
        )
      : undefined;
  const shares = await timed('layer shares', () => sharesOf(seen, neighbours, network, options.signal));
  const shown = exampleInputs(labels, seen.size, width);
  const density = densityOf(counts);
  const points = fit && fitPoints(fit);
  const nearest = shown.map((index) => ({
    index,
    bySimilarity: firstNeighbours(neighbours, index),
    byPixels: firstNeighbours(raw, index),
  }));
  const visible = [
    ...(shownSuspects ?? []).flatMap((s) => [s.index, ...s.neighbours.map((n) => n.index)]),
    ...nearest.flatMap((n) => [
      n.index,
      ...n.bySimilarity.map((m) => m.index),
      ...n.byPixels.map((m) => m.index),
    ]),
    ...density.bins.flatMap(({ example }) => (example === null ? [] : [example])),
    ...[...density.isolated, ...density.crowded].map(({ index }) => index),
    ...(points?.mixed.map(({ index }) => index) ?? []),
    ...map.inputs,
    ...shares.rows.flatMap(({ pair }) => pair ?? []),
    ...(denoising?.rows.map(({ index }) => index) ?? []),
  ];
  const [images] = examples.arrays;
  const drawn = isPicture(images.shape.slice(1));
  return {
    title: options.title,
    generated: options.generated,
    inputs: seen.size,
    model: modelFacts(options.model, network, seen),
    timings,
    notes: flagNotes(seen, network),
    pictures: drawn ? pictures(images, visible) : null,
    features: drawn ? undefined : features(examples, visible),
    names: options.names ?? undefined,
    classes: options.classes ?? null,
    labels,
    predictions: predicted && confidence ? { classes: predicted, confidence } : undefined,
    suspects: shownSuspects,
    detection,
    nearest,
    density,
    fit: points,
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
function heatMapInputs(
  size: number,
  labels: ArrayLike<number> | null,
): { inputs: number[]; groups: HeatMap['groups'] } {
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

function heatMap(
  { inputs, groups }: { inputs: number[]; groups: HeatMap['groups'] },
  values: Float32Array,
): HeatMap {
  return { size: inputs.length, values, inputs, groups };
}

/** One input of each class, or ten spread over the set. */
function exampleInputs(labels: Int32Array | null, size: number, classes: number): number[] {
  if (!labels)
    return Array.from({ length: Math.min(10, size) }, (_, i) => Math.floor((i * size) / Math.min(10, size)));
  return Array.from({ length: Math.min(classes, 12) }, (_, c) => labels.indexOf(c)).filter(
    (index) => index >= 0,
  );
}

function features(examples: Examples, chosen: Iterable<number>): Map<number, Float32Array> {
  return new Map(
    Array.from(new Set(chosen), (index) => [index, examples.slice(index, index + 1)[0].data.slice()]),
  );
}
