/**
 * A recorded forward pass with the questions answered that the backward walk asks of each tensor: does it depend
 * on the inputs, does it depend on a chosen parameter, is it that parameter itself under another shape?
 */
import { refuse } from '../errors.js';
import type { Parameter } from './parameters.js';
import type { RecordedNode } from './recorder.js';
import type { tf } from './tfjs.js';

export interface Trace {
  readonly examples: number;
  readonly nodes: readonly RecordedNode[];
  readonly producers: ReadonlyMap<number, RecordedNode>;
  readonly consumers: ReadonlyMap<number, readonly RecordedNode[]>;
  /** The parameter that a tensor is, possibly reshaped; its memory order is the parameter's. */
  parameter(tensor: tf.Tensor | null | undefined): Parameter | undefined;
  /** Whether a tensor depends on the inputs. */
  isData(tensor: tf.Tensor | null | undefined): boolean;
  /** Whether the backward walk has to reach a tensor: it depends on inputs and, upstream, on a parameter. */
  carries(tensor: tf.Tensor | null | undefined): boolean;
}

/** Kernels under which a parameter stays itself. */
const renames = new Set(['Identity', 'Reshape', 'ExpandDims', 'Cast']);

function keepsMemoryOrder(node: RecordedNode): boolean {
  if (renames.has(node.kernel)) return true;
  if (node.kernel !== 'Transpose') return false;
  const shape = node.inputs.x!.shape;
  const order = (node.attributes.perm as number[]).filter((axis) => shape[axis] > 1);
  return order.every((axis, i) => i === 0 || axis > order[i - 1]);
}

export function traceOf(
  nodes: readonly RecordedNode[],
  inputs: readonly tf.Tensor[],
  parameters: readonly Parameter[],
): Trace {
  const producers = new Map<number, RecordedNode>();
  const consumers = new Map<number, RecordedNode[]>();
  const aliases = new Map(parameters.map((parameter) => [parameter.variable.id, parameter]));
  const data = new Set(inputs.map((input) => input.id));
  const carriers = new Set<number>();
  const computed = new Map<number, Parameter>();

  for (const node of nodes) {
    const own = Object.values(node.inputs).filter((tensor) => tensor !== null && tensor !== undefined);
    for (const tensor of own) consumers.set(tensor.id, [...(consumers.get(tensor.id) ?? []), node]);
    const isData = own.some((tensor) => data.has(tensor.id));
    const weight = own.map((tensor) => aliases.get(tensor.id)).find(Boolean);
    const derived = own.map((tensor) => computed.get(tensor.id)).find(Boolean);
    if (isData && derived) {
      refuse(
        'unsupported',
        `Layer '${node.layer}': parameter '${derived.name}' is changed before op ${node.kernel} applies it to activities, as recurrent layers do; netkin has no rule for that yet.`,
      );
    }
    const carried = own.some((tensor) => carriers.has(tensor.id)) || (isData && weight !== undefined);
    for (const output of node.outputs) {
      producers.set(output.id, node);
      if (isData) data.add(output.id);
      if (carried) carriers.add(output.id);
      if (isData) continue;
      if (weight && keepsMemoryOrder(node)) aliases.set(output.id, weight);
      else if (weight ?? derived) computed.set(output.id, (weight ?? derived)!);
    }
  }

  return {
    examples: inputs[0].shape[0],
    nodes,
    producers,
    consumers,
    parameter: (tensor) => (tensor ? aliases.get(tensor.id) : undefined),
    isData: (tensor) => !!tensor && data.has(tensor.id),
    carries: (tensor) => !!tensor && carriers.has(tensor.id),
  };
}
