/** Reads a tfjs layers model as data and differentiates it in float64: the Jacobians that netkin should capture. */
import type * as tf from '@tensorflow/tfjs';
import { type LayerSettings, layerRules, type OracleLayer } from './layers.js';
import { Tape, type Value } from './tape.js';

export interface OracleParameter {
  /** `layer/weight`. */
  readonly name: string;
  readonly layer: string;
  readonly shape: readonly number[];
  readonly offset: number;
  readonly size: number;
}

/** Inputs of a model: one array per model input, n × anything, row-major. */
export type Arrays = readonly { readonly shape: readonly number[]; readonly data: ArrayLike<number> }[];

export interface Jacobians {
  readonly size: number;
  /** The number d of outputs (logits where a softmax ends the model). */
  readonly outputs: number;
  readonly parameters: readonly OracleParameter[];
  /** rows[x][c]: gradient of output c at input x, P numbers. */
  readonly rows: readonly (readonly Float64Array[])[];
  /** n × d values of the outputs. */
  readonly values: readonly Float64Array[];
}

export interface Weight {
  readonly name: string;
  readonly shape: readonly number[];
  readonly data: Float64Array;
}

/** Every weight of a model by `layer/weight`, and which of them are parameters. */
export function readWeights(model: tf.LayersModel): { weights: Weight[]; parameters: OracleParameter[] } {
  const weights: Weight[] = [];
  const parameters: OracleParameter[] = [];
  let offset = 0;
  for (const layer of model.layers) {
    for (const weight of layer.weights) {
      const name = `${layer.name}/${weight.originalName.split('/').pop()}`;
      const tensor = weight.read();
      weights.push({ name, shape: tensor.shape, data: Float64Array.from(tensor.dataSync()) });
      if (!layer.trainableWeights.includes(weight)) continue;
      parameters.push({ name, layer: layer.name, shape: tensor.shape, offset, size: tensor.size });
      offset += tensor.size;
    }
  }
  return { weights, parameters };
}

/** Runs one example; `weights` may be changed copies of the model's. */
function forward(model: tf.LayersModel, weights: readonly Weight[], example: readonly Float64Array[]) {
  const tape = new Tape();
  const weightOf = new Map(weights.map(({ name, shape, data }) => [name, tape.value(shape, data)]));
  const known = new Map<number, Value>();
  model.inputs.forEach((input, i) => {
    known.set(input.id, tape.value(shapeOf(input, example[i].length), example[i]));
  });
  const evaluate = (tensor: tf.SymbolicTensor): Value => {
    const found = known.get(tensor.id);
    if (found) return found;
    const layer = tensor.sourceLayer;
    const operands = layer.inboundNodes[tensor.nodeIndex].inputTensors.map(evaluate);
    const settings = layer.getConfig() as LayerSettings;
    const custom = (layer as unknown as OracleLayer).oracle;
    const rule = custom ?? layerRules[layer.getClassName()];
    if (!rule) throw new Error(`The oracle does not know ${layer.getClassName()}.`);
    const isLast = model.outputs.includes(tensor);
    const result = rule(tape, operands, {
      settings:
        isLast && settings.activation === 'softmax' ? { ...settings, activation: 'linear' } : settings,
      weight: (name) => weightOf.get(`${layer.name}/${name}`),
      looksThrough: isLast,
    });
    known.set(tensor.id, result);
    return result;
  };
  return { tape, weightOf, outputs: model.outputs.map(evaluate) };
}

function shapeOf(input: tf.SymbolicTensor, length: number): number[] {
  const fixed = input.shape.slice(1);
  const product = fixed.reduce<number>((total, extent) => total * (extent ?? 1), 1);
  return fixed.map((extent) => extent ?? length / product);
}

/** One example of a set as float64 arrays. */
export function exampleOf(inputs: Arrays, index: number): Float64Array[] {
  return inputs.map(({ shape, data }) => {
    const length = data.length / shape[0];
    return Float64Array.from({ length }, (_, i) => data[index * length + i]);
  });
}

/** Outputs of one example with one parameter vector changed: for finite differences. */
export function evaluate(
  model: tf.LayersModel,
  weights: readonly Weight[],
  inputs: Arrays,
  index: number,
): number[] {
  return forward(model, weights, exampleOf(inputs, index)).outputs.flatMap(({ data }) => [...data]);
}

/** The outputs of one example, and the gradient of their sum weighted by `seed`, which may depend on them. */
export function gradientAt(
  model: tf.LayersModel,
  weights: readonly Weight[],
  parameters: readonly OracleParameter[],
  inputs: Arrays,
  index: number,
  seed: (outputs: Float64Array) => ArrayLike<number>,
): { outputs: Float64Array; gradient: Float64Array } {
  const { tape, weightOf, outputs } = forward(model, weights, exampleOf(inputs, index));
  const values = Float64Array.from(outputs.flatMap(({ data }) => [...data]));
  const seeds = Array.from(seed(values));
  tape.differentiateSum(outputs.map((output) => ({ output, weights: seeds.splice(0, output.data.length) })));
  const gradient = new Float64Array(parameters.reduce((sum, { size }) => sum + size, 0));
  for (const { name, offset } of parameters) gradient.set(weightOf.get(name)!.slope, offset);
  return { outputs: values, gradient };
}

/** The Jacobians G(x) of all outputs at all inputs. */
export function jacobians(model: tf.LayersModel, inputs: Arrays): Jacobians {
  const { weights, parameters } = readWeights(model);
  const total = parameters.reduce((sum, { size }) => sum + size, 0);
  const rows: Float64Array[][] = [];
  const values: Float64Array[] = [];
  for (let index = 0; index < inputs[0].shape[0]; index++) {
    const { tape, weightOf, outputs } = forward(model, weights, exampleOf(inputs, index));
    values.push(Float64Array.from(outputs.flatMap(({ data }) => [...data])));
    rows.push(
      outputs.flatMap((output) =>
        Array.from(output.data, (_, element) => {
          tape.differentiate(output, element);
          const row = new Float64Array(total);
          for (const { name, offset } of parameters) row.set(weightOf.get(name)!.slope, offset);
          return row;
        }),
      ),
    );
  }
  return { size: rows.length, outputs: values[0].length, parameters, rows, values };
}
