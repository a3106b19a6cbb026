/** A network in words and numbers, found by running two inputs. */
import { elements, type NdArray } from '../array.js';
import type { NetworkDescription } from '../description.js';
import type { Examples } from '../inputs.js';
import type { Checker, CheckReport } from '../network/check.js';
import type { InputSpec, Network } from '../network/network.js';
import type { Objective } from '../network/selection.js';
import type { SettledOptions } from '../options.js';
import { inputValues, pairCost } from '../plan.js';
import { deviation, formsOf, plannedTerms } from '../precision.js';
import { uniform } from '../random.js';

/**
 * Describes a network, and checks it where it has not been yet.
 * @param pair two inputs, one array for each of the model
 * @param checked the findings of an earlier check; null before
 * @param checker null: none is wanted
 */
export function describeNetwork(
  network: Network,
  { output, of = 'output', precision = 'exact', seed = 0 }: SettledOptions,
  pair: readonly NdArray<Float32Array>[],
  objective: Objective,
  checked: CheckReport | null,
  checker: Checker | null,
): NetworkDescription {
  const choice = of === 'loss' ? 'logits' : output;
  const found = network.describe(
    pair,
    choice,
    of === 'loss' && objective === 'output' ? noLabels : objective,
  );
  const terms = plannedTerms(found.terms, found.functions, precision, seed);
  return {
    inputs: network.inputs,
    layers: network.model.layers.map((layer) => ({ name: layer.name, kind: layer.getClassName() })),
    outputs: found.outputs,
    compared: found.functions,
    parameters: network.parameters.map(({ name, layer, shape, size }) => ({ name, layer, shape, size })),
    terms: terms.map((term) => ({
      ...term,
      multiplyAddsPerPair: pairCost(term, found.functions),
      bytesPerInput: inputValues(term, found.functions) * 4,
      forms: formsOf(term, found.functions, precision),
    })),
    precision,
    deviation: deviation(terms, found.functions),
    unused: found.unused,
    check: checked ?? (checker && network.check(pair, checker)),
  };
}

/** Stands for labels where only the shapes matter. */
const noLabels: Objective = { lossOf: { width: 1, data: new Int32Array(2), classes: true } };

/** Whether a model takes inputs of one shape only, so that it can be described before there are any. */
export function isFixed(specs: readonly InputSpec[]): boolean {
  return specs.every(({ shape }) => !shape.includes(null));
}

/** Two inputs to describe and check a network with before any are given: uniform in [0, 1). */
export function randomPair(specs: readonly InputSpec[]): NdArray<Float32Array>[] {
  return specs.map(({ shape }, input) => {
    const extents = [2, ...(shape as number[])];
    return {
      shape: extents,
      data: Float32Array.from({ length: elements(extents) }, (_, i) => uniform(100 + input, i)),
    };
  });
}

/** The first two inputs; the only one twice. */
export function firstPair(examples: Examples): NdArray<Float32Array>[] {
  if (examples.size > 1) return examples.slice(0, 2);
  return examples.slice(0, 1).map(({ shape, data }) => {
    const both = new Float32Array(2 * data.length);
    both.set(data);
    both.set(data, data.length);
    return { shape: [2, ...shape.slice(1)], data: both };
  });
}
