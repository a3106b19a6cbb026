/** The table of second-order rules: a kernel that is not in it is refused by name. */
import { add, batchNormalization, divide, maximum, minimum, multiply, prelu, subtract } from './broadcast.js';
import { extreme, linear, maxPool } from './linear.js';
import { curvatures, pointwise, softmax, still, straight } from './pointwise.js';
import type { SecondRule } from './rule.js';
import { convolution, dense } from './weights.js';

const names = (rule: SecondRule, ...kernels: string[]): Record<string, SecondRule> =>
  Object.fromEntries(kernels.map((kernel) => [kernel, rule]));

export const secondRules: Readonly<Record<string, SecondRule>> = {
  ...names(dense, 'BatchMatMul', '_FusedMatMul'),
  ...names(convolution, 'Conv2D', 'FusedConv2D'),
  FusedBatchNorm: batchNormalization,
  Prelu: prelu,
  ...names(add, 'Add', 'AddV2'),
  Sub: subtract,
  Multiply: multiply,
  RealDiv: divide,
  Minimum: minimum,
  Maximum: maximum,
  MaxPool: maxPool,
  Softmax: softmax,
  ...Object.fromEntries(Object.entries(curvatures).map(([kernel, second]) => [kernel, pointwise(second)])),
  ...names(straight, 'Relu', 'Relu6', 'LeakyRelu', 'Abs', 'Neg', 'ClipByValue'),
  ...names(still, 'Greater', 'GreaterEqual', 'Less', 'LessEqual', 'Step', 'Sign'),
  ...names(linear(), 'AvgPool', 'Cast', 'Identity', 'Reshape', 'ExpandDims', 'ResizeNearestNeighbor'),
  ...names(linear(), 'Transpose', 'Concat', 'Slice', 'Sum', 'Mean'),
  PadV2: linear((own) => ({ ...own, constantValue: 0 })),
  Max: extreme('reductionIndices'),
  Min: extreme('axis'),
};
