/** The table of rules: a kernel that is not in it is refused by name. */
import type { RecordedNode } from '../recorder.js';
import { add, divide, maximum, minimum, multiply, subtract } from './broadcast.js';
import { convolution } from './convolution.js';
import { dense } from './dense.js';
import { batchNormalization } from './normalization.js';
import { alongAxes, audited, flat, prelu, softmax } from './pointwise.js';
import { averagePool, maxPool } from './pool.js';
import type { Rule } from './rule.js';

function axes(value: unknown, rank: number): number[] {
  const list = value === undefined || value === null ? [...Array(rank).keys()] : [value].flat();
  return (list as number[]).map((axis) => (axis < 0 ? axis + rank : axis));
}

const reduction = (attribute: string) =>
  alongAxes((node) => {
    const x = node.inputs.x!;
    return x.rank === 0 || !axes(node.attributes[attribute], x.rank).includes(0);
  });

const wholeBatch = (node: RecordedNode) => {
  const x = node.inputs.x!;
  const begin = [node.attributes.begin].flat() as number[];
  const size = [node.attributes.size].flat() as number[];
  return begin[0] === 0 && (size[0] === -1 || size[0] === x.shape[0]);
};

const paddedInside = (node: RecordedNode) => {
  const [first] = node.attributes.paddings as [number, number][];
  return first[0] === 0 && first[1] === 0;
};

export const rules: Readonly<Record<string, Rule>> = {
  BatchMatMul: dense,
  _FusedMatMul: dense,
  Conv2D: convolution,
  FusedConv2D: convolution,
  FusedBatchNorm: batchNormalization,
  Prelu: prelu,
  Add: add,
  AddV2: add,
  Sub: subtract,
  Multiply: multiply,
  RealDiv: divide,
  Minimum: minimum,
  Maximum: maximum,
  MaxPool: maxPool,
  AvgPool: averagePool,
  Softmax: softmax,
  Relu: audited,
  Relu6: audited,
  Elu: audited,
  Selu: audited,
  LeakyRelu: audited,
  Sigmoid: audited,
  Softplus: audited,
  Tanh: audited,
  Exp: audited,
  Log: audited,
  Abs: audited,
  Neg: audited,
  Square: audited,
  Sqrt: audited,
  Rsqrt: audited,
  Erf: audited,
  Pow: audited,
  ClipByValue: audited,
  Greater: flat,
  GreaterEqual: flat,
  Less: flat,
  LessEqual: flat,
  Step: flat,
  Sign: flat,
  Cast: audited,
  Identity: audited,
  Reshape: audited,
  ExpandDims: audited,
  ResizeNearestNeighbor: audited,
  Transpose: alongAxes((node) => (node.attributes.perm as number[])[0] === 0),
  Concat: alongAxes((node) => axes(node.attributes.axis, node.outputs[0].rank)[0] !== 0),
  Slice: alongAxes(wholeBatch),
  PadV2: alongAxes(paddedInside),
  Sum: reduction('axis'),
  Mean: reduction('axis'),
  Max: reduction('reductionIndices'),
  Min: reduction('axis'),
};
