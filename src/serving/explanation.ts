/** What is said of one input beside a set: what the network predicts, whom it holds to be alike, and how many. */
import type { NdArray } from '../array.js';
import { isClassifier, predictions } from '../ending.js';
import type { Engine } from '../engine.js';
import type { Inputs } from '../inputs.js';
import type { Perspective } from '../perspective.js';
import type { LayerShare } from '../similarity/explanation.js';
import type { Watch } from '../watch.js';

export interface Explanation {
  readonly prediction: PredictedOutput;
  /** Nearest examples of the set, best first. */
  readonly neighbours: readonly ExplainedNeighbour[];
  readonly density: ExplainedDensity;
}

export type PredictedOutput =
  /** No name where the labels' order of classes is not that of the network's outputs. */
  | { readonly class: number; readonly name: string | null; readonly probability: number }
  | { readonly outputs: readonly number[] };

export interface ExplainedNeighbour {
  /** In the set. */
  readonly index: number;
  /** k^C, -1 to 1. */
  readonly similarity: number;
  /** Class id, or targets; null where the set has no labels. */
  readonly label: number | readonly number[] | null;
  /** The name of the example, such as its file, and of its class. */
  readonly name: string | null;
  readonly className: string | null;
  /** Only if asked for. */
  readonly layers?: readonly LayerShare[];
}

export interface ExplainedDensity {
  /** Soft density: how many examples of the set the network holds to be like this input. */
  readonly alike: number;
  readonly of: number;
  /** Share of the set's examples around which there are fewer others, 0 to 1. */
  readonly fewerAround: number;
  readonly sentence: string;
}

export interface Question {
  /** How many neighbours are wanted. */
  readonly count: number;
  /** Whether the share of each layer is. */
  readonly layers: boolean;
  /** Of the network, for the input. */
  readonly outputs: NdArray<Float32Array>;
  /** Of the network's outputs; null where they are not known. */
  readonly outputNames: readonly string[] | null;
  /** Soft densities of the set without the examples themselves, ascending. */
  readonly others: Float32Array;
  readonly watch: Watch;
}

/** @param input one example */
export async function explanation(
  engine: Engine,
  seen: Perspective,
  input: Inputs,
  { count, layers, outputs, outputNames, others, watch }: Question,
): Promise<Explanation> {
  // One look at all of the set serves both: captures cost more than comparisons.
  const { data: similarities } = await seen.against(input, watch);
  const alike = similarities.reduce((sum, similarity) => sum + similarity, 0);
  const nearest = nearestOf(similarities, count);
  const shares = layers ? await seen.explain(input, nearest, watch) : [];
  const neighbours = nearest.map((index, place) => ({
    ...described(seen, index),
    similarity: similarities[index],
    ...(layers && { layers: shares[place].layers }),
  }));
  return {
    prediction: predicted(engine, outputNames, outputs.data),
    neighbours,
    density: dense(alike, others),
  };
}

/** Indices of the largest values, largest first; among equals the smaller index, as `nearest` has it. */
function nearestOf(similarities: Float32Array, count: number): number[] {
  const indices = [...similarities.keys()];
  return indices.sort((a, b) => similarities[b] - similarities[a] || a - b).slice(0, count);
}

function described(seen: Perspective, index: number): Omit<ExplainedNeighbour, 'similarity' | 'layers'> {
  const { labels, classes, names } = seen;
  const width = labels ? labels.data.length / seen.size : 0;
  const own = labels ? Array.from(labels.data.subarray(index * width, (index + 1) * width)) : [];
  const label = own.length === 0 ? null : own.length === 1 ? own[0] : own;
  const className = typeof label === 'number' ? (classes?.[label] ?? null) : null;
  return { index, label, name: names?.[index] ?? null, className };
}

function predicted(
  { network }: Engine,
  classes: readonly string[] | null,
  outputs: Float32Array,
): PredictedOutput {
  const values = predictions(outputs, network.outputs);
  if (!isClassifier(network.outputs)) return { outputs: Array.from(values) };
  const best = values.indexOf(Math.max(...values));
  return { class: best, name: classes?.[best] ?? null, probability: values[best] };
}

function dense(alike: number, others: Float32Array): ExplainedDensity {
  const of = others.length;
  const fewer = others.findIndex((density) => density >= alike);
  const fewerAround = (fewer < 0 ? of : fewer) / of;
  const sentence = `The network holds about ${Math.max(0, Math.round(alike))} of ${of} examples to be like this one; around ${Math.round(100 * fewerAround)} % of the examples there are fewer.`;
  return { alike, of, fewerAround, sentence };
}
